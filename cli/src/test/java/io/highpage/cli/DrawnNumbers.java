// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a page of a timeline has for drawing, as its program understands it.
 *
 * @param stepNanos how long a step is
 * @param times when rows begin, in nanoseconds from the start of the recording
 * @param rows the numbers of each layer from then on, or in that step
 */
record DrawnNumbers(long stepNanos, List<Long> times, List<List<Long>> rows) {
    /** {@return the JSON of a page} */
    static JsonNode data(Path page) throws IOException {
        String html = Files.readString(page);
        String start = "<script type=\"application/json\" id=\"data\">";
        int from = html.indexOf(start) + start.length();
        return new ObjectMapper().readTree(html.substring(from, html.indexOf("</script>", from)));
    }

    static DrawnNumbers of(JsonNode series) {
        long stepNanos = series.get("step").asLong();
        List<Long> times = new ArrayList<>();
        List<List<Long>> rows = new ArrayList<>();
        long step = 0;
        int layers = series.get("layers").asInt();
        JsonNode numbers = series.get("rows");
        for (int at = 0; at < numbers.size(); at += layers + 1) {
            step += numbers.get(at).asLong();
            times.add(step * stepNanos);
            List<Long> row = new ArrayList<>();
            for (int layer = 1; layer <= layers; layer++) {
                row.add(numbers.get(at + layer).asLong() * series.get("unit").asLong());
            }
            rows.add(row);
        }
        return new DrawnNumbers(stepNanos, times, rows);
    }

    /** {@return the sum of a layer} */
    long sum(int layer) {
        return rows.stream().mapToLong(row -> row.get(layer)).sum();
    }
}
