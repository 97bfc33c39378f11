// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.policy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;

import io.highpage.bench.Numbers;
import io.highpage.bench.policy.Fragmentation.Day;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What days did to a device's memory.
 *
 * @param command that was given
 * @param memoryBytes of the device
 * @param days one for each mix of sizes
 */
public record FragmentationReport(String command, long memoryBytes, List<Day> days) {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** {@return a report from a file} */
    public static FragmentationReport read(Path file) throws IOException {
        return MAPPER.readValue(file.toFile(), FragmentationReport.class);
    }

    /** {@return it as JSON} */
    public String json() throws IOException {
        return MAPPER.writeValueAsString(this) + "\n";
    }

    /** {@return it as a Markdown table} */
    public String markdown() {
        StringBuilder text = new StringBuilder("| windows in " + Numbers.size(memoryBytes)
                + " | taken | found the room in pieces | free then, mean | free then, worst |"
                + " free in between |\n| --- | --- | --- | --- | --- | --- |\n");
        for (Day day : days) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %d | %.2f %% | %.1f %% | %.1f %% | %.1f %% |%n",
                    day.sizes(),
                    day.windows(),
                    100.0 * day.inPieces() / day.windows(),
                    100 * day.meanUnusable(),
                    100 * day.worstUnusable(),
                    100 * day.meanFree()));
        }
        return text.toString();
    }
}
