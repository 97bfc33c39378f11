// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import java.net.URI;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Paths as users give them to Spark: plain, or with a scheme in front. */
final class LocalPath {
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://?.*");

    private LocalPath() {}

    /**
     * {@return the absolute path of what a user has named}
     *
     * @throws IllegalArgumentException if it is no path, or of a file system that is not mounted
     */
    static Path of(String name) {
        Matcher scheme = SCHEME.matcher(name);
        try {
            if (!scheme.matches()) {
                return Path.of(name).toAbsolutePath();
            }
            if (scheme.group(1).equalsIgnoreCase("file")) {
                return Path.of(URI.create(name.replace(" ", "%20")));
            }
        } catch (IllegalArgumentException | FileSystemNotFoundException bad) {
            throw new IllegalArgumentException("'" + name + "' is no path: " + bad.getMessage());
        }
        throw new IllegalArgumentException("'" + name + "' is of the file system '"
                + scheme.group(1) + "'. Files are read and written by Java itself: give a path that"
                + " the driver and all executors have, on a local disk or a mounted one");
    }
}
