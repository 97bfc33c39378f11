// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.vectors;

import io.highpage.Highpage;
import io.highpage.outcome.DeviceTraffic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * How fast searches are while vectors are appended, against copies by hand: rows are appended, a
 * batch is asked, and so on. All ways run in one process, by turns, and have to give the same
 * answers. The first pass is not counted.
 */
public final class Figure {
    private static final int DIMENSIONS = 128;
    private static final int K = 10;
    private static final int FIRST = 60_000;
    private static final int MORE = 500;
    private static final int STEPS = 20;
    private static final int PASSES = 7;
    private static final long BYTES = (FIRST + (long) STEPS * MORE) * DIMENSIONS * Float.BYTES;

    private Figure() {}

    /** A way to have the rows on the device. */
    interface Way extends AutoCloseable {
        void append(float[] row);

        List<List<Hit>> nearest(float[][] batch) throws InterruptedException;

        /** {@return bytes copied to the device, and from it} */
        long bytesMoved();

        @Override
        void close();
    }

    /** Makes a way anew. */
    private interface Maker {
        Way make(OpenClMachine machine, int queries);
    }

    private static Maker paged(long spanBytes, long deviceMemory) {
        return (machine, queries) -> new Paged(machine, queries, spanBytes, deviceMemory);
    }

    private static Maker byHand(ByHand.Copies copies, long spanBytes) {
        int rows = (int) (spanBytes / Float.BYTES / DIMENSIONS);
        return (machine, queries) -> new ByHand(machine, copies, DIMENSIONS, rows, K, queries);
    }

    public static void main(String[] arguments) throws Exception {
        if (!OpenClMachine.isThere()) {
            say("The figure compares with OpenCL's own copies, and there is no OpenCL device.");
            return;
        }
        Map<String, Maker> fits = new LinkedHashMap<>();
        fits.put("Highpage", paged(16L << 20, Long.MAX_VALUE));
        fits.put("by hand, all rows", byHand(ByHand.Copies.ALL, 16L << 20));
        fits.put("by hand, appended rows", byHand(ByHand.Copies.APPENDED, 16L << 20));
        Map<String, Maker> larger = new LinkedHashMap<>();
        larger.put("Highpage", paged(4L << 20, BYTES / 4));
        larger.put("by hand, all rows", byHand(ByHand.Copies.STREAMED, 4L << 20));
        try (OpenClMachine machine = OpenClMachine.open()) {
            say("device: %s", machine.description());
        }
        say(
                "%,d rows of %d floats (%.0f MiB), and %d more before each of %d batches;"
                        + " best of %d passes",
                FIRST, DIMENSIONS, FIRST * DIMENSIONS * 4 / 1048576.0, MORE, STEPS, PASSES);
        for (int queries : new int[] {1, 16}) {
            compare("everything fits", fits, queries);
            compare("device memory for a quarter", larger, queries);
        }
    }

    private static void compare(String title, Map<String, Maker> ways, int queries)
            throws Exception {
        float[][] rows = Data.rows(1, FIRST + STEPS * MORE, DIMENSIONS);
        float[][] batch = Data.rows(2, queries, DIMENSIONS);
        Map<String, Double> best = new LinkedHashMap<>();
        Map<String, Long> moved = new LinkedHashMap<>();
        for (int pass = -1; pass < PASSES; pass++) {
            Set<List<List<List<Hit>>>> answers = new HashSet<>();
            for (Map.Entry<String, Maker> entry : ways.entrySet()) {
                Result result = measure(entry.getValue(), rows, batch);
                answers.add(result.answers());
                moved.put(entry.getKey(), result.bytesMoved());
                if (pass >= 0) {
                    best.merge(entry.getKey(), result.queriesPerSecond(), Math::max);
                }
            }
            if (answers.size() != 1) {
                throw new AssertionError("the ways found different rows");
            }
        }
        say("%n%s, batches of %d", title, queries);
        say("%-24s %10s %15s %10s", "", "queries/s", "Highpage is", "MiB/batch");
        double own = best.values().iterator().next();
        best.forEach((name, perSecond) -> say(
                "%-24s %10.1f %13.2f x %10.2f",
                name, perSecond, own / perSecond, moved.get(name) / 1048576.0 / STEPS));
    }

    /** What a pass of a way gave. */
    private record Result(
            List<List<List<Hit>>> answers, double queriesPerSecond, long bytesMoved) {}

    private static Result measure(Maker maker, float[][] rows, float[][] batch) throws Exception {
        try (OpenClMachine machine = OpenClMachine.open();
                Way way = maker.make(machine, batch.length)) {
            Arrays.stream(rows, 0, FIRST).forEach(way::append);
            way.nearest(batch);
            long before = way.bytesMoved();
            long start = System.nanoTime();
            List<List<List<Hit>>> answers = searchWhileMoreCome(way, rows, batch);
            double seconds = (System.nanoTime() - start) / 1e9;
            return new Result(answers, STEPS * batch.length / seconds, way.bytesMoved() - before);
        }
    }

    private static List<List<List<Hit>>> searchWhileMoreCome(
            Way way, float[][] rows, float[][] batch) throws InterruptedException {
        List<List<List<Hit>>> answers = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            int from = FIRST + step * MORE;
            Arrays.stream(rows, from, from + MORE).forEach(way::append);
            answers.add(way.nearest(batch));
        }
        return answers;
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }

    /** The example's own classes. */
    private static final class Paged implements Way {
        private final Highpage highpage;
        private final Vectors vectors;
        private final Vectors.Writer writer;
        private final Search search;

        Paged(OpenClMachine machine, int queries, long spanBytes, long deviceMemory) {
            highpage = Highpage.builder()
                    .device(machine.memory())
                    .deviceMemory(deviceMemory)
                    .open();
            vectors = new Vectors(highpage, DIMENSIONS, 4 * spanBytes, spanBytes);
            writer = vectors.writer();
            search = new Search(highpage, machine, vectors, K, queries);
        }

        @Override
        public void append(float[] row) {
            writer.append(row);
        }

        @Override
        public List<List<Hit>> nearest(float[][] batch) throws InterruptedException {
            return search.nearest(vectors, batch).hits();
        }

        @Override
        public long bytesMoved() {
            DeviceTraffic traffic = highpage.device().traffic();
            return traffic.bytesIn() + traffic.bytesOut();
        }

        @Override
        public void close() {
            search.close();
            writer.close();
            vectors.close();
            highpage.close();
        }
    }
}
