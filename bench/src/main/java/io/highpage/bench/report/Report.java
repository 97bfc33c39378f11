// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;

import io.highpage.bench.Quantity;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The result of a run.
 *
 * @param command that was given
 * @param time when it began, in UTC
 * @param commit of the sources, or {@code unknown}
 * @param form of the suite
 * @param machine it ran on
 * @param rows of the table of numbers to reach, each of them
 * @param quantities what was counted, or measured without JMH
 * @param figures what JMH measured
 */
public record Report(
        String command,
        String time,
        String commit,
        Form form,
        Machine machine,
        List<Row> rows,
        List<Quantity> quantities,
        List<Figure> figures) {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /**
     * {@return the report in a file}
     *
     * @throws IOException if there is none
     */
    public static Report read(Path file) throws IOException {
        return MAPPER.readValue(file.toFile(), Report.class);
    }

    /**
     * Writes it to a file.
     *
     * @throws IOException if that is not possible
     */
    public void write(Path file) throws IOException {
        MAPPER.writeValue(file.toFile(), this);
    }
}
