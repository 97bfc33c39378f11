// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import io.highpage.internal.os.ProcFile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Paths that stand for what this process has open: {@code /dev/stdout}, {@code /dev/fd/63},
 * {@code /proc/self/fd/1}.
 */
public final class Descriptors {
    private static final Pattern OPEN = Pattern.compile("(/proc/[^/]+(?:/task/[^/]+)?)/fd/(\\d+)");
    private static final Pattern FLAGS = Pattern.compile("flags:\\s*[0-7]*([0-7])");
    private static final String STANDARD_INPUT = "0";
    private static final String STANDARD_OUTPUT = "1";
    private static final int O_ACCMODE = 3;
    private static final int O_RDONLY = 0;
    /** As the kernel, which gives a path up after that many links. */
    private static final int LINKS_MAX = 40;

    private Descriptors() {}

    /**
     * {@return whether a path stands for an open descriptor, whatever that is of}
     *
     * @param path any path
     */
    static boolean isDescriptor(Path path) {
        return open(path).isPresent();
    }

    /**
     * {@return whether a path stands for an open descriptor that was opened for reading only} The
     * kernel asks the file whether it can be written by that path, not the descriptor; and that may
     * be one of Java's own, such as of a jar.
     *
     * @param path any path
     */
    static boolean isForReading(Path path) {
        return open(path)
                .flatMap(open -> ProcFile.read(Path.of(open.group(1), "fdinfo", open.group(2))))
                .map(FLAGS::matcher)
                .filter(Matcher::find)
                .filter(flags -> (flags.group(1).charAt(0) & O_ACCMODE) == O_RDONLY)
                .isPresent();
    }

    /**
     * {@return whether a path stands for this process's standard output}
     *
     * @param path any path
     */
    public static boolean isStandardOutput(Path path) {
        return open(path).filter(open -> open.group(2).equals(STANDARD_OUTPUT)).isPresent();
    }

    /**
     * {@return whether a path stands for this process's standard input}
     *
     * @param path any path
     */
    public static boolean isStandardInput(Path path) {
        return open(path).filter(open -> open.group(2).equals(STANDARD_INPUT)).isPresent();
    }

    // The last link of such a path does not lead to a path, so links are followed only until the
    // folder is found.
    private static Optional<Matcher> open(Path path) {
        Path at = path.toAbsolutePath();
        try {
            for (int links = 0; links < LINKS_MAX; links++) {
                Path folder = at.getParent();
                if (folder == null) {
                    break;
                }
                Matcher open = OPEN.matcher(
                        folder.toRealPath().resolve(at.getFileName()).toString());
                if (open.matches()) {
                    return Optional.of(open);
                }
                if (!Files.isSymbolicLink(at)) {
                    return Optional.empty();
                }
                at = at.resolveSibling(Files.readSymbolicLink(at));
            }
        } catch (IOException none) {
            // whoever opens the path says what is wrong with it
        }
        return Optional.empty();
    }
}
