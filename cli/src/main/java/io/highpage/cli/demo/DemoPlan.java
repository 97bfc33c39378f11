// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.demo;

import io.highpage.Device;
import io.highpage.cli.console.SystemMemory;
import io.highpage.cli.console.Units;
import io.highpage.cli.console.UserError;
import io.highpage.outcome.Allocation;

import java.util.ArrayList;
import java.util.List;

/**
 * How a file is cut: into rounds of as much as the host has room for, each of which is one buffer
 * of spans. The device need not have room for more than a span.
 *
 * @param fileBytes the length of the file
 * @param pageBytes the size of the pages
 * @param spanBytes the size of the spans
 * @param rounds what each round works on, in order
 */
record DemoPlan(long fileBytes, long pageBytes, long spanBytes, List<Round> rounds) {
    /**
     * The host has room for a window and, where the device lives in host memory too, for the
     * device's copy.
     */
    private static final int HOST_SHARES = 3;

    /** Enough to see in the map of tiers which of them go and come. */
    private static final int SPANS_ON_DEVICE = 8;

    private static final long LARGEST_SPAN = 32L << 20;

    /**
     * A part of the file that is one buffer.
     *
     * @param position where it starts in the file; a multiple of the span size
     * @param bytes its length
     */
    record Round(long position, long bytes) {
        /** {@return the length of the buffer: whole words} */
        long bufferBytes() {
            return Math.ceilDiv(bytes, Integer.BYTES) * Integer.BYTES;
        }
    }

    static DemoPlan of(long fileBytes, long pageBytes, Device device) {
        long host = SystemMemory.availableBytes().orElse(Long.MAX_VALUE) / HOST_SHARES;
        return of(fileBytes, pageBytes, Limits.of(device), host);
    }

    /**
     * What a device has room for.
     *
     * @param device its name
     * @param windowBytes the most bytes of one span
     * @param bytes the most bytes of all
     */
    record Limits(String device, long windowBytes, long bytes) {
        static Limits of(Device device) {
            return new Limits(device.name(), device.maxBufferBytes(), device.limitBytes());
        }
    }

    static DemoPlan of(long fileBytes, long pageBytes, Limits limits, long hostBytes) {
        long smallest = Math.max(Allocation.SPAN_BYTES_MIN, pageBytes);
        long fair = Math.min(
                Math.min(limits.bytes() / SPANS_ON_DEVICE, limits.windowBytes()), LARGEST_SPAN);
        long spanBytes = Math.max(smallest, Long.highestOneBit(Math.max(fair, 1)));
        long window = Math.min(spanBytes, Math.ceilDiv(fileBytes, pageBytes) * pageBytes);
        checkRoom(window, pageBytes, limits);
        long largest = Math.max(1, hostBytes / spanBytes) * spanBytes;
        List<Round> rounds = new ArrayList<>();
        for (long position = 0; position < fileBytes; position += largest) {
            rounds.add(new Round(position, Math.min(largest, fileBytes - position)));
        }
        return new DemoPlan(fileBytes, pageBytes, spanBytes, rounds);
    }

    private static void checkRoom(long window, long pageBytes, Limits limits) {
        if (window > Math.min(limits.windowBytes(), limits.bytes())) {
            throw UserError.failed("not even one span fits: with --page-size "
                    + Units.bytes(pageBytes) + " it needs " + Units.bytes(window) + ", but device "
                    + limits.device() + " has room for "
                    + (limits.bytes() < window
                            ? Units.bytes(limits.bytes()) + " (--device-memory, or all that it has)"
                            : Units.bytes(limits.windowBytes()) + " in one piece"));
        }
    }

    /** {@return the number of pages of all buffers} */
    long pageCount() {
        return rounds.stream()
                .mapToLong(round -> Math.ceilDiv(round.bufferBytes(), pageBytes))
                .sum();
    }

    /** {@return the number of spans of all buffers} */
    long spanCount() {
        return rounds.stream()
                .mapToLong(round -> Math.ceilDiv(round.bufferBytes(), spanBytes))
                .sum();
    }
}
