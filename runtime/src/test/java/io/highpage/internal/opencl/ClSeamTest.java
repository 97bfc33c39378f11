// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

class ClSeamTest {
    @Test
    void openCl_isCalledByOneClass() throws IOException {
        try (Stream<Path> sources = Files.walk(Path.of("src", "main", "java"))) {
            List<String> callers = sources.filter(Files::isRegularFile)
                    .filter(source -> text(source).contains("bindings.opencl.opencl_h"))
                    .map(source -> source.getFileName().toString())
                    .toList();
            assertThat(callers).containsExactly("Cl.java");
        }
    }

    private static String text(Path source) {
        try {
            return Files.readString(source);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
