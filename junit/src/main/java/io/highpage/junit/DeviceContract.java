// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceMemory;
import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.Terms;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What every {@link DeviceMemory} must do. A test class of a new device implements
 * {@link #openDevice()} and {@link #beginWork} and inherits the tests.
 */
public interface DeviceContract {
    /** The page that the tests move, in bytes: the smallest base page of a system. */
    int PAGE = 4096;

    /** {@return a newly opened device; each test opens its own and closes it} */
    DeviceMemory openDevice();

    /**
     * Begins work on the range of an access as programs do, in the device's own queue, and tells
     * the access nothing of it. The work goes on until the result is run, by any thread.
     *
     * @param access a shared access to {@link #openDevice() a device}
     * @return ends the work; null if programs can begin none in a queue of the device's own, so
     *     that it has nothing to wait for
     */
    @Nullable
    Runnable beginWork(DeviceAccess access);

    /** A device says who it is and how much memory it has. */
    @Test
    default void device_opened_describesItself() {
        try (DeviceMemory device = openDevice()) {
            assertAll(
                    () -> assertFalse(device.name().isBlank(), "name"),
                    () -> assertFalse(device.description().isBlank(), "description"),
                    () -> assertNotNull(device.kind(), "kind"),
                    () -> assertTrue(
                            device.capacityBytes() > 0, "capacityBytes=" + device.capacityBytes()),
                    () -> assertTrue(
                            device.maxExtentBytes() >= 2 * PAGE,
                            "maxExtentBytes=" + device.maxExtentBytes()));
        }
    }

    /** A device without work is idle; and a second close does nothing. */
    @Test
    default void device_withoutWork_isIdleAndClosesTwice() {
        DeviceMemory device = openDevice();
        device.quiesce();
        device.close();
        device.close();
    }

    /**
     * The close of an access waits for work that it was not told of: only then may its memory be
     * used for something else.
     *
     * @throws InterruptedException if the test is interrupted
     * @throws ExecutionException if the close failed
     */
    @Test
    default void close_ofAnAccess_waitsForWorkInTheDevicesOwnQueue()
            throws InterruptedException, ExecutionException {
        try (Highpage runtime = Highpage.builder().device(openDevice()).open();
                PageBuffer buffer = runtime.allocate(2 * PAGE);
                ExecutorService executor = Executors.newSingleThreadExecutor();
                DeviceAccess access = buffer.access(Terms.defaults().shared(), runtime.device())) {
            Runnable end = beginWork(access);
            if (end == null) {
                return;
            }
            Future<?> closing;
            try {
                closing = executor.submit(access::close);
                assertThrows(
                        TimeoutException.class,
                        () -> closing.get(200, TimeUnit.MILLISECONDS),
                        "the access closed while the device's own queue was at work: quiesce()"
                                + " does not wait");
                assertTrue(access.isOpen(), "open");
            } finally {
                end.run();
            }
            closing.get();
            assertFalse(access.isOpen(), "open");
        }
    }

    /** Extents have at least the size asked for, and their addresses do not overlap. */
    @Test
    default void extents_ofManySizes_areLargeEnoughAndApart() {
        try (DeviceMemory device = openDevice()) {
            List<Extent> extents = new ArrayList<>();
            for (int bytes : new int[] {1, 100, PAGE - 1, PAGE, PAGE + 1, 64 * PAGE, 1 << 20}) {
                Extent extent = device.allocate(bytes);
                extents.add(extent);
                assertTrue(
                        extent.byteSize() >= bytes,
                        "asked for " + bytes + ", got " + extent.byteSize());
                assertTrue(
                        extent.address() >= 0 || extent.address() < -PAGE,
                        "address " + extent.address());
            }
            for (Extent one : extents) {
                for (Extent other : extents) {
                    boolean apart = one == other
                            || one.address() == 0
                            || one.address() + one.byteSize() <= other.address()
                            || other.address() + other.byteSize() <= one.address();
                    assertTrue(
                            apart,
                            "extents at " + one.address() + " and " + other.address() + " overlap");
                }
            }
            extents.forEach(Extent::free);
        }
    }

    /**
     * A size below 1 is the caller's mistake, one above the largest extent is more than there is;
     * neither does harm.
     */
    @Test
    default void allocate_sizeOutOfRange_isRefused() {
        try (DeviceMemory device = openDevice()) {
            for (long bytes : new long[] {0, -1, Long.MIN_VALUE}) {
                assertThrows(
                        IllegalArgumentException.class,
                        () -> device.allocate(bytes),
                        "allocate(" + bytes + ")");
            }
            long most = device.maxExtentBytes();
            for (long bytes : new long[] {most + 1, Long.MAX_VALUE}) {
                if (bytes > most) {
                    HighpageException refused = assertThrows(
                            HighpageException.class,
                            () -> device.allocate(bytes),
                            "allocate(" + bytes + ")");
                    String message = String.valueOf(refused.getMessage());
                    assertTrue(message.contains(Long.toString(bytes)), message);
                }
            }
            device.allocate(PAGE).free();
        }
    }

    /** Memory that was freed can be had again: nothing adds up. */
    @Test
    default void extents_allocatedAndFreedManyTimes_doNotAddUp() {
        try (DeviceMemory device = openDevice()) {
            long bytes = Math.min(device.maxExtentBytes(), 16L << 20);
            for (int i = 0; i < 200; i++) {
                device.allocate(bytes).free();
            }
        }
    }

    /** Memory that was freed is used by nobody, and freeing it again does nothing. */
    @Test
    default void extent_freed_refusesUse_andIsFreedOnce() {
        try (DeviceMemory device = openDevice();
                Arena arena = Arena.ofConfined()) {
            Extent extent = device.allocate(2 * PAGE);
            Extent other = device.allocate(2 * PAGE);
            MemorySegment bytes = Windows.random(arena, 2 * PAGE, 1);
            Runs all = Runs.of(0, 2 * PAGE);
            other.copyIn(0, bytes, all);
            extent.free();
            extent.free();
            MemorySegment window = arena.allocate(2 * PAGE);
            assertThrows(
                    IllegalStateException.class, () -> extent.copyIn(0, window, all), "copyIn");
            assertThrows(
                    IllegalStateException.class, () -> extent.copyOut(0, window, all), "copyOut");
            assertThrows(IllegalStateException.class, () -> extent.zero(0, all), "zero");
            other.copyOut(0, window, all);
            Windows.check(bytes, window, "another extent's bytes");
            other.free();
        }
    }

    /** A copy between buffers begins and ends at any byte. */
    @Test
    default void runs_thatBeginAndEndAtAnyByte_areExactlyThoseBytes() {
        try (DeviceMemory device = openDevice();
                Arena arena = Arena.ofConfined()) {
            Extent extent = device.allocate(4 * PAGE);
            MemorySegment first = Windows.random(arena, 4 * PAGE, 1);
            MemorySegment in = Windows.random(arena, 3 * PAGE, 2);
            extent.copyIn(0, first, Runs.of(0, 4 * PAGE));
            extent.copyIn(PAGE - 5, in, Runs.of(3, 1, 11, PAGE + 7));

            MemorySegment out = arena.allocate(4 * PAGE);
            MemorySegment.copy(in, 3, first, PAGE - 5 + 3, 1);
            MemorySegment.copy(in, 11, first, PAGE - 5 + 11, PAGE + 7);
            extent.zero(1, Runs.of(2, 13, 3 * PAGE - 1, 5));
            first.asSlice(3, 13).fill((byte) 0);
            first.asSlice(3 * PAGE, 5).fill((byte) 0);
            extent.copyOut(0, out, Runs.of(0, 17, 17, 4 * PAGE - 17));
            Windows.check(first, out, "bytes anywhere");
            extent.free();
        }
    }

    /** Several runs go to the device and come back, at any base, and nothing else is touched. */
    @Test
    default void runs_copiedInAndOut_areExactlyThoseBytes() {
        try (DeviceMemory device = openDevice();
                Arena arena = Arena.ofConfined()) {
            Extent extent = device.allocate(24 * PAGE);
            for (long base : new long[] {0, PAGE, 3 * PAGE}) {
                MemorySegment in = Windows.random(arena, 16 * PAGE, base + 1);
                Runs all = Runs.of(0, 16 * PAGE);
                Runs some = Runs.of(PAGE, PAGE, 3 * PAGE, 4 * PAGE, 15 * PAGE, PAGE);
                MemorySegment first = Windows.random(arena, 16 * PAGE, base + 2);
                extent.copyIn(base, first, all);
                extent.copyIn(base, in, some);

                MemorySegment out = Windows.random(arena, 16 * PAGE, base + 3);
                MemorySegment expected = arena.allocate(16 * PAGE).copyFrom(out);
                Runs back = Runs.of(0, 2 * PAGE, 6 * PAGE, 3 * PAGE, 15 * PAGE, PAGE);
                back.copy(first, expected);
                some.intersect(back).copy(in, expected);
                extent.copyOut(base, out, back);
                Windows.check(expected, out, "runs at base " + base);
            }
            extent.free();
        }
    }

    /** Zeroed runs read as zero; their neighbours stay. */
    @Test
    default void runs_zeroed_areZeroAndNothingElseIs() {
        try (DeviceMemory device = openDevice();
                Arena arena = Arena.ofConfined()) {
            Extent extent = device.allocate(12 * PAGE);
            long base = 2 * PAGE;
            MemorySegment in = Windows.random(arena, 8 * PAGE, 7);
            extent.copyIn(base, in, Runs.of(0, 8 * PAGE));
            Runs zeros = Runs.of(PAGE, 2 * PAGE, 7 * PAGE, PAGE);
            extent.zero(base, zeros);

            MemorySegment out = arena.allocate(8 * PAGE);
            extent.copyOut(base, out, Runs.of(0, 8 * PAGE));
            zeros.zero(in);
            Windows.check(in, out, "after zeroing");
            extent.free();
        }
    }

    /** Extents are each other's strangers: what is written to one is not seen in another. */
    @Test
    default void extents_writtenTo_doNotTouchEachOther() {
        try (DeviceMemory device = openDevice();
                Arena arena = Arena.ofConfined()) {
            Extent one = device.allocate(4 * PAGE);
            Extent other = device.allocate(4 * PAGE);
            MemorySegment first = Windows.random(arena, 4 * PAGE, 1);
            MemorySegment second = Windows.random(arena, 4 * PAGE, 2);
            Runs all = Runs.of(0, 4 * PAGE);
            one.copyIn(0, first, all);
            other.copyIn(0, second, all);
            one.zero(0, Runs.of(PAGE, PAGE));
            MemorySegment out = arena.allocate(4 * PAGE);
            other.copyOut(0, out, all);
            Windows.check(second, out, "the other extent");
            one.free();
            other.copyOut(0, out, all);
            Windows.check(second, out, "the other extent, after the first was freed");
            other.free();
        }
    }

    /**
     * Buffers share an extent, each with a base of its own: what is done at one base is not seen at
     * another.
     */
    @Test
    default void parts_ofAnExtent_doNotTouchEachOther() {
        try (DeviceMemory device = openDevice();
                Arena arena = Arena.ofConfined()) {
            Extent extent = device.allocate(12 * PAGE);
            Runs all = Runs.of(0, 4 * PAGE);
            MemorySegment first = Windows.random(arena, 4 * PAGE, 1);
            MemorySegment second = Windows.random(arena, 4 * PAGE, 2);
            extent.copyIn(0, first, all);
            extent.copyIn(4 * PAGE, second, all);
            extent.zero(8 * PAGE, all);
            MemorySegment out = arena.allocate(4 * PAGE);
            extent.copyOut(0, out, all);
            Windows.check(first, out, "the first part");
            extent.copyOut(4 * PAGE, out, all);
            Windows.check(second, out, "the second part");
            extent.copyOut(8 * PAGE, out, all);
            Windows.check(arena.allocate(4 * PAGE), out, "the zeroed part");
            extent.free();
        }
    }

    /** A copy of no run does nothing. */
    @Test
    default void runs_none_copyNothing() {
        try (DeviceMemory device = openDevice();
                Arena arena = Arena.ofConfined()) {
            Extent extent = device.allocate(PAGE);
            MemorySegment window = Windows.random(arena, PAGE, 5);
            MemorySegment before = arena.allocate(PAGE).copyFrom(window);
            extent.copyIn(0, window, Runs.of());
            extent.copyOut(0, window, Runs.of());
            extent.zero(0, Runs.of());
            Windows.check(before, window, "the window");
            extent.free();
        }
    }

    /**
     * A view is what its kind says: memory, an address that the CPU cannot touch, or a driver's
     * object.
     */
    @Test
    default void view_ofARange_isWhatTheKindSays() {
        try (DeviceMemory device = openDevice();
                Arena arena = Arena.ofConfined()) {
            Extent extent = device.allocate(8 * PAGE);
            MemorySegment in = Windows.random(arena, 8 * PAGE, 11);
            extent.copyIn(0, in, Runs.of(0, 8 * PAGE));
            DeviceView view = extent.view(3 * PAGE, 2 * PAGE);
            DeviceView whole = extent.view(0, 8 * PAGE);
            MemorySegment segment = view.segment();
            assertEquals(segment == null, view.handle() != null, "either a pointer or a handle");
            if (device.kind() == DeviceKind.COHERENT) {
                assertNotNull(segment, "the pointer of a coherent device");
                Windows.check(in.asSlice(3 * PAGE, 2 * PAGE), segment, "the view");
                segment.fill((byte) 0x5A);
                MemorySegment out = arena.allocate(8 * PAGE);
                extent.copyOut(0, out, Runs.of(0, 8 * PAGE));
                in.asSlice(3 * PAGE, 2 * PAGE).fill((byte) 0x5A);
                Windows.check(in, out, "after a write through the view");
            } else if (segment != null) {
                assertEquals(0, segment.byteSize(), "length of a private device's view");
                assertNotEquals(0, segment.address(), "address of a private device's view");
                assertThrows(
                        IndexOutOfBoundsException.class,
                        () -> segment.get(ValueLayout.JAVA_BYTE, 0),
                        "a touch of private memory");
            }
            if (segment != null) {
                MemorySegment start = whole.segment();
                assertNotNull(start, "the pointer of the whole extent");
                assertEquals(3 * PAGE, segment.address() - start.address(), "offset of the view");
                assertEquals(extent.address(), start.address(), "address of the extent");
            }
            view.release().run();
            whole.release().run();
            extent.free();
        }
    }

    /**
     * Calls from several threads at a time do not disturb each other.
     *
     * @throws InterruptedException if the test is interrupted
     * @throws ExecutionException if a thread saw a wrong byte or an error
     */
    @Test
    default void threads_usingTheDeviceAtOnce_seeTheirOwnBytes()
            throws InterruptedException, ExecutionException {
        int threads = 4;
        try (DeviceMemory device = openDevice();
                ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            Extent shared = device.allocate(threads * 8L * PAGE);
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int thread = t;
                Callable<Void> work = () -> {
                    Windows.churn(device, shared, thread * 8L * PAGE, thread);
                    return null;
                };
                done.add(executor.submit(work));
            }
            for (Future<?> each : done) {
                each.get();
            }
            shared.free();
        }
    }

    /** A copy that is larger than any cache arrives whole. */
    @Test
    default void run_largerThanCaches_arrivesWhole() {
        try (DeviceMemory device = openDevice();
                Arena arena = Arena.ofConfined()) {
            long bytes = Math.min(device.maxExtentBytes(), 40L << 20) / PAGE * PAGE;
            Extent extent = device.allocate(bytes);
            MemorySegment in = Windows.random(arena, bytes, 3);
            MemorySegment out = arena.allocate(bytes);
            extent.copyIn(0, in, Runs.of(0, bytes));
            extent.copyOut(0, out, Runs.of(0, bytes));
            Windows.check(in, out, bytes + " bytes");
            extent.free();
        }
    }
}
