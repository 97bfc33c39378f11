// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.vectors;

import io.highpage.Highpage;
import io.highpage.outcome.DeviceTraffic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * One thread appends vectors while another asks for the nearest ones. Then every answer is compared
 * with that of plain Java over the rows that there were. Arguments: how many rows (40,000), and the
 * device memory to use in MiB (all).
 */
public final class VectorsExample {
    private static final int DIMENSIONS = 128;
    private static final int K = 10;
    private static final int BATCH = 8;
    private static final long SPAN_BYTES = 2L << 20;
    private static final long BUFFER_BYTES = 8L << 20;

    private VectorsExample() {}

    public static void main(String[] arguments) throws Exception {
        int count;
        long deviceMemory;
        try {
            count = (int) number(arguments, 0, 1, 40_000);
            deviceMemory = number(arguments, 1, (SPAN_BYTES >> 20) + 1, Integer.MAX_VALUE) << 20;
        } catch (IllegalArgumentException wrong) {
            System.err.println(wrong.getMessage() + "\nusage: VectorsExample [ROWS [MIB]]: how many"
                    + " vectors, and how much device memory they may have");
            System.exit(2);
            return;
        }
        run(count, deviceMemory);
    }

    private static void run(int count, long deviceMemory) throws Exception {
        float[][] rows = Data.rows(1, count, DIMENSIONS);
        float[][] batch = Data.rows(2, BATCH, DIMENSIONS);
        List<Search.Answer> answers;
        try (Machine machine = Machine.best();
                Highpage highpage = Highpage.builder()
                        .device(machine.memory())
                        .deviceMemory(deviceMemory)
                        .open();
                Vectors vectors = new Vectors(highpage, DIMENSIONS, BUFFER_BYTES, SPAN_BYTES);
                Search search = new Search(highpage, machine, vectors, K, BATCH)) {
            say("device: %s", machine.description());
            answers = searchWhileMoreCome(vectors, rows, search, batch);
            DeviceTraffic moved = highpage.device().traffic();
            say(
                    "%,d vectors of %d floats (%s) appended, while %d batches of %d queries ran",
                    count, DIMENSIONS, mib(4L * DIMENSIONS * count), answers.size(), BATCH);
            say(
                    "moved: %s to the device, %s home; %d spans left it for others",
                    mib(moved.bytesIn()), mib(moved.bytesOut()), moved.spansEvicted());
        }
        check(answers, rows, batch);
        say(
                "checked: all answers, over %,d to %,d rows, are those of plain Java to the last"
                        + " bit",
                answers.getFirst().rows(), answers.getLast().rows());
    }

    private static long number(String[] arguments, int index, long least, long otherwise) {
        if (index >= arguments.length) {
            return otherwise;
        }
        String text = arguments[index];
        try {
            long number = Integer.parseInt(text);
            if (number >= least) {
                return number;
            }
        } catch (NumberFormatException none) {
            // told below
        }
        throw new IllegalArgumentException(
                "'" + text + "' has to be a whole number from " + least + " on");
    }

    private static List<Search.Answer> searchWhileMoreCome(
            Vectors vectors, float[][] rows, Search search, float[][] batch)
            throws InterruptedException {
        List<Search.Answer> answers = new ArrayList<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            try (Vectors.Writer writer = vectors.writer()) {
                Arrays.stream(rows).forEach(writer::append);
            }
        });
        boolean last;
        do {
            last = !thread.isAlive();
            answers.add(search.nearest(vectors, batch));
        } while (!last);
        return answers;
    }

    private static void check(List<Search.Answer> answers, float[][] rows, float[][] batch) {
        for (Search.Answer answer : answers) {
            if (!answer.hits().equals(Data.nearest(rows, (int) answer.rows(), batch, K))) {
                throw new AssertionError("the answer over " + answer.rows() + " rows is wrong");
            }
        }
    }

    private static String mib(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
