// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.probe;

import io.highpage.internal.os.ProcFile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long the processors that this process may use have been at work, as Linux tells it
 * ({@code proc(5)}).
 *
 * @param nanos of all of them since the system started, idle time not counted
 * @param ownNanos of this process
 * @param at when, by {@link System#nanoTime}
 * @param cores how many processors there are
 */
record CpuTimes(long nanos, long ownNanos, long at, int cores) {
    private static final Path FILE = Path.of("/proc/stat");
    private static final Pattern LINE = Pattern.compile("cpu(\\d+) (.*)");

    /** {@code USER_HZ}, the same on all architectures that Java runs on. */
    private static final long TICK_NANOS = 10_000_000;

    /** Of the numbers of a processor: idle and iowait; guest times are in user and nice. */
    private static final int IDLE = 3;

    private static final int IOWAIT = 4;
    private static final int COUNTED = 8;

    /** What others may take of a processor that is free: every system does something. */
    private static final double LITTLE = 0.25;

    /** {@return what they are now, empty where that cannot be known} */
    static Optional<CpuTimes> now() {
        try {
            Optional<Duration> own = ProcessHandle.current().info().totalCpuDuration();
            Optional<String> usable = ProcFile.status("Cpus_allowed_list:");
            return own.isEmpty() || usable.isEmpty()
                    ? Optional.empty()
                    : parse(
                            Files.readString(FILE),
                            usable.get(),
                            own.get().toNanos(),
                            System.nanoTime());
        } catch (IOException | SecurityException unreadable) {
            return Optional.empty();
        }
    }

    /**
     * {@return what the text of the file says, empty if it is not as it should be}
     *
     * @param usable the processors that count, such as {@code 0-3,8}
     */
    static Optional<CpuTimes> parse(String text, String usable, long ownNanos, long at) {
        try {
            BitSet numbers = numbers(usable);
            long ticks = 0;
            int cores = 0;
            for (String line : text.lines().toList()) {
                Matcher cpu = LINE.matcher(line);
                if (cpu.matches() && numbers.get(Integer.parseInt(cpu.group(1)))) {
                    ticks += ticks(cpu.group(2).split(" "));
                    cores++;
                }
            }
            return cores == 0
                    ? Optional.empty()
                    : Optional.of(new CpuTimes(ticks * TICK_NANOS, ownNanos, at, cores));
        } catch (NumberFormatException | IndexOutOfBoundsException garbage) {
            return Optional.empty();
        }
    }

    private static long ticks(String[] numbers) {
        long ticks = 0;
        for (int i = 0; i < COUNTED; i++) {
            ticks += i == IDLE || i == IOWAIT ? 0 : Long.parseLong(numbers[i]);
        }
        return ticks;
    }

    private static BitSet numbers(String list) {
        BitSet numbers = new BitSet();
        for (String range : list.strip().split(",")) {
            String[] ends = range.split("-", 2);
            numbers.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
        }
        return numbers;
    }

    /**
     * {@return whether other processes left fewer processors free since then than so many threads
     * need}
     */
    boolean wereBusySince(CpuTimes before, int threads) {
        double others = (double) (nanos - before.nanos - (ownNanos - before.ownNanos))
                / Math.max(1, at - before.at);
        return cores - others < Math.min(threads, cores) - LITTLE;
    }
}
