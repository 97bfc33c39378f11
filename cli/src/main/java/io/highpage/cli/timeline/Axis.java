// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import io.highpage.cli.recording.Moment;

/**
 * The time that is shown: all of a recording, or a part of it.
 *
 * @param from when it begins, in nanoseconds from the start of the recording
 * @param to when it ends
 * @param isPart whether something may come before or after
 */
record Axis(long from, long to, boolean isPart) {
    /** {@return how long it is} */
    long nanos() {
        return to - from;
    }

    /** {@return a time; the start or the end for what is outside} */
    long clamp(long time) {
        return Math.clamp(time, from, to);
    }

    /** {@return whether something happened in it, at least a part of it} */
    boolean meets(Moment when) {
        return !isPart || when.end() >= from && when.start() <= to;
    }

    /** {@return whether something began after it} */
    boolean isOver(Moment when) {
        return isPart && when.start() > to;
    }
}
