// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Files of {@code /proc} and {@code /sys}, which all of the library reads here: names of files in
 * them may be any bytes, so they are read as Latin-1; and by streams, since an interrupted thread
 * cannot read a channel. Empty is "not known", which no number stands for. Thread-safe.
 */
public final class ProcFile {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final long KIB = 1024;

    private ProcFile() {}

    /** {@return a file's lines; the caller closes them} */
    public static BufferedReader open(Path file) throws IOException {
        return new BufferedReader(
                new InputStreamReader(new FileInputStream(file.toFile()), ISO_8859_1));
    }

    /** {@return the text of a file, without white space around it; empty if it cannot be read} */
    public static Optional<String> read(Path file) {
        try (FileInputStream bytes = new FileInputStream(file.toFile())) {
            return Optional.of(new String(bytes.readAllBytes(), ISO_8859_1).strip());
        } catch (IOException notThere) {
            return Optional.empty();
        }
    }

    /**
     * {@return what follows a word at the start of a line; empty if no line starts with it, or none
     * can be read}
     */
    public static Optional<String> field(Path file, String word) {
        try (BufferedReader lines = open(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(word)) {
                    return Optional.of(line.substring(word.length()).strip());
                }
            }
            return Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    /**
     * {@return the number of a field such as {@code MemAvailable: 512 kB}, in bytes; empty if it is
     * not told}
     */
    public static OptionalLong bytes(Path file, String word) {
        Optional<String> kilobytes = field(file, word);
        return kilobytes.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseLong(kilobytes.get().split(" ")[0]) * KIB);
    }

    /** {@return a value of /proc/self/status; empty if it is not told} */
    public static Optional<String> status(String word) {
        return field(STATUS, word);
    }

    /**
     * {@return a size of /proc/self/status, such as {@code VmLck:}, in bytes; empty if it is not
     * told}
     */
    public static OptionalLong statusBytes(String word) {
        return bytes(STATUS, word);
    }
}
