// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import io.highpage.cli.recording.Recorded.Eviction;
import io.highpage.cli.recording.Recorded.Migration;

/** What moved when, and why. */
final class Flow {
    private final Axis axis;
    final long[] toDevices = new long[Axis.BINS];
    final long[] toHome = new long[Axis.BINS];
    final long[] evictedClean = new long[Axis.BINS];
    final long[] evictedCopied = new long[Axis.BINS];
    final Groups<Why, Sum> reasons = new Groups<>(new Why("others", "", ""), Sum::new);
    final Sum all = new Sum();
    long allToDevices;
    long allToHome;
    long failed;
    long evictions;
    long cleanEvictions;
    long evictedBytes;
    long evictionsCopied;

    Flow(Axis axis) {
        this.axis = axis;
    }

    /** For what pages moved from where to where. */
    record Why(String reason, String from, String to) {}

    /** What moved for it. */
    static final class Sum {
        long batches;
        long bytes;
        long zeroed;
        long waitTime;
        long copyTime;

        void add(Migration moved) {
            batches++;
            bytes += moved.bytes();
            zeroed += moved.zeroedBytes();
            waitTime += moved.waitTime();
            copyTime += moved.copyTime();
        }
    }

    void add(Migration moved) {
        if (!moved.failure().isEmpty()) {
            failed++;
            return;
        }
        boolean home = moved.to().equals(Places.HOME);
        (home ? toHome : toDevices)[axis.bin(moved.when().end())] += moved.bytes();
        allToHome += home ? moved.bytes() : 0;
        allToDevices += home ? 0 : moved.bytes();
        all.add(moved);
        reasons.of(new Why(moved.reason(), moved.from(), moved.to())).add(moved);
    }

    void add(Eviction evicted) {
        int bin = axis.bin(evicted.when().end());
        long copied = Math.min(evicted.copiedBytes(), evicted.bytes());
        evictedClean[bin] += evicted.bytes() - copied;
        evictedCopied[bin] += copied;
        evictions++;
        cleanEvictions += evicted.clean() ? 1 : 0;
        evictedBytes += evicted.bytes();
        evictionsCopied += evicted.copiedBytes();
    }
}
