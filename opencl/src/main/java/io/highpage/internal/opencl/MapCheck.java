// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.device.Extent;
import io.highpage.internal.close.Closes;
import io.highpage.internal.copy.RunList;
import io.highpage.internal.log.Log;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.HighpageException;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * Whether a part of a device's memory can be mapped while others use what lies beside it. OpenCL
 * maps regions, but leaves undefined what commands do that use the rest meanwhile: a driver that
 * has another place for what the host sees may write back more than was mapped, and undo what
 * kernels and copies wrote. So the device zeroes what lies before and behind a part while it is
 * mapped, and those bytes are looked at afterwards: of large parts and of a page, at the start,
 * where an address is that of all, and inside, and of bytes within a page. Copies are made by
 * mapping alone: other ways need not be right on the device. Confined to one call.
 */
public final class MapCheck {
    /** What a device that is opened is asked with. */
    private static final long EXTENT_BYTES = 1L << 20;

    /** So much lies before and behind what is mapped: the smallest page. */
    private static final long BESIDE_BYTES = 4096;

    private static final byte OLD = 1;
    private static final byte NEW = 2;
    private static final byte POISON = 3;

    private final PrivateExtent extent;
    private final Arena arena;
    private final MemorySegment window;
    private final RunList all;

    private MapCheck(PrivateExtent extent, Arena arena) {
        this.extent = extent;
        this.arena = arena;
        this.window = arena.allocate(extent.byteSize(), BESIDE_BYTES);
        this.all = RunList.one(arena, 0, extent.byteSize());
    }

    /**
     * {@return a device's plan; another one without mapping, which is told, where that changes what
     * lies beside what is mapped}
     *
     * @param name the device's
     * @param memory allocates so many bytes of it
     * @param otherwise the plan that is known to be right
     * @throws DeviceLostException if the device is lost
     * @throws DeviceException if no other way is known to be right
     */
    public static CopyPlan checked(
            CopyPlan plan, String name, LongFunction<Extent> memory, Supplier<CopyPlan> otherwise) {
        String fault = plan.maps() ? fault(memory) : null;
        if (fault == null) {
            return plan;
        }
        CopyPlan safe = otherwise.get().withoutMaps();
        if (safe == null) {
            throw new DeviceException(
                    "memory of device " + name + " cannot be mapped, and no other way to copy is"
                            + " known to be right: " + fault + "; -D" + CopyWay.PROPERTY + "="
                            + CopyWay.STRAIGHT.word() + " uses it all the same",
                    null);
        }
        Log.warn(
                MapCheck.class,
                "memory of device " + name + " is not mapped, but copied " + safe.words() + ": "
                        + fault);
        return safe;
    }

    private static @Nullable String fault(LongFunction<Extent> memory) {
        try {
            Extent extent = memory.apply(EXTENT_BYTES);
            Throwable failed = null;
            try {
                return fault(extent);
            } catch (Throwable failure) {
                failed = failure;
                throw failure;
            } finally {
                Closes.rethrow(Closes.step(failed, () -> Cl.insist(extent::free)));
            }
        } catch (DeviceLostException gone) {
            throw gone; // no other way to copy helps
        } catch (HighpageException failed) {
            return "whether that is safe was not found out: " + failed.getMessage();
        }
    }

    /**
     * {@return which byte is wrong after a part of an extent was mapped, null if none is}
     * Overwrites the extent.
     *
     * @param extent private memory of at least four pages of 4 KiB
     * @throws HighpageException if the driver fails
     */
    public static @Nullable String fault(Extent extent) {
        return fault(extent, () -> {});
    }

    /**
     * The same.
     *
     * @param goesOn is told of each of its ten parts, which are some eight commands
     */
    public static @Nullable String fault(Extent extent, Runnable goesOn) {
        try (Arena arena = Arena.ofShared()) {
            return new MapCheck((PrivateExtent) extent, arena).fault(goesOn);
        }
    }

    private @Nullable String fault(Runnable goesOn) {
        long end = extent.byteSize();
        long[][] parts = {
            {BESIDE_BYTES, end - BESIDE_BYTES},
            {0, end - BESIDE_BYTES},
            {0, BESIDE_BYTES},
            {2 * BESIDE_BYTES, 3 * BESIDE_BYTES},
            {2 * BESIDE_BYTES + 10, 2 * BESIDE_BYTES + 101}
        };
        String fault = null;
        for (int i = 0; i < parts.length && fault == null; i++) {
            goesOn.run();
            fault = fault(extent.in(), parts[i][0], parts[i][1], NEW);
            if (fault == null) {
                goesOn.run();
                fault = fault(extent.out(), parts[i][0], parts[i][1], OLD);
            }
        }
        return fault;
    }

    /**
     * Copies a part.
     *
     * @param from its first byte
     * @param to the first one behind it
     * @param then what it has afterwards, on both sides
     */
    private @Nullable String fault(Transfer transfer, long from, long to, byte then) {
        RunList part = RunList.one(arena, from, to - from);
        RunList beside = RunList.onHeap(2);
        long before = Math.max(0, from - BESIDE_BYTES);
        if (before < from) {
            beside.add(before, from - before);
        }
        beside.add(to, Math.min(BESIDE_BYTES, extent.byteSize() - to));
        copy(extent.in(), all, OLD);
        copy(meddled(transfer, () -> extent.zero(0, beside)), part, then);
        copy(extent.out(), all, POISON);
        long at = first(part, 0, then);
        for (int run = 0; run < beside.count() && at < 0; run++) {
            at = first(beside, run, (byte) 0);
        }
        return at < 0
                ? null
                : "byte " + at + " of " + extent.byteSize()
                        + " is not as it was written while bytes " + from + " to " + (to - 1)
                        + " were mapped to be " + (transfer.home() ? "read" : "written");
    }

    private void copy(Transfer transfer, RunList runs, byte host) {
        MappedCopying.INSTANCE.copy(extent.context(), transfer, 0, window.fill(host), runs);
    }

    /** {@return a way that does something while memory is mapped} */
    private static Transfer meddled(Transfer transfer, Runnable meanwhile) {
        return new Transfer(
                transfer.what(),
                transfer.home(),
                transfer.queue(),
                transfer.command(),
                transfer.oneMap(),
                (offset, bytes) ->
                        new Meddled(transfer.mapper().prepare(offset, bytes), meanwhile));
    }

    /** {@return the first byte of a run that has another value, or -1} */
    private long first(RunList runs, int run, byte value) {
        long first = runs.offset(run);
        if (window.get(ValueLayout.JAVA_BYTE, first) != value) {
            return first;
        }
        long others = runs.bytes(run) - 1; // all are alike if each is like the one before it
        long at = window.asSlice(first + 1, others).mismatch(window.asSlice(first, others));
        return at < 0 ? -1 : first + 1 + at;
    }

    /** What is mapped, and what happens meanwhile. */
    private record Meddled(Transfer.Mapping mapping, Runnable meanwhile)
            implements Transfer.Mapping {
        @Override
        public void map(MemorySegment queue, long flags) {
            mapping.map(queue, flags);
        }

        @Override
        public MemorySegment memory() {
            meanwhile.run(); // here whoever copies unmaps also after a failure
            return mapping.memory();
        }

        @Override
        public int enqueueUnmap(MemorySegment queue, MemorySegment event) {
            return mapping.enqueueUnmap(queue, event);
        }

        @Override
        public void release() {
            mapping.release();
        }
    }
}
