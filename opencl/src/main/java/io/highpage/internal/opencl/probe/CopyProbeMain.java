// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.probe;

import io.highpage.device.Extent;
import io.highpage.internal.copy.RunList;
import io.highpage.internal.opencl.BufferExtent;
import io.highpage.internal.opencl.Cl;
import io.highpage.internal.opencl.ClContext;
import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.internal.opencl.CoarseGrainedExtent;
import io.highpage.internal.opencl.CopyPlan;
import io.highpage.internal.opencl.CopyWay;
import io.highpage.outcome.HighpageException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The process that copies in each way, looks at the bytes, and tells what it saw. It may die, or
 * hang, in any of them: what it was about to do is the last that it said.
 */
public final class CopyProbeMain {
    /** What its words begin with: drivers print too. */
    static final String SAYS = "highpage-probe: ";

    static final String BEGINS = "begins ";

    private static final int[] ROUNDS = {30, 8, 4};
    private static final byte POISON = 0x5A;

    private CopyProbeMain() {}

    /**
     * Probes.
     *
     * @param arguments what the device is called, then ways
     */
    public static void main(String[] arguments) {
        Cl cl = Cl.open();
        DeviceKey key = new DeviceKey(arguments[0]);
        ClDeviceFacts facts = cl.platforms().stream()
                .flatMap(platform -> cl.devices(platform).stream())
                .map(device -> ClDeviceFacts.of(cl, device))
                .filter(key::isOf)
                .findFirst()
                .orElseThrow();
        for (String word : Arrays.copyOfRange(arguments, 1, arguments.length)) {
            CopyWay way = CopyWay.of(word).orElseThrow();
            say(BEGINS + way.word());
            say(probe(cl, facts, key.isSvm(), way).line());
        }
        Runtime.getRuntime().halt(0); // what drivers do at the end of a process is not asked for
    }

    private static void say(String line) {
        System.out.println(SAYS + line);
        System.out.flush();
    }

    private static WayFinding probe(Cl cl, ClDeviceFacts facts, boolean svm, CopyWay way) {
        try {
            ClContext context = ClContext.open("probe", cl, facts);
            context.copyBy(CopyPlan.only(way));
            long bytes = WayFinding.SIZES[WayFinding.SIZES.length - 1];
            Extent extent = svm
                    ? CoarseGrainedExtent.allocate(context, bytes)
                    : BufferExtent.allocate(context, bytes, facts.subBufferAlignment());
            WayFinding found = measure(extent, way);
            extent.free();
            context.close();
            return found;
        } catch (HighpageException failed) {
            return WayFinding.wrong(way, String.valueOf(failed.getMessage()));
        }
    }

    private static WayFinding measure(Extent extent, CopyWay way) {
        long[] nanos = new long[2 * WayFinding.SIZES.length];
        Arrays.fill(nanos, Long.MAX_VALUE);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment source = arena.allocate(extent.byteSize(), 4096);
            MemorySegment target = arena.allocate(extent.byteSize(), 4096);
            for (long i = 0; i < source.byteSize(); i += Long.BYTES) {
                source.set(ValueLayout.JAVA_LONG, i, (i + way.ordinal()) * 0x9E3779B97F4A7C15L);
            }
            for (int size = 0; size < WayFinding.SIZES.length; size++) {
                long bytes = WayFinding.SIZES[size];
                RunList runs = RunList.one(arena, 0, bytes);
                for (int round = 0; round < ROUNDS[size]; round++) {
                    long differs = thereAndBack(extent, source, target, runs, nanos, 2 * size);
                    if (differs >= 0) {
                        return WayFinding.wrong(
                                way,
                                "byte " + differs + " of " + bytes
                                        + " is another after it was copied there and back");
                    }
                }
            }
        }
        return WayFinding.right(way, nanos);
    }

    /**
     * {@return the first byte that is another then, or -1}
     *
     * @param nanos the shortest times so far
     * @param at where those of this size are
     */
    private static long thereAndBack(
            Extent extent,
            MemorySegment source,
            MemorySegment target,
            RunList runs,
            long[] nanos,
            int at) {
        long bytes = runs.totalBytes();
        source.set(ValueLayout.JAVA_LONG, bytes - Long.BYTES, System.nanoTime());
        target.fill(POISON);
        long start = System.nanoTime();
        extent.copyIn(0, source, runs);
        long there = System.nanoTime();
        extent.copyOut(0, target, runs);
        long home = System.nanoTime();
        nanos[at] = Math.min(nanos[at], Math.max(1, there - start));
        nanos[at + 1] = Math.min(nanos[at + 1], Math.max(1, home - there));
        return target.asSlice(0, bytes).mismatch(source.asSlice(0, bytes));
    }
}
