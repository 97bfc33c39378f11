// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.policy;

import io.highpage.bench.policy.Trace.Limit;
import io.highpage.bench.policy.Trace.Than;
import io.highpage.outcome.AccessMode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntSupplier;

/**
 * Makes the generated traces, the same ones each time. Device memory has room for 64 spans of 2
 * MiB.
 */
public final class Workloads {
    private static final int ROOM = 64;
    private static final long SPAN_BYTES = 2L << 20;
    private static final int PASSES = 16;
    private static final int RANDOM_USES = 20_000;
    private static final Limit OF_OPTIMUM = new Limit(1.15, Than.OPTIMUM);
    private static final Limit OF_BEST = new Limit(1.1, Than.BEST);

    private final Path folder;

    private Workloads(Path folder) {
        this.folder = folder;
    }

    /** Writes all of them into a folder. */
    public static void write(Path folder) throws IOException {
        Workloads workloads = new Workloads(folder);
        workloads.loops();
        workloads.layers();
        workloads.random();
        workloads.mixed();
    }

    /** The order in which spans are used. */
    private static final class Order {
        final List<Integer> spans = new ArrayList<>();
        final List<AccessMode> modes = new ArrayList<>();

        void read(int span) {
            add(span, AccessMode.READ);
        }

        void modify(int span) {
            add(span, AccessMode.READ_WRITE);
        }

        void write(int span) {
            add(span, AccessMode.WRITE);
        }

        private void add(int span, AccessMode mode) {
            spans.add(span);
            modes.add(mode);
        }
    }

    private void write(String name, String comment, Limit limit, Order uses) throws IOException {
        int spans = Collections.max(uses.spans) + 1;
        write(name, comment, limit, uses, Collections.nCopies(spans, SPAN_BYTES));
    }

    private void write(String name, String comment, Limit limit, Order uses, List<Long> spanBytes)
            throws IOException {
        Trace trace = new Trace(name, ROOM * SPAN_BYTES, limit, spanBytes, uses.spans, uses.modes);
        Files.writeString(folder.resolve(name + Trace.ENDING), trace.text("generated: " + comment));
    }

    // ---- again and again in the same order ----

    private void loops() throws IOException {
        for (double times : new double[] {1.1, 2, 4}) {
            Order uses = new Order();
            Order modifying = new Order();
            for (int pass = 0; pass < PASSES; pass++) {
                for (int i = 0; i < (int) (ROOM * times); i++) {
                    uses.read(i);
                    modifying.modify(i);
                }
            }
            String size = String.valueOf(times).replace(".0", "");
            write("loop-" + size, "reads all, again and again", OF_OPTIMUM, uses);
            if (times == 2) {
                write("loop-2-modify", "the same, modifying", OF_OPTIMUM, modifying);
            }
        }
        loopWithHot();
        loopWithSums();
        loopOfSizes();
    }

    private void loopWithHot() throws IOException {
        Order uses = new Order();
        Random random = new Random(7);
        for (int pass = 0; pass < PASSES; pass++) {
            for (int i = 0; i < 2 * ROOM; i++) {
                uses.read(i);
                if (random.nextInt(4) == 0) {
                    uses.modify(2 * ROOM + random.nextInt(8));
                }
            }
        }
        write("loop-hot", "a loop, and eight spans modified at random", OF_OPTIMUM, uses);
    }

    private void loopWithSums() throws IOException {
        Order uses = new Order();
        for (int pass = 0; pass < PASSES; pass++) {
            for (int i = 0; i < 2 * ROOM; i++) {
                uses.read(i);
                uses.modify(2 * ROOM + i / 4);
            }
        }
        write("loop-sums", "four spans read for each that is modified", OF_OPTIMUM, uses);
    }

    private void loopOfSizes() throws IOException {
        List<Long> spanBytes = new ArrayList<>();
        Random random = new Random(3);
        for (int i = 0; i < 2 * ROOM; i++) {
            spanBytes.add(SPAN_BYTES << random.nextInt(2));
        }
        Order uses = new Order();
        for (int pass = 0; pass < PASSES; pass++) {
            for (int i = 0; i < 2 * ROOM; i++) {
                uses.add(i, i % 3 == 0 ? AccessMode.READ_WRITE : AccessMode.READ);
            }
        }
        write(
                "loop-sizes",
                "spans of 2 and 4 MiB, every third modified",
                OF_OPTIMUM,
                uses,
                spanBytes);
    }

    // ---- forward and backward ----

    private void layers() throws IOException {
        for (int times : new int[] {2, 4}) {
            Order uses = new Order();
            int layers = ROOM * times;
            for (int pass = 0; pass < PASSES / 2; pass++) {
                for (int i = 0; i < layers; i++) {
                    uses.read(i);
                }
                for (int i = layers - 1; i >= 0; i--) {
                    uses.read(i);
                }
            }
            write("layers-" + times, "all forward, then all backward", OF_OPTIMUM, uses);
        }
        training();
    }

    /** Weights, activations and gradients of 60 layers, a span each. */
    private void training() throws IOException {
        int layers = 60;
        Order apart = new Order();
        Order fused = new Order();
        for (int pass = 0; pass < PASSES; pass++) {
            for (int i = 0; i < layers; i++) {
                for (Order uses : List.of(apart, fused)) {
                    uses.read(i);
                    uses.write(layers + i);
                }
            }
            for (int i = layers - 1; i >= 0; i--) {
                apart.read(i);
                apart.read(layers + i);
                apart.write(2 * layers + i);
                fused.read(i);
                fused.read(layers + i);
                fused.modify(2 * layers + i);
                fused.modify(i);
            }
            for (int i = 0; i < layers; i++) {
                apart.modify(i);
                apart.read(2 * layers + i);
            }
        }
        write(
                "training",
                "60 layers forward, backward, and a third pass that updates the weights",
                OF_OPTIMUM,
                apart);
        write(
                "training-fused",
                "60 layers forward, and backward with the update",
                OF_OPTIMUM,
                fused);
    }

    // ---- at random ----

    private void random() throws IOException {
        skewed("skew-0.8", 0.8, 0);
        skewed("skew-1", 1, 3);
        skewed("skew-1.2", 1.2, 10);
        skewed("uniform", 0, 0);
        skewed("uniform-modify", 0, 3);
        List<Long> spanBytes = new ArrayList<>();
        Random random = new Random(3);
        for (int i = 0; i < 4 * ROOM; i++) {
            spanBytes.add(SPAN_BYTES << random.nextInt(3));
        }
        write(
                "skew-sizes",
                "Zipf 0.8 over spans of 2, 4 and 8 MiB, a tenth modified",
                OF_BEST,
                drawn(0.8, 10),
                spanBytes);
    }

    private void skewed(String name, double skew, int modified) throws IOException {
        write(
                name,
                (skew == 0 ? "any span" : "Zipf " + skew)
                        + (modified == 0 ? ", read" : ", one use of " + modified + " modifies"),
                OF_BEST,
                drawn(skew, modified));
    }

    private static Order drawn(double skew, int modified) {
        Order uses = new Order();
        Random random = new Random(1);
        IntSupplier spans = zipf(random, 4 * ROOM, skew);
        for (int i = 0; i < RANDOM_USES; i++) {
            draw(uses, spans.getAsInt(), random, modified);
        }
        return uses;
    }

    private static void draw(Order uses, int span, Random random, int modified) {
        boolean modifies = modified > 0 && random.nextInt(modified) == 0;
        uses.add(span, modifies ? AccessMode.READ_WRITE : AccessMode.READ);
    }

    /** {@return numbers below {@code n}, each less likely the higher its place in a mixed order} */
    private static IntSupplier zipf(Random random, int n, double skew) {
        List<Integer> order = new ArrayList<>();
        double[] sums = new double[n];
        double sum = 0;
        for (int i = 0; i < n; i++) {
            order.add(i);
            sum += 1 / Math.pow(i + 1.0, skew);
            sums[i] = sum;
        }
        Collections.shuffle(order, random);
        double all = sum;
        return () -> {
            int found = java.util.Arrays.binarySearch(sums, random.nextDouble() * all);
            return order.get(Math.min(n - 1, found < 0 ? -found - 1 : found));
        };
    }

    // ---- of several kinds ----

    private void mixed() throws IOException {
        Random random = new Random(2);
        Order phases = new Order();
        for (int phase = 0; phase < 12; phase++) {
            int first = random.nextInt(4 * ROOM);
            IntSupplier spans = zipf(random, 2 * ROOM, 1);
            for (int i = 0; i < 1000; i++) {
                if (phase % 3 == 2) {
                    phases.read((first + i % (ROOM * 3 / 2)) % (4 * ROOM));
                } else {
                    draw(phases, (first + spans.getAsInt()) % (4 * ROOM), random, 5);
                }
            }
        }
        write("phases", "Zipf 1 over half of the spans, or a loop, by turns", Limit.NONE, phases);
        scans();
    }

    private void scans() throws IOException {
        Random random = new Random(2);
        Order through = new Order();
        Order bursts = new Order();
        IntSupplier half = zipf(random, ROOM / 2, 0.6);
        IntSupplier all = zipf(random, ROOM, 0.8);
        int next = 0;
        for (int i = 0; i < RANDOM_USES; i++) {
            if (random.nextBoolean()) {
                draw(through, half.getAsInt(), random, 5);
            } else {
                through.read(ROOM / 2 + next++ % (32 * ROOM));
            }
            if (i % 2000 < 1700) {
                draw(bursts, all.getAsInt(), random, 5);
            } else {
                bursts.read(ROOM + i % (8 * ROOM));
            }
        }
        write("scan", "a hot set of half the room, and a scan past it", Limit.NONE, through);
        write("scan-bursts", "a hot set that fills the room, and short scans", Limit.NONE, bursts);
    }
}
