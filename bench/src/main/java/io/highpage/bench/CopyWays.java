// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.device.DeviceMemory;
import io.highpage.device.Devices;
import io.highpage.device.Extent;
import io.highpage.internal.copy.RunList;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How long one copy to a private OpenCL device and back takes in each way that there is, by turns,
 * so that what else the machine does meets all alike; also of several runs at once. Prints a table:
 * microseconds there and back, and how many times as fast as straight that is.
 */
public final class CopyWays {
    private static final List<String> WAYS =
            List.of("straight", "blocking", "staged", "wrapped", "mapped");
    private static final long[] BYTES = {
        4096, 65_536, 1 << 20, 8 << 20, 16 << 20, 32 << 20, 256 << 20
    };

    /** Of so many bytes, runs that are copied by one call. */
    private static final long[] RUN_BYTES = {4096, 65_536, 1 << 20, 8 << 20};

    private static final int RUNS = 8;
    private static final long ROUND_BYTES = 2L << 30;
    private static final int ROUNDS_MAX = 2000;

    private CopyWays() {}

    /** One device, which copies in one way. */
    private record Subject(DeviceMemory device, Extent extent, long[] in, long[] out) {
        static Subject open(String name, String way, long bytes, int rounds) {
            System.setProperty("highpage.opencl.copy", way);
            DeviceMemory device = Devices.named(name).open();
            return new Subject(device, device.allocate(bytes), new long[rounds], new long[rounds]);
        }

        void copy(MemorySegment home, RunList all, int round) {
            long start = System.nanoTime();
            extent.copyIn(0, home, all);
            long there = System.nanoTime();
            extent.copyOut(0, home, all);
            in[round] = there - start;
            out[round] = System.nanoTime() - there;
        }

        double nanos() {
            return median(in) + median(out);
        }

        /** {@return its times, and how many times as fast as another that is} */
        String cell(Subject other) {
            return String.format(
                    Locale.ROOT,
                    " %.1f + %.1f, %.2f |",
                    median(in) / 1000,
                    median(out) / 1000,
                    other.nanos() / nanos());
        }

        void close() {
            extent.free();
            device.close();
        }
    }

    /** Measures the devices that are named. */
    public static void main(String[] devices) {
        System.out.println("| device | bytes | " + String.join(" | ", WAYS) + " |");
        System.out.println("| --- | --- |" + " --- |".repeat(WAYS.size()));
        for (String device : devices) {
            for (long bytes : BYTES) {
                measure(device, bytes, 1);
            }
            for (long bytes : RUN_BYTES) {
                measure(device, bytes, RUNS);
            }
        }
    }

    private static void measure(String name, long bytes, int count) {
        long all = (2 * count - 1) * bytes; // as much lies between two runs
        int rounds = Math.clamp(ROUND_BYTES / (count * bytes), 8, ROUNDS_MAX);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment home = arena.allocate(all, 4096).fill((byte) 1);
            RunList runs = new RunList(arena.allocate(count * RunList.RUN_BYTES, Long.BYTES));
            for (int run = 0; run < count; run++) {
                runs.add(2 * run * bytes, bytes);
            }
            List<Subject> subjects = WAYS.stream()
                    .map(way -> Subject.open(name, way, all, rounds))
                    .toList();
            for (int round = 0; round < rounds; round++) {
                for (Subject subject : subjects) {
                    subject.copy(home, runs, round);
                }
            }
            System.out.println(
                    "| " + name + " | " + (count == 1 ? "" : count + " x ") + bytes + " |"
                            + subjects.stream()
                                    .map(subject -> subject.cell(subjects.getFirst()))
                                    .collect(Collectors.joining()));
            subjects.forEach(Subject::close);
        }
    }

    private static double median(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
