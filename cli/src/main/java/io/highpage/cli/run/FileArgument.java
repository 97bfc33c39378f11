// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A kernel argument that is a file.
 *
 * @param output whether the kernel makes it, else it is read
 * @param path the file, as the user named it
 * @param readable where the bytes of an input are: the file, or what it was copied to
 * @param count how many elements an output has, if not as many as the inputs
 */
public record FileArgument(boolean output, Path path, Path readable, OptionalLong count) {
    private static final String STANDARD = "-";
    private static final Pattern COUNTED = Pattern.compile("(?s)(.+):([0-9]+)|(.+:[0-9]+):");

    /**
     * {@return an input}
     *
     * @param name a file, or {@code -} for standard input
     */
    public static FileArgument input(String name) {
        Path path = Path.of(name.equals(STANDARD) ? "/dev/stdin" : name);
        return new FileArgument(false, path, path, OptionalLong.empty());
    }

    /**
     * {@return an output}
     *
     * @param name a file, or {@code -} for standard output; with a colon and a number behind it if
     *     it has so many elements
     * @throws IllegalArgumentException if the number is none of elements
     */
    public static FileArgument output(String name) {
        Matcher counted = COUNTED.matcher(name);
        boolean matches = counted.matches();
        boolean hasCount = matches && counted.group(2) != null;
        String file = hasCount ? counted.group(1) : matches ? counted.group(3) : name;
        OptionalLong count =
                hasCount ? OptionalLong.of(count(name, counted.group(2))) : OptionalLong.empty();
        Path path = Path.of(file.equals(STANDARD) ? "/dev/stdout" : file);
        return new FileArgument(true, path, path, count);
    }

    private static long count(String name, String digits) {
        try {
            long count = Long.parseLong(digits);
            if (count > 0) {
                return count;
            }
        } catch (NumberFormatException tooLarge) {
            // told as the others
        }
        throw new IllegalArgumentException("'" + name + "' is not FILE:COUNT: an output has 1 to "
                + Long.MAX_VALUE + " elements; a file of that very name is '" + name + ":'");
    }

    /** {@return the same input, whose bytes were copied elsewhere} */
    FileArgument copiedTo(Path place) {
        return new FileArgument(output, path, place, count);
    }

    /** {@return as the user wrote it} */
    @Override
    public String toString() {
        return (output ? "--out " : "--in ")
                + path
                + (count.isPresent() ? ":" + count.getAsLong() : "");
    }
}
