// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.highpage.bench.Latency;
import io.highpage.bench.Quantity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures latencies in a JVM of its own for each copier, which is chosen at start. Its output is
 * the quantities.
 */
public final class LatencyRun {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private LatencyRun() {}

    /**
     * The other JVM's side.
     *
     * @param arguments bytes, milliseconds, suffix
     */
    public static void main(String[] arguments) throws IOException {
        List<Quantity> measured = Latency.measure(
                Long.parseLong(arguments[0]), Long.parseLong(arguments[1]), arguments[2]);
        MAPPER.writeValue(System.out, measured);
    }

    /** {@return what a JVM with a copier measured} */
    static List<Quantity> of(Copying copying, long bytes, long millis) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(copying.options());
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), LatencyRun.class.getName()));
        command.addAll(List.of(Long.toString(bytes), Long.toString(millis), copying.name()));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            return MAPPER.readValue(process.getInputStream(), new TypeReference<>() {});
        } catch (IOException failed) {
            throw new UncheckedIOException("no latencies with " + command, failed);
        }
    }
}
