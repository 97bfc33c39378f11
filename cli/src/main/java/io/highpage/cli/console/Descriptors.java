// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Paths that stand for what this process has open: {@code /dev/stdout}, {@code /dev/fd/63}, {@code /proc/self/fd/1}. */
public final class Descriptors {
    private static final Pattern OPEN = Pattern.compile("/proc/[^/]+(?:/task/[^/]+)?/fd/(\\d+)");
    private static final int STANDARD_OUTPUT = 1;
    /** As the kernel, which gives a path up after that many links. */
    private static final int LINKS_MAX = 40;

    private Descriptors() {}

    /**
     * {@return whether a path stands for an open descriptor, whatever that is of}
     *
     * @param path any path
     */
    static boolean isDescriptor(Path path) {
        return number(path).isPresent();
    }

    /**
     * {@return whether a path stands for this process's standard output}
     *
     * @param path any path
     */
    public static boolean isStandardOutput(Path path) {
        return number(path).filter(number -> number == STANDARD_OUTPUT).isPresent();
    }

    // The last link of such a path does not lead to a path, so links are followed only until the folder is found.
    private static Optional<Integer> number(Path path) {
        Path at = path.toAbsolutePath();
        try {
            for (int links = 0; links < LINKS_MAX && at.getFileName() != null; links++) {
                Matcher open = OPEN.matcher(
                        at.getParent().toRealPath().resolve(at.getFileName()).toString());
                if (open.matches()) {
                    return Optional.of(Integer.parseInt(open.group(1)));
                }
                if (!Files.isSymbolicLink(at)) {
                    return Optional.empty();
                }
                at = at.resolveSibling(Files.readSymbolicLink(at));
            }
        } catch (IOException | NumberFormatException none) {
            // whoever opens the path says what is wrong with it
        }
        return Optional.empty();
    }
}
