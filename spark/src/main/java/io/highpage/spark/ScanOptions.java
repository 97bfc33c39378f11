// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.highpage.pipe.KernelSource;

import org.apache.spark.network.util.JavaUtils;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a program says of a scan with {@code option(name, value)}. Immutable and thread-safe.
 *
 * @param inputs for each input of the kernel, paths and patterns of its files
 * @param origin what messages call the kernel's source
 * @param kernel the kernel, and its arguments after inputs and columns
 * @param elementBytes bytes of each input for one work-item; 0: as the kernel's types say
 * @param chunkBytes the most bytes of each input that are on the device at once
 * @param partitionBytes the most bytes of each input for one task
 */
record ScanOptions(
        List<List<String>> inputs,
        String origin,
        DeviceKernel kernel,
        long elementBytes,
        long chunkBytes,
        long partitionBytes)
        implements Serializable {
    private static final String PATH = "path";
    private static final String PATHS = "paths";
    private static final String INPUT = "input.";
    private static final String SOURCE = "source";
    private static final String SOURCE_FILE = "sourceFile";
    private static final String KERNEL = "kernel";
    private static final String ARGS = "args";
    private static final String BUILD_OPTIONS = "buildOptions";
    private static final String ELEMENT_BYTES = "elementBytes";
    private static final String CHUNK = "chunk";
    private static final String PARTITION_BYTES = "partitionBytes";

    private static final List<String> NAMES = List.of(
            SOURCE,
            SOURCE_FILE,
            KERNEL,
            ARGS,
            BUILD_OPTIONS,
            ELEMENT_BYTES,
            CHUNK,
            PARTITION_BYTES);

    /**
     * {@return the options of a scan}
     *
     * @param given as Spark has them
     * @throws IllegalArgumentException if one is missing, unknown or makes no sense, or the source
     *     cannot be read
     */
    static ScanOptions of(CaseInsensitiveStringMap given) {
        given.keySet().forEach(ScanOptions::checkName);
        String file = given.get(SOURCE_FILE);
        String text = given.get(SOURCE);
        if ((file == null) == (text == null)) {
            throw new IllegalArgumentException("one of two is needed: option '" + SOURCE_FILE
                    + "', a file of OpenCL C that the driver reads, or '" + SOURCE
                    + "', which is OpenCL C; " + (file == null ? "none" : "both") + " is given");
        }
        String name = Optional.ofNullable(given.get(KERNEL))
                .orElseThrow(() -> new IllegalArgumentException(
                        "option '" + KERNEL + "' is missing: the name of a kernel of the source"));
        DeviceKernel kernel = new DeviceKernel(
                text == null ? read(Objects.requireNonNull(file)) : text,
                name.strip(),
                given.getOrDefault(BUILD_OPTIONS, ""),
                numbers(given.getOrDefault(ARGS, "")));
        return new ScanOptions(
                inputs(given),
                file == null ? "option '" + SOURCE + "'" : file,
                kernel,
                bytes(given, ELEMENT_BYTES, 0),
                bytes(given, CHUNK, 4 << 20),
                bytes(given, PARTITION_BYTES, 128 << 20));
    }

    /** {@return the kernel's source, for a compiler} */
    KernelSource source() {
        return new KernelSource(origin, kernel.source(), kernel.buildOptions());
    }

    // A name with a mistake in it would be an option that is silently not there.
    private static void checkName(String name) {
        if (!isInput(name)
                && Stream.concat(Stream.of(PATH, PATHS), NAMES.stream())
                        .noneMatch(name::equalsIgnoreCase)) {
            throw new IllegalArgumentException("there is no option '" + name + "'; there are "
                    + INPUT + "1, " + INPUT + "2 and so on, " + String.join(", ", NAMES));
        }
    }

    // ---- inputs ----

    private static boolean isInput(String name) {
        return name.toLowerCase(Locale.ROOT).startsWith(INPUT);
    }

    private static List<List<String>> inputs(CaseInsensitiveStringMap given) {
        Map<String, String> numbered = new TreeMap<>();
        given.forEach((name, pattern) -> {
            if (isInput(name)) {
                numbered.put(name.toLowerCase(Locale.ROOT), pattern);
            }
        });
        List<String> plain = plain(given);
        if (numbered.isEmpty() == plain.isEmpty()) {
            throw new IllegalArgumentException(
                    (plain.isEmpty() ? "no input is given" : "inputs are given in two ways")
                            + ": that of a kernel of one input with load(paths and patterns), those"
                            + " of a kernel of several as options input.1, input.2 and so on");
        }
        if (numbered.isEmpty()) {
            return List.of(plain);
        }
        return IntStream.rangeClosed(1, numbered.size())
                .mapToObj(number -> List.of(numbered(numbered, number)))
                .toList();
    }

    private static String numbered(Map<String, String> numbered, int number) {
        String pattern = numbered.get(INPUT + number);
        if (pattern == null) {
            throw new IllegalArgumentException("inputs are numbered from 1 without a gap, and"
                    + " option '" + INPUT + number + "' is missing beside " + numbered.keySet());
        }
        return pattern;
    }

    /** Spark has one path as it is, and several as JSON. */
    private static List<String> plain(CaseInsensitiveStringMap given) {
        Stream<String> one = Stream.ofNullable(given.get(PATH));
        String several = given.get(PATHS);
        if (several == null) {
            return one.toList();
        }
        try {
            String[] paths = new ObjectMapper().readValue(several, String[].class);
            return Stream.concat(one, Arrays.stream(paths)).toList();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "option '" + PATHS + "' is no JSON array of paths: " + several, e);
        }
    }

    // ---- values ----

    private static String read(String file) {
        try {
            return Files.readString(LocalPath.of(file));
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "the driver cannot read option '" + SOURCE_FILE + "' " + file + ": " + e, e);
        }
    }

    private static List<Number> numbers(String text) {
        return text.isBlank()
                ? List.of()
                : Arrays.stream(text.split(",")).map(ScanOptions::number).toList();
    }

    private static Number number(String text) {
        String[] parts = text.strip().split(":", 2);
        String value = parts[parts.length - 1];
        try {
            return switch (parts[0]) {
                case "char" -> Byte.valueOf(value);
                case "short" -> Short.valueOf(value);
                case "int" -> Integer.valueOf(value);
                case "long" -> Long.valueOf(value);
                case "uint" -> Integer.parseUnsignedInt(value);
                case "ulong" -> Long.parseUnsignedLong(value);
                case "float" -> Float.valueOf(value);
                case "double" -> Double.valueOf(value);
                default -> throw new NumberFormatException("no such type");
            };
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "option '" + ARGS + "': '" + text.strip()
                            + "' is not TYPE:NUMBER with a TYPE of char, short, int, long, uint,"
                            + " ulong, float or double, such as 'float:0.5, int:3'",
                    e);
        }
    }

    private static long bytes(CaseInsensitiveStringMap given, String name, long otherwise) {
        String text = given.get(name);
        if (text == null) {
            return otherwise;
        }
        try {
            long bytes = JavaUtils.byteStringAsBytes(text);
            if (bytes > 0) {
                return bytes;
            }
        } catch (NumberFormatException notOne) {
            // told below
        }
        throw new IllegalArgumentException("option '" + name + "' is '" + text
                + "': give a number of bytes from 1, such as 4m");
    }
}
