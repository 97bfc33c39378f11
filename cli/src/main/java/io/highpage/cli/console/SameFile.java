// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether two paths are of one file: by whatever names, links and folders, there or yet to be. */
public final class SameFile {
    private SameFile() {}

    /**
     * {@return whether two paths are of one file}
     *
     * @param one a path
     * @param other another one
     * @throws UserError if that cannot be looked up
     */
    public static boolean is(Path one, Path other) {
        try {
            return place(one).equals(place(other))
                    || Files.exists(one) && Files.exists(other) && Files.isSameFile(one, other);
        } catch (IOException e) {
            throw UserError.io("cannot compare " + one + " and " + other, e);
        }
    }

    /** What is not there yet has its folder's real name. */
    private static Path place(Path path) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        Path folder = absolute.getParent();
        return folder != null && Files.isDirectory(folder)
                ? folder.toRealPath().resolve(absolute.getFileName())
                : absolute;
    }
}
