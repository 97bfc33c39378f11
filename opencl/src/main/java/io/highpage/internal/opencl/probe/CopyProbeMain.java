// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.probe;

import io.highpage.device.Extent;
import io.highpage.internal.close.Closes;
import io.highpage.internal.copy.RunList;
import io.highpage.internal.opencl.BufferExtent;
import io.highpage.internal.opencl.Cl;
import io.highpage.internal.opencl.ClContext;
import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.internal.opencl.CoarseGrainedExtent;
import io.highpage.internal.opencl.CopyPlan;
import io.highpage.internal.opencl.CopyWay;
import io.highpage.internal.opencl.MapCheck;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.OutOfPageMemoryException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The process that copies in each way, looks at the bytes, and tells what it saw. It may die, or
 * hang, in any of them: what it was about to do is the last that it said. Then it copies in all
 * ways that are right by turns, so that whatever else the machine does meets all alike, and tells
 * once more.
 */
public final class CopyProbeMain {
    /** What its words begin with: drivers print too. */
    static final String SAYS = "highpage-probe: ";

    static final String BEGINS = "begins ";

    /** Said at the end, where nobody else had the processors that copies are shared on. */
    static final String CALM = "calm";

    /** Said at the end elsewhere. */
    static final String BUSY = "busy";

    /** Said before anything that takes a while: who says nothing for long is taken to hang. */
    private static final String GOES_ON = "goes on";

    /** Of each size, to see whether bytes are right. */
    private static final int LOOKS = 2;

    /**
     * Where a look at a size takes longer, and another one too, on the first way that is right, the
     * device is slow: nothing longer is copied.
     */
    private static final long LOOK_NANOS = 400_000_000L;

    private static final int ROUNDS = 40;

    /** Each size has its turn in so many rounds once: none has a moment of its own. */
    private static final int[] EVERY = {1, 1, 1, 4, 5, 7};

    /**
     * So often a way copies in one turn: short copies are told apart by what a call takes, and its
     * code is interpreted for the first few hundred of them.
     */
    private static final int[] TIMES = {20, 10, 4, 1, 1, 1};

    /** A turn of one way ends then, on devices that are slow. */
    private static final long TURN_NANOS = 10_000_000L;

    /** For the turns of each size, on devices that are slow. */
    private static final long TURNS_NANOS = 1_000_000_000L;

    /** For all of them, on devices that are slower still. */
    private static final long ALL_TURNS_NANOS = 8_000_000_000L;

    /** Whoever took so many times as long as the fastest is not asked again at that size. */
    private static final int HOPELESS = 4;

    /** Until then all are asked: who was looked at first had the most to load and compile. */
    private static final int WARM = 5;

    private static final byte POISON = 0x5A;

    private CopyProbeMain() {}

    /**
     * Probes.
     *
     * @param arguments what the device is called, then ways
     */
    public static void main(String[] arguments) {
        endWithParent();
        Cl cl = Cl.open();
        DeviceKey key = DeviceKey.ofArgument(arguments[0]);
        ClDeviceFacts facts = cl.platforms().stream()
                .flatMap(platform -> cl.devices(platform).stream())
                .map(device -> ClDeviceFacts.of(cl, device))
                .filter(key::isOf)
                .findFirst()
                .orElseThrow();
        try (Arena arena = Arena.ofShared()) {
            Copies copies = new Copies(arena, Copies.fitting(facts, arguments.length - 1));
            List<Trial> right = new ArrayList<>();
            for (String word : Arrays.copyOfRange(arguments, 1, arguments.length)) {
                CopyWay way = CopyWay.of(word).orElseThrow();
                say(BEGINS + way.word());
                Trial trial = begin(cl, facts, key.isSvm(), way, copies);
                if (trial != null && trial.looks(copies, right.isEmpty())) {
                    right.add(trial);
                }
            }
            byTurns(right, copies);
        }
        Runtime.getRuntime().halt(0); // what drivers do at the end of a process is not asked for
    }

    /**
     * Who has started this holds the other end of its input until it has ended. Whatever a driver
     * does here meanwhile, nobody hears of it once that is closed.
     */
    private static void endWithParent() {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                System.in.transferTo(OutputStream.nullOutputStream());
            } catch (IOException closed) {
                // as if it had ended
            }
            Runtime.getRuntime().halt(1);
        });
    }

    /**
     * On a line of its own, whatever a driver has printed before; in one piece, so that it prints
     * nothing in between.
     */
    private static void say(String line) {
        System.out.writeBytes(("\n" + SAYS + line + "\n").getBytes(StandardCharsets.UTF_8));
        System.out.flush();
    }

    private static @Nullable Trial begin(
            Cl cl, ClDeviceFacts facts, boolean svm, CopyWay way, Copies copies) {
        try {
            ClContext context = ClContext.open("probe", cl, facts);
            context.copyBy(CopyPlan.only(way));
            try {
                Extent extent = svm
                        ? CoarseGrainedExtent.allocate(context, copies.extent())
                        : BufferExtent.allocate(
                                context, copies.extent(), facts.subBufferAlignment());
                return new Trial(way, context, extent, copies.sizes());
            } catch (HighpageException failed) {
                Closes.rethrow(Closes.step(failed, context::close));
                throw failed;
            }
        } catch (HighpageException failed) {
            say(finding(way, failed).line());
            return null;
        }
    }

    /** {@return what a failure says of a way: a lack of memory may be of the moment} */
    private static WayFinding finding(CopyWay way, HighpageException failed) {
        String text = String.valueOf(failed.getMessage());
        return failed instanceof OutOfPageMemoryException
                        || failed.getCause() instanceof OutOfPageMemoryException
                ? WayFinding.lacking(way, text)
                : WayFinding.wrong(way, text);
    }

    private static void byTurns(List<Trial> trials, Copies copies) {
        Optional<CpuTimes> before = CpuTimes.now();
        long[] spent = new long[copies.sizes()];
        long begin = System.nanoTime();
        for (int round = 0; round < ROUNDS && !copies.slow; round++) {
            say(GOES_ON);
            for (int size = 0; size < spent.length; size++) {
                long start = System.nanoTime();
                if (round % EVERY[size] == 0
                        && spent[size] < TURNS_NANOS
                        && start - begin < ALL_TURNS_NANOS) {
                    inTurn(trials, copies, size, round >= WARM);
                    spent[size] += System.nanoTime() - start;
                }
            }
        }
        Optional<CpuTimes> after = CpuTimes.now();
        for (Trial trial : trials) {
            say(trial.found(copies.sizes()).line());
            trial.close();
        }
        boolean calm = !copies.slow
                && (before.isEmpty()
                        || after.isEmpty()
                        || !after.get().wereBusySince(before.get(), copies.threads()));
        say(calm ? CALM : BUSY);
    }

    private static void inTurn(List<Trial> trials, Copies copies, int size, boolean warm) {
        long fastest =
                trials.stream().mapToLong(trial -> trial.nanos(size)).min().orElse(0);
        long most = warm ? HOPELESS * fastest : Long.MAX_VALUE;
        Collections.shuffle(trials); // the first finds what it copies in no cache
        trials.removeIf(
                trial -> trial.nanos(size) <= most && !trial.copies(copies, size, TIMES[size]));
    }

    /** The host's side: of all trials the same memory. */
    private static final class Copies {
        /** What lies before: a driver may be faster with all of its memory than with a part. */
        static final long BEFORE = 64 << 10;

        private final MemorySegment source;
        private final MemorySegment target;
        private final List<RunList> runs = new ArrayList<>();
        private boolean slow;

        Copies(Arena arena, int sizes) {
            long bytes = WayFinding.SIZES[sizes - 1];
            source = arena.allocate(bytes, 4096);
            target = arena.allocate(bytes, 4096);
            for (int size = 0; size < sizes; size++) {
                runs.add(RunList.one(arena, 0, WayFinding.SIZES[size]));
            }
            for (long i = 0; i < bytes; i += Long.BYTES) {
                source.set(ValueLayout.JAVA_LONG, i, i * 0x9E3779B97F4A7C15L);
            }
        }

        /** {@return how many sizes half of a device's memory is enough for, in so many ways} */
        static int fitting(ClDeviceFacts facts, int ways) {
            long most = Math.min(facts.maxAllocationBytes(), facts.memoryBytes() / 2 / ways);
            int sizes = WayFinding.SIZES.length;
            while (sizes > WayFinding.SIZES_MIN && BEFORE + WayFinding.SIZES[sizes - 1] > most) {
                sizes--;
            }
            return sizes;
        }

        /** {@return how many sizes are copied} */
        int sizes() {
            return runs.size();
        }

        /** Copies nothing longer from now on, and has no turns if even the shortest take long. */
        void endAt(int size) {
            slow = size < WayFinding.SIZES_MIN;
            runs.subList(Math.max(WayFinding.SIZES_MIN, size + 1), runs.size()).clear();
        }

        /** {@return how much of a device's memory a way needs} */
        long extent() {
            return BEFORE + source.byteSize();
        }

        /** {@return how many threads share the large ones} */
        int threads() {
            return runs.getFirst().threads();
        }
    }

    /** What the copies of one turn took. */
    private static final class Turn {
        private int times;
        private long there;
        private long home;
    }

    /** One way, and what its copies took on average in the shortest turn so far. */
    private static final class Trial {
        private final CopyWay way;
        private final ClContext context;
        private final Extent extent;
        private final long[] nanos;

        Trial(CopyWay way, ClContext context, Extent extent, int sizes) {
            this.way = way;
            this.context = context;
            this.extent = extent;
            this.nanos = new long[2 * sizes];
            Arrays.fill(nanos, Long.MAX_VALUE);
        }

        /** {@return what so many sizes took so far, when it has copied each of them} */
        WayFinding found(int sizes) {
            return WayFinding.right(way, Arrays.copyOf(nanos, 2 * sizes));
        }

        /** {@return how long a copy of a size took so far, there and back} */
        long nanos(int size) {
            return nanos[2 * size] + nanos[2 * size + 1];
        }

        /** Gives back what it has, if the driver lets it: what was found holds all the same. */
        void close() {
            Throwable failed = Closes.step(null, extent::free);
            Throwable ignored = Closes.step(failed, context::close);
        }

        /**
         * {@return whether its bytes are right; says what it found, and is over if not}
         *
         * @param first whether no other way was right before
         */
        boolean looks(Copies copies, boolean first) {
            for (int size = 0; size < copies.sizes(); size++) {
                say(GOES_ON);
                if (!copies(copies, size, LOOKS)) {
                    return false;
                }
                say(GOES_ON);
                if (nanos(size) > LOOK_NANOS && !copies(copies, size, 1)) {
                    return false;
                }
                if (first && nanos(size) > LOOK_NANOS) {
                    copies.endAt(size);
                }
            }
            if (way == CopyWay.MAPPED && !leavesOthersAlone(copies)) {
                return false;
            }
            say(found(copies.sizes()).line());
            return true;
        }

        private boolean leavesOthersAlone(Copies copies) {
            if (copies.slow) { // it takes some eighty commands, as long as a hang does
                return isOver(WayFinding.lacking(
                        way, "not looked at, since copies of 64 KiB take 0.4 s or more"));
            }
            try {
                String fault = MapCheck.fault(extent, () -> say(GOES_ON));
                return fault == null || isOver(WayFinding.wrong(way, fault));
            } catch (HighpageException failed) {
                return isOver(finding(way, failed));
            }
        }

        /**
         * {@return whether the bytes were right each time; says so if not, and is over}
         *
         * @param times how often it copies, at most
         */
        boolean copies(Copies copies, int size, int times) {
            try {
                long start = System.nanoTime();
                Turn turn = new Turn();
                do {
                    long differs = thereAndBack(copies, size, turn);
                    if (differs >= 0) {
                        String fault = "byte " + differs + " of " + WayFinding.SIZES[size]
                                + " is another after it was copied there and back";
                        return isOver(WayFinding.wrong(way, fault));
                    }
                } while (turn.times < times && System.nanoTime() - start < TURN_NANOS);
                keepShortest(2 * size, turn.there / turn.times);
                keepShortest(2 * size + 1, turn.home / turn.times);
                return true;
            } catch (HighpageException failed) {
                return isOver(finding(way, failed));
            }
        }

        private void keepShortest(int direction, long took) {
            nanos[direction] = Math.min(nanos[direction], Math.max(1, took));
        }

        private boolean isOver(WayFinding found) {
            say(found.line());
            close();
            return false;
        }

        /** {@return the first byte that is another then, or -1} */
        private long thereAndBack(Copies copies, int size, Turn turn) {
            RunList runs = copies.runs.get(size);
            long bytes = runs.totalBytes();
            long salt = System.nanoTime() ^ way.ordinal(); // of no other copy
            copies.source.set(ValueLayout.JAVA_LONG, 0, salt);
            copies.source.set(ValueLayout.JAVA_LONG, bytes - Long.BYTES, salt);
            MemorySegment target = copies.target.asSlice(0, bytes);
            target.fill(POISON);
            long start = System.nanoTime();
            extent.copyIn(Copies.BEFORE, copies.source, runs);
            long there = System.nanoTime();
            extent.copyOut(Copies.BEFORE, copies.target, runs);
            long home = System.nanoTime();
            turn.there += there - start;
            turn.home += home - there;
            turn.times++;
            return target.mismatch(copies.source.asSlice(0, bytes));
        }
    }
}
