// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * OpenCL C and how to compile it. Immutable, hence thread-safe.
 *
 * @param origin what messages call it, such as its file
 * @param text the source
 * @param options for the compiler, such as {@code -cl-fp32-correctly-rounded-divide-sqrt}; may be
 *     empty
 */
public record KernelSource(String origin, String text, String options) {
    /** A source. */
    public KernelSource {
        Objects.requireNonNull(origin, "origin");
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(options, "options");
    }

    /**
     * {@return a source that needs no options}
     *
     * @param origin what messages call it
     * @param text the source
     */
    public static KernelSource of(String origin, String text) {
        return new KernelSource(origin, text, "");
    }

    /**
     * {@return what a name of the source's own stands for, if the source says so in plain words}
     *
     * @param name such as {@code real} of {@code typedef float real;}
     */
    Optional<String> typedef(String name) {
        Matcher found = Pattern.compile("\\btypedef\\s+((?:unsigned\\s+|signed\\s+)?\\w+)\\s+"
                        + Pattern.quote(name) + "\\s*;")
                .matcher(text);
        return found.find() ? Optional.of(found.group(1)) : Optional.empty();
    }
}
