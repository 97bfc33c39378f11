// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/**
 * The command line.
 *
 * @param job what to do
 * @param device a name, or {@code auto}
 * @param make how many bytes of records to make first, 0 for none
 * @param compare whether to do it the plain way too
 */
record Options(Job job, String device, long make, boolean compare) {
    static final String USAGE = """
            Usage: Ingest [OPTION...] INPUT OUTPUT
            Copy the records of INPUT whose value is at least the threshold to OUTPUT.
              --make SIZE       Make INPUT first, SIZE bytes of records, such as 1G.
              --threshold N     The lowest value that is kept: 0 to 1000, 900 unless given.
              --memory SIZE     What the runtime may take at home, and on the device: 64M.
              --device NAME     opencl, opencl-private (coarse-grained SVM), opencl-buffer
                                (cl_mem) or host (Java). Without it OpenCL, if it is there.
              --no-uring        Use FileChannel.
              --compare         Do it the plain ways too, and print ratios of times.
            """;

    /**
     * Reads the command line.
     *
     * @throws IllegalArgumentException if it cannot be understood
     */
    static Options parse(List<String> arguments) {
        Deque<String> left = new ArrayDeque<>(arguments);
        String device = "auto";
        float threshold = 900;
        long memory = 64 << 20;
        long make = 0;
        boolean ring = true;
        boolean compare = false;
        while (left.size() > 2 || !left.isEmpty() && left.peek().startsWith("--")) {
            String option = left.pop();
            switch (option) {
                case "--device" -> device = value(option, left);
                case "--threshold" -> threshold = number(option, value(option, left));
                case "--memory" -> memory = bytes(option, value(option, left));
                case "--make" -> make = bytes(option, value(option, left));
                case "--no-uring" -> ring = false;
                case "--compare" -> compare = true;
                default -> throw new IllegalArgumentException("what is '" + option + "'?");
            }
        }
        if (left.size() < 2) {
            throw new IllegalArgumentException("which INPUT and OUTPUT?");
        }
        Job job = new Job(Path.of(left.pop()), Path.of(left.pop()), threshold, memory, ring);
        return new Options(job, device, make, compare);
    }

    private static String value(String option, Deque<String> left) {
        if (left.isEmpty()) {
            throw new IllegalArgumentException(option + " needs a value");
        }
        return left.pop();
    }

    private static float number(String option, String number) {
        try {
            return Float.parseFloat(number);
        } catch (NumberFormatException none) {
            throw new IllegalArgumentException(
                    option + " takes a number, not '" + number + "'", none);
        }
    }

    private static long bytes(String option, String size) {
        String digits = size.replaceFirst("[KMGkmg]$", "");
        String unit = size.substring(digits.length()).toUpperCase(Locale.ROOT);
        int shift = unit.isEmpty() ? 0 : 10 * ("KMG".indexOf(unit) + 1);
        try {
            long number = Long.parseLong(digits);
            if (number >= 0) {
                return Math.multiplyExact(number, 1L << shift);
            }
        } catch (NumberFormatException | ArithmeticException none) {
            // told below
        }
        throw new IllegalArgumentException(
                option + " takes a size such as 64M, not '" + size + "'");
    }
}
