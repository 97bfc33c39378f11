// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.outcome;

import io.highpage.internal.log.ThreadWords;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HolderInfo;
import io.highpage.outcome.Strength;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A holder at the moment when it was asked about.
 *
 * @param besides what else is to be said of it: {@link #LOST}, {@link #UNTAKEN} or nothing
 */
public record HeldRange(
        String kind,
        AccessMode mode,
        String owner,
        String thread,
        long threadId,
        long buffer,
        long offset,
        long byteSize,
        Strength strength,
        List<String> keepers,
        Optional<Duration> age,
        List<StackTraceElement> place,
        String besides)
        implements HolderInfo {

    /** Nobody has its object any more. */
    public static final String LOST = ", and nobody has it any more: it cannot be closed";

    /** It is the result of an asynchronous operation, and still its future's. */
    public static final String UNTAKEN = ", in a future that nobody has taken";

    /** Copies the lists. */
    public HeldRange {
        keepers = List.copyOf(keepers);
        place = List.copyOf(place);
    }

    @Override
    public String toString() {
        return kind + (owner.isEmpty() ? "" : " '" + owner + "'") + " of bytes " + offset + ".."
                + (offset + byteSize)
                + " of buffer " + buffer + used() + strengthWords() + ", taken by thread "
                + ThreadWords.of(thread, threadId)
                + age.map(duration -> " " + duration.toMillis() + " ms ago").orElse("")
                + (place.isEmpty() ? "" : " at " + place.getFirst()) + besides;
    }

    private String used() {
        return mode == AccessMode.READ_WRITE ? "" : " to " + mode.name().toLowerCase(Locale.ROOT);
    }

    /** Only pins and homes differ in strength. */
    private String strengthWords() {
        if (!kind.equals("pin") && !kind.equals("home")) {
            return "";
        }
        String words = strength.name().toLowerCase(Locale.ROOT).replace('_', '-');
        return " (" + words + (keepers.isEmpty() ? "" : " by " + String.join(", ", keepers)) + ")";
    }
}
