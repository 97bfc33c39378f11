// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import io.highpage.cli.recording.Recorded.Rejection;
import io.highpage.cli.recording.Recorded.Wait;

/** Who waited, and who was refused. */
final class Stalls {
    private static final int WAITS_MAX = 50;

    private final Axis axis;
    final long[] waiting = new long[Axis.BINS];
    final long[] refused = new long[Axis.BINS];
    final Longest<Wait> waits = new Longest<>(WAITS_MAX, wait -> wait.when().nanos());
    final Groups<Why, long[]> refusals = new Groups<>(new Why("others", "", ""), () -> new long[1]);
    long waitTime;
    long allRefused;

    Stalls(Axis axis) {
        this.axis = axis;
    }

    /** Why who was refused what. */
    record Why(String owner, String operation, String reason) {}

    void add(Wait wait) {
        axis.spread(wait.when().start(), wait.when().end(), waiting);
        waits.add(wait);
        waitTime += wait.when().nanos();
    }

    void add(Rejection refusal) {
        refused[axis.bin(refusal.when().end())]++;
        allRefused++;
        refusals.of(new Why(refusal.owner(), refusal.operation(), refusal.reason()))[0]++;
    }
}
