// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.record;

import io.highpage.cli.console.UserError;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * What recordings are called. Where {@code %p} stands in the name of the file, each process has its
 * number; elsewhere the number is added if there is more than one process.
 *
 * @param given as the user has it
 */
record RecordingName(Path given) {
    private static final String ENDING = ".jfr";
    private static final String PID = "%p";

    RecordingName {
        String name = given.getFileName() == null ? "" : given.getFileName().toString();
        if (!name.endsWith(ENDING)) {
            throw UserError.usage("-o " + given + " does not end in " + ENDING
                    + ", by which the tools that open recordings know them");
        }
        if (!name.contains(PID) && Files.exists(given, LinkOption.NOFOLLOW_LINKS)) {
            throw UserError.failed("cannot write " + given
                    + ": there is such a file; remove it or choose another name with -o");
        }
    }

    /** {@return the folder that they come into} */
    Path folder() {
        Path folder = given.toAbsolutePath().getParent();
        return folder == null ? given.toAbsolutePath() : folder;
    }

    /** {@return the name of one process's} */
    Path of(long pid, boolean alone) {
        String name = given.getFileName().toString();
        String own = name.contains(PID)
                ? name.replace(PID, Long.toString(pid))
                : alone ? name : name.replaceFirst("\\.jfr$", "-" + pid + ENDING);
        return given.resolveSibling(own);
    }
}
