// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.internal.copy.RunCopier;
import io.highpage.internal.copy.RunList;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Question: is a copy that threads share ever slower than one that they do not? Not JMH: the two
 * take turns in one JVM, so that whatever else the machine does meets both.
 *
 * <p>Hypothesis: it takes at most 1.03 times as long, whether the machine is idle, has a thread of
 * somebody else's on every core, or has one core. Refuted by more.
 *
 * <p>A copy is what a migration does with the native library: 32 MiB at a time.
 */
public final class SharedCopies {
    private static final long BATCH_BYTES = 32L << 20;
    private static final long PAGE_BYTES = 4096;

    private SharedCopies() {}

    /**
     * {@return how many times as long a shared copy takes as one that is not, by their medians; the
     * name of each has the size in MiB}
     *
     * @param name of the condition
     * @param bytes of each copy
     * @param nanos how long each size is measured
     */
    public static List<Quantity> measure(String name, List<Long> bytes, long nanos) {
        return bytes.stream().map(each -> measured(name, each, nanos)).toList();
    }

    private static Quantity measured(String name, long bytes, long nanos) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment source = arena.allocate(bytes, PAGE_BYTES).fill((byte) 1);
            MemorySegment target = arena.allocate(bytes, PAGE_BYTES).fill((byte) 2);
            List<RunList> batches = new ArrayList<>();
            for (long from = 0; from < bytes; from += BATCH_BYTES) {
                batches.add(RunList.one(arena, from, Math.min(BATCH_BYTES, bytes - from)));
            }
            Runnable shared = () -> batches.forEach(batch -> batch.copy(source, target));
            RunCopier copier = RunCopier.fastest(source, target);
            Runnable alone = () -> batches.forEach(
                    batch -> copier.copy(source, target, batch, batch.totalBytes()));
            byTurns(shared, alone, nanos / 4); // until it is compiled
            return byTurns(shared, alone, nanos).quantity(name + "." + (bytes >> 20));
        }
    }

    private static Times byTurns(Runnable shared, Runnable alone, long nanos) {
        Times times = new Times(new ArrayList<>(), new ArrayList<>());
        for (long start = System.nanoTime();
                System.nanoTime() - start < nanos || times.shared.size() < 8; ) {
            times.shared.add(timed(shared));
            times.alone.add(timed(alone));
            times.alone.add(timed(alone));
            times.shared.add(timed(shared));
        }
        return times;
    }

    private static long timed(Runnable copy) {
        long start = System.nanoTime();
        copy.run();
        return System.nanoTime() - start;
    }

    private record Times(List<Long> shared, List<Long> alone) {
        Quantity quantity(String name) {
            double[] with = sorted(shared);
            double[] without = sorted(alone);
            String note = String.format(
                    Locale.ROOT,
                    "%s against %s; lowest tenth %s, mean %s",
                    Numbers.time(with[with.length / 2]),
                    Numbers.time(without[without.length / 2]),
                    Numbers.text(with[with.length / 10] / without[without.length / 10]),
                    Numbers.text(mean(with) / mean(without)));
            return new Quantity(
                    name,
                    with[with.length / 2] / without[without.length / 2],
                    "times as long as not shared",
                    note);
        }

        private static double[] sorted(List<Long> times) {
            double[] sorted = times.stream().mapToDouble(Long::doubleValue).toArray();
            Arrays.sort(sorted);
            return sorted;
        }

        private static double mean(double[] times) {
            return Arrays.stream(times).average().orElseThrow();
        }
    }
}
