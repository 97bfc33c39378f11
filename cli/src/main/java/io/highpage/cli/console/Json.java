// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;

import java.util.LinkedHashMap;
import java.util.Map;

/** The output for machines: one JSON object a command. */
public final class Json {
    private static final ObjectMapper LINE = new ObjectMapper();
    private static final ObjectMapper MAPPER =
            LINE.copy().enable(SerializationFeature.INDENT_OUTPUT);

    private Json() {}

    /**
     * {@return an object with its fields in the order given}
     *
     * @param namesAndValues name, value, name, value and so on
     */
    public static Map<String, Object> object(Object... namesAndValues) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return object;
    }

    /**
     * {@return the text of a value}
     *
     * @param value maps, lists, text, numbers, booleans
     */
    public static String text(Object value) {
        return text(MAPPER, value);
    }

    /**
     * {@return the text of a value in one line}
     *
     * @param value maps, lists, text, numbers, booleans
     */
    public static String line(Object value) {
        return text(LINE, value);
    }

    private static String text(ObjectMapper mapper, Object value) {
        try {
            return mapper.writeValueAsString(value);
        } catch (JsonProcessingException impossible) {
            throw new AssertionError("not JSON: " + value, impossible);
        }
    }
}
