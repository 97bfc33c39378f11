// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Every ordered access of the protocol says on the lines above it which order it is, why, and what
 * it pairs with.
 */
class OrderedAccessTest {
    /** The page protocol, and the queues that rings share with the kernel. */
    private static final List<Path> SOURCES = List.of(
            Path.of("src/main/java/io/highpage/internal"),
            Path.of("../interop/src/main/java/io/highpage/interop/uring"));

    private static final Pattern ACCESS = Pattern.compile(
            "words\\.(acquire|release|compareAndSet)\\(|\\b[A-Z_]+\\.(get|set|compareAndSet|getAnd|weak)[A-Za-z]*\\((slots|chunk|this|table|ring)");
    private static final Pattern REASON =
            Pattern.compile("ORD (volatile|acquire|release|opaque): \\S+");
    private static final int LINES_ABOVE = 5;

    @Test
    void everyOrderedAccess_saysWhatItPairsWith() throws IOException {
        List<String> silent = new ArrayList<>();
        int found = 0;
        for (Path file : files()) {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (ACCESS.matcher(lines.get(i)).find()) {
                    found++;
                    String above =
                            String.join("\n", lines.subList(Math.max(0, i - LINES_ABOVE), i));
                    if (!REASON.matcher(above).find()) {
                        silent.add(file + ":" + (i + 1) + ": " + lines.get(i).strip());
                    }
                }
            }
        }
        assertThat(silent).as("ordered accesses without an ORD comment").isEmpty();
        assertThat(found).as("ordered accesses found").isGreaterThan(16);
    }

    /**
     * {@return the sources of the protocol; OffHeapWords is the seam itself, whose methods are
     * named by their order}
     */
    private static List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path folder : SOURCES) {
            try (Stream<Path> all = Files.walk(folder)) {
                all.filter(file -> file.toString().endsWith(".java"))
                        .filter(file -> !file.endsWith("OffHeapWords.java"))
                        .forEach(files::add);
            }
        }
        return files;
    }
}
