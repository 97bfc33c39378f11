// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import io.highpage.cli.recording.Recorded.Rejection;
import io.highpage.cli.recording.Recorded.Wait;

/** Who waited, and who was refused. */
final class Stalls {
    private static final int WAITS_MAX = 50;

    private static final int ROWS_MAX = 8192;

    /** Nanoseconds that threads waited. */
    final Steps waiting;

    final Steps refused;
    final Longest<Wait> waits = new Longest<>(WAITS_MAX, wait -> wait.when().nanos());
    final Groups<Why, long[]> refusals = new Groups<>(new Why("others", "", ""), () -> new long[1]);
    long waitTime;
    long allRefused;

    Stalls(Axis axis) {
        waiting = new Steps(axis, Steps.Rule.SUM, ROWS_MAX);
        refused = new Steps(axis, Steps.Rule.SUM, ROWS_MAX);
    }

    /** Why who was refused what. */
    record Why(String owner, String operation, String reason) {}

    void add(Wait wait) {
        waiting.spread(wait.when().start(), wait.when().end(), 0, wait.when().nanos());
        waits.add(wait);
        waitTime += wait.when().nanos();
    }

    void add(Rejection refusal) {
        refused.add(refusal.when().end(), 0, 1);
        allRefused++;
        refusals.of(new Why(refusal.owner(), refusal.operation(), refusal.reason()))[0]++;
    }
}
