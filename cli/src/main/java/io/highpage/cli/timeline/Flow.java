// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import io.highpage.cli.recording.Moment;
import io.highpage.cli.recording.Recorded.Eviction;
import io.highpage.cli.recording.Recorded.Migration;

/** What moved when, and why. */
final class Flow {
    private static final int ROWS_MAX = 8192;

    /** Bytes to devices, and home. */
    final Steps copied;

    /** Bytes that made room: that had to be copied, and clean ones. */
    final Steps evicted;

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
        copied = new Steps(axis, Steps.Rule.SUM, ROWS_MAX);
        evicted = new Steps(axis, Steps.Rule.SUM, ROWS_MAX);
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
        copied.spread(moved.when().start(), moved.when().end(), home ? 1 : 0, moved.bytes());
        allToHome += home ? moved.bytes() : 0;
        allToDevices += home ? 0 : moved.bytes();
        all.add(moved);
        reasons.of(new Why(moved.reason(), moved.from(), moved.to())).add(moved);
    }

    void add(Eviction made) {
        Moment when = made.when();
        long dirty = Math.min(made.copiedBytes(), made.bytes());
        evicted.spread(when.start(), when.end(), 0, dirty);
        evicted.spread(when.start(), when.end(), 1, made.bytes() - dirty);
        evictions++;
        cleanEvictions += made.clean() ? 1 : 0;
        evictedBytes += made.bytes();
        evictionsCopied += made.copiedBytes();
    }
}
