// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How a private device can copy from and to the host's memory. */
public enum CopyWay {
    /** The driver copies ordinary memory; all commands are enqueued, then waited for. */
    STRAIGHT,

    /** The driver copies ordinary memory; each call blocks until its copy has ended. */
    BLOCKING,

    /** By way of a few pieces of memory that the driver gave, which it can keep page-locked. */
    STAGED,

    /** By way of a few pieces of memory of our own, which the driver was given to page-lock. */
    WRAPPED,

    /**
     * The driver maps its memory, and the CPU copies: memory of the host's own needs no copy for
     * that. What is too short for it to pay is copied in another way.
     */
    MAPPED;

    /** Names the way to take, for all devices; or to have it measured. */
    public static final String PROPERTY = "highpage.opencl.copy";

    private static final String MEASURED = "probe";

    /** {@return whether each run is waited for before the next one is begun} */
    public boolean waits() {
        return this == BLOCKING || this == MAPPED;
    }

    /** {@return the name that users see} */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** {@return the way with a name} */
    public static Optional<CopyWay> of(String word) {
        for (CopyWay way : values()) {
            if (way.word().equals(word)) {
                return Optional.of(way);
            }
        }
        return Optional.empty();
    }

    /**
     * {@return the way that the program's user asks for, empty if it is to be measured}
     *
     * @throws IllegalArgumentException if there is none of that name; says what there is
     */
    public static Optional<CopyWay> asked() {
        String word = System.getProperty(PROPERTY, MEASURED);
        Optional<CopyWay> way = of(word);
        if (way.isEmpty() && !word.equals(MEASURED)) {
            throw new IllegalArgumentException("-D" + PROPERTY + "=" + word
                    + " is no way to copy; there are: "
                    + Arrays.stream(values()).map(CopyWay::word).collect(Collectors.joining(", "))
                    + ", and " + MEASURED + ", which measures them");
        }
        return way;
    }
}
