// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One entry of the report of who holds what.
 *
 * @param kind {@code pin}, {@code hold} or {@code access}
 * @param owner the owner's name, empty if none was given
 * @param thread name of the thread that took it, as it was then; empty if it had none, as most
 *     virtual threads
 * @param threadId that thread's {@link Thread#threadId()}
 * @param buffer number of the buffer
 * @param offset first byte of the range in the buffer
 * @param byteSize length of the range in bytes
 * @param strength what keeps the range in place
 * @param keepers names of those that a pin is registered with, one for each open registration
 * @param age how long it has been open; empty if it has no owner's name, since reading the clock
 *     would cost an unnamed pin as much as all the rest
 * @param place the stack on which it was taken, innermost call of the program first; empty unless
 *     the JVM was started with {@code -Dhighpage.trace.holders=true}
 */
public record HolderInfo(
        String kind,
        String owner,
        String thread,
        long threadId,
        long buffer,
        long offset,
        long byteSize,
        Strength strength,
        List<String> keepers,
        Optional<Duration> age,
        List<StackTraceElement> place) {

    /** Copies the lists. */
    public HolderInfo {
        keepers = List.copyOf(keepers);
        place = List.copyOf(place);
    }

    /** {@return one line for messages} */
    @Override
    public String toString() {
        return kind + (owner.isEmpty() ? "" : " '" + owner + "'") + " of bytes " + offset + ".."
                + (offset + byteSize)
                + " of buffer " + buffer + kept() + ", taken by thread "
                + (thread.isEmpty() ? "" : thread + " ") + "#"
                + threadId
                + age.map(duration -> " " + duration.toMillis() + " ms ago").orElse("")
                + (place.isEmpty() ? "" : " at " + place.getFirst());
    }

    /** Only pins differ in strength. */
    private String kept() {
        if (!kind.equals("pin")) {
            return "";
        }
        String words = strength.name().toLowerCase(Locale.ROOT).replace('_', '-');
        return " (" + words + (keepers.isEmpty() ? "" : " by " + String.join(", ", keepers)) + ")";
    }
}
