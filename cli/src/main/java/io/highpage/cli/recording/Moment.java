// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.recording;

/**
 * When and where something happened.
 *
 * @param start nanoseconds from the start of the recording; below 0 for what began before it
 * @param nanos how long it took; 0 for what has no duration
 * @param thread name of the thread, empty if it has none
 * @param place the first line of code that is not Highpage's or the JDK's, such as
 *     {@code com.example.Job.run:42}; empty if no stacks were recorded
 */
public record Moment(long start, long nanos, String thread, String place) {
    /** {@return nanoseconds from the start of the recording to its end} */
    public long end() {
        return start + nanos;
    }
}
