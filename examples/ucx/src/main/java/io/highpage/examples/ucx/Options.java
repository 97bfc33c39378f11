// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ucx;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The command line, of both processes.
 *
 * @param device where the words are made and checked
 * @param bytes how many each round
 * @param rounds how many times
 * @param compare whether to send them the plain ways too, in turn
 * @param seconds how long a message may take
 */
record Options(String device, int bytes, int rounds, boolean compare, int seconds) {
    static final String USAGE = """
            Usage: Sender [OPTION...]
            Make words on a device, send them by UCX to another process, check them on its device.
              --device NAME   opencl, opencl-private (coarse-grained SVM), opencl-buffer (cl_mem)
                              or host (Java). Without it OpenCL, if it is there.
              --mib N         How many MiB a round: 16, at most 1023.
              --rounds N      How many rounds: 9.
              --compare       Send by staging buffers too, in turn, and print ratios of times.
              --seconds N     How long a message may take before the other side is given up: 30.
            """;

    private static final int MIB_MAX = 1023;

    /**
     * Reads the command line.
     *
     * @throws IllegalArgumentException if it cannot be understood
     */
    static Options parse(List<String> arguments) {
        Deque<String> left = new ArrayDeque<>(arguments);
        Options options = new Options("auto", 16 << 20, 9, false, 30);
        while (!left.isEmpty()) {
            options = options.with(left.pop(), left);
        }
        return options;
    }

    private Options with(String option, Deque<String> left) {
        return switch (option) {
            case "--device" -> new Options(value(option, left), bytes, rounds, compare, seconds);
            case "--mib" ->
                new Options(device, number(option, left, MIB_MAX) << 20, rounds, compare, seconds);
            case "--rounds" ->
                new Options(device, bytes, number(option, left, 1_000_000_000), compare, seconds);
            case "--seconds" ->
                new Options(device, bytes, rounds, compare, number(option, left, 3600));
            case "--compare" -> new Options(device, bytes, rounds, true, seconds);
            default -> throw new IllegalArgumentException("what is '" + option + "'?");
        };
    }

    private static String value(String option, Deque<String> left) {
        if (left.isEmpty()) {
            throw new IllegalArgumentException(option + " needs a value");
        }
        return left.pop();
    }

    private static int number(String option, Deque<String> left, int most) {
        String value = value(option, left);
        try {
            int number = Integer.parseInt(value);
            if (number >= 1 && number <= most) {
                return number;
            }
        } catch (NumberFormatException none) {
            // told below
        }
        throw new IllegalArgumentException(
                option + " takes a number from 1 to " + most + ", not " + value);
    }
}
