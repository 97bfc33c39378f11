// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import java.util.List;

/** How much is measured. */
public enum Form {
    /** For tests: every benchmark once, on the smallest sizes; the numbers mean nothing. */
    MINIATURE,
    /** About three minutes: every row, few sizes, short iterations, most of it in one JVM. */
    QUICK,
    /** All sizes and devices, each benchmark in a JVM of its own. */
    FULL;

    private static final long KIB = 1 << 10;
    private static final long MIB = 1 << 20;
    private static final long GIB = 1 << 30;

    /** {@return bytes of the round trips to an OpenCL device; fewer sizes of private ones} */
    List<Long> peerBytes(String device) {
        if (this == FULL && !device.startsWith("opencl:")) {
            return List.of(4 * KIB, 64 * KIB, MIB, 16 * MIB, 256 * MIB, GIB);
        }
        return switch (this) {
            case MINIATURE -> List.of(4 * KIB, 64 * KIB);
            case QUICK -> List.of(4 * KIB, 64 * KIB, MIB, 16 * MIB, 256 * MIB);
            case FULL ->
                List.of(
                        4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB, 16 * MIB, 64 * MIB,
                        256 * MIB, GIB);
        };
    }

    /** {@return bytes of the round trips that are made by turns with other libraries'} */
    List<Integer> turnsBytes(Condition condition) {
        return switch (this) {
            case MINIATURE -> List.of(4 << 10);
            case QUICK -> List.of(4 << 10, 1 << 20, 16 << 20);
            case FULL ->
                condition == Condition.IDLE
                        ? List.of(4 << 10, 64 << 10, 1 << 20, 16 << 20, 256 << 20, 1 << 30)
                        : List.of(4 << 10, 64 << 10, 1 << 20, 16 << 20, 256 << 20);
        };
    }

    /** {@return how long each of them is measured} */
    long turnsMillis() {
        return switch (this) {
            case MINIATURE -> 10;
            case QUICK -> 2000;
            case FULL -> 5000;
        };
    }

    /** {@return how many moves are taken apart} */
    int partTrips() {
        return switch (this) {
            case MINIATURE -> 4;
            case QUICK -> 5000;
            case FULL -> 20_000;
        };
    }

    /** {@return how long others are made before them} */
    long partMillis() {
        return this == MINIATURE ? 0 : 4000;
    }

    /** {@return bytes of the copies that are shared and not shared} */
    List<Long> sharedBytes() {
        return this == MINIATURE ? List.of(4 * MIB) : List.of(MIB, 16 * MIB, 256 * MIB);
    }

    /** {@return how long each of them is measured} */
    long sharedMillis() {
        return switch (this) {
            case MINIATURE -> 10;
            case QUICK -> 1000;
            case FULL -> 10_000;
        };
    }

    /** {@return bytes of the round trips to every kind of device} */
    List<Long> roundTripBytes() {
        return switch (this) {
            case MINIATURE -> List.of(4 * KIB);
            case QUICK -> List.of(4 * KIB, MIB, 256 * MIB);
            case FULL -> List.of(4 * KIB, 64 * KIB, MIB, 16 * MIB, 256 * MIB, GIB);
        };
    }

    /** {@return bytes of the buffer that a pin brings home} */
    long homeBytes() {
        return this == MINIATURE ? 4 * MIB : 256 * MIB;
    }

    /** {@return bytes of the ranges that the kernel holds} */
    List<Long> heldBytes() {
        return this == MINIATURE ? List.of(4 * KIB, 4 * MIB) : List.of(4 * KIB, MIB, 256 * MIB);
    }

    /** {@return pages of the range that is pinned page by page} */
    long rangePages() {
        return this == MINIATURE ? 64 : 65_536;
    }

    /** {@return pages of the page tables without memory behind them} */
    List<Long> tablePages() {
        return switch (this) {
            case MINIATURE -> List.of(64L, 256L);
            case QUICK -> List.of(64L, 4096L, 262_144L, 16_777_216L);
            case FULL -> List.of(64L, 1024L, 16_384L, 262_144L, 4_194_304L, 16_777_216L);
        };
    }

    /** {@return pages of the ranges with real memory} */
    List<Long> realPages() {
        return switch (this) {
            case MINIATURE -> List.of(64L);
            case QUICK -> List.of(64L, 65_536L);
            case FULL -> List.of(64L, 1024L, 16_384L, 65_536L, 262_144L, 1_048_576L);
        };
    }

    /** {@return the copiers under which others' latencies are measured} */
    List<Copying> latencyCopying() {
        return this == MINIATURE
                ? List.of(Copying.DEFAULT)
                : List.of(Copying.JAVA, Copying.NATIVE, Copying.DEFAULT);
    }

    /** {@return bytes that migrate meanwhile} */
    long latencyBytes() {
        return this == MINIATURE ? 4 * MIB : GIB;
    }

    /** {@return spans of 2 MiB, of which a quarter fits} */
    int scarceSpans() {
        return this == MINIATURE ? 16 : 64;
    }

    /** {@return how often work goes over them to count what moves} */
    int scarcePasses() {
        return this == MINIATURE ? 2 : 12;
    }

    /** {@return how often room is made} */
    int roomSamples() {
        return switch (this) {
            case MINIATURE -> 4;
            case QUICK -> 1000;
            case FULL -> 3000;
        };
    }

    /** {@return how often work is measured with events and without} */
    int eventTurns() {
        return this == MINIATURE ? 2 : this == QUICK ? 20 : 40;
    }

    /** {@return how long each time} */
    long eventMillis() {
        return this == MINIATURE ? 5 : this == QUICK ? 100 : 500;
    }

    /** {@return how long each is measured} */
    long latencyMillis() {
        return switch (this) {
            case MINIATURE -> 50;
            case QUICK -> 2000;
            case FULL -> 5000;
        };
    }
}
