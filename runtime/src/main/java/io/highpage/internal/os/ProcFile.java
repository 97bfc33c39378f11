// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Files of {@code /proc} and {@code /sys}: they have no size before they are read. Thread-safe. */
public final class ProcFile {
    private ProcFile() {}

    /**
     * {@return the text of a file, without white space around it; empty if it cannot be read}
     *
     * <p>With a large buffer: a file in {@code /proc/sys} ends at the second read, and {@code Files.readString} reads one byte
     * first.
     */
    public static Optional<String> read(Path file) {
        try {
            return Optional.of(
                    String.join("\n", Files.readAllLines(file, ISO_8859_1)).strip());
        } catch (IOException notThere) {
            return Optional.empty();
        }
    }
}
