// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.highpage.bench.Quantity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM of its own for what is chosen at start. Its output is quantities. */
final class ChildRun {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private ChildRun() {}

    /** The other JVM's side. */
    static void tell(List<Quantity> measured) throws IOException {
        MAPPER.writeValue(System.out, measured);
    }

    /**
     * {@return what another JVM measured}
     *
     * @param under a command that it runs under, such as {@code taskset}
     * @param options of that JVM
     */
    static List<Quantity> quantities(
            List<String> under, List<String> options, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(under);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            return MAPPER.readValue(process.getInputStream(), new TypeReference<>() {});
        } catch (IOException failed) {
            throw new UncheckedIOException("nothing was measured by " + command, failed);
        }
    }
}
