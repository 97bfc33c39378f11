// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.probe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How long the processors of this machine have been at work, as Linux tells it ({@code proc(5)}).
 *
 * @param nanos of all of them since the system started, idle time not counted
 * @param ownNanos of this process
 * @param at when, by {@link System#nanoTime}
 * @param cores how many processors there are
 */
record CpuTimes(long nanos, long ownNanos, long at, int cores) {
    private static final Path FILE = Path.of("/proc/stat");

    /** {@code USER_HZ}, the same on all architectures that Java runs on. */
    private static final long TICK_NANOS = 10_000_000;

    /** Of the numbers behind "cpu": idle and iowait; guest and guest_nice are in user and nice. */
    private static final int IDLE = 3;

    private static final int IOWAIT = 4;
    private static final int COUNTED = 8;

    /** What others may take of a processor that is free: every system does something. */
    private static final double LITTLE = 0.25;

    /** {@return what they are now, empty where that cannot be known} */
    static Optional<CpuTimes> now() {
        try {
            Optional<Duration> own = ProcessHandle.current().info().totalCpuDuration();
            return own.isEmpty()
                    ? Optional.empty()
                    : parse(Files.readString(FILE), own.get().toNanos(), System.nanoTime());
        } catch (IOException | SecurityException unreadable) {
            return Optional.empty();
        }
    }

    /** {@return what the text of the file says, empty if it is not as it should be} */
    static Optional<CpuTimes> parse(String text, long ownNanos, long at) {
        String[] words = text.lines().findFirst().orElse("").split(" +");
        int cores =
                (int) text.lines().filter(line -> line.matches("cpu\\d+ .*")).count();
        if (!words[0].equals("cpu") || words.length <= COUNTED || cores == 0) {
            return Optional.empty();
        }
        try {
            long ticks = 0;
            for (int i = 0; i < COUNTED; i++) {
                ticks += i == IDLE || i == IOWAIT ? 0 : Long.parseLong(words[i + 1]);
            }
            return Optional.of(new CpuTimes(ticks * TICK_NANOS, ownNanos, at, cores));
        } catch (NumberFormatException garbage) {
            return Optional.empty();
        }
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
