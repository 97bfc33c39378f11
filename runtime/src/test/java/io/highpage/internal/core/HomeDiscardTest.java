// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.internal.migrate.HomeDiscard;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.os.LinuxMemory;
import io.highpage.internal.page.PageWord;
import io.highpage.outcome.AccessMode;
import io.highpage.testkit.Eventually;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Home memory is given up while pages are on a device, and comes back with them. */
class HomeDiscardTest {
    private static final int PAGE = Scene.PAGE;
    private static final long BYTES = 64L << 20;

    @RegisterExtension
    final AtRest rest = new AtRest();

    private static long discard(PageBuffer buffer) {
        return HomeDiscard.run(pages(buffer), 0, buffer.pageCount());
    }

    private static Pages pages(PageBuffer buffer) {
        return ((ManagedBuffer) buffer).pages();
    }

    private static String committed(PageBuffer buffer) {
        StringBuilder picture = new StringBuilder();
        for (long page = 0; page < buffer.pageCount(); page++) {
            long word = pages(buffer).table().word(page);
            picture.append(PageWord.is(word, PageWord.COMMITTED) ? 'C' : '-');
        }
        return picture.toString();
    }

    /** {@return the memory behind a buffer's window, as the kernel counts it} */
    private static long residentBytes(PageBuffer buffer) throws IOException {
        long start = pages(buffer).home().memory().address();
        long end = start + pages(buffer).home().memory().byteSize();
        long sum = 0;
        boolean inside = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                String[] range = line.split("[- ]");
                inside = Long.parseUnsignedLong(range[0], 16) >= start
                        && Long.parseUnsignedLong(range[1], 16) <= end;
            } else if (inside && line.startsWith("Rss:")) {
                sum += Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        return sum;
    }

    @ParameterizedTest
    @EnumSource
    void homes_ofPagesOnADevice_giveTheirMemoryBack_andTheBytesStay(DeviceKind kind)
            throws IOException {
        PageRuntime runtime = rest.open(Scene.device(kind)).runtime();
        PageBuffer buffer = runtime.allocate(BYTES);
        for (long at = 0; at < BYTES; at += 1 << 20) {
            buffer.range(at, 1 << 20).fill((byte) (at >> 20 | 1));
        }
        assertThat(residentBytes(buffer)).isGreaterThanOrEqualTo(BYTES);
        assertThat(buffer.prefetch(runtime.device()).complete()).isTrue();
        assertThat(residentBytes(buffer)).as("kept").isGreaterThanOrEqualTo(BYTES);
        assertThat(discard(buffer)).isEqualTo(BYTES / PAGE);
        assertThat(residentBytes(buffer)).as("given up").isZero();
        assertThat(discard(buffer)).as("nothing more").isZero();
        assertThat(buffer.residency().toString()).isEqualTo(BYTES / PAGE + "D");
        assertThat(buffer.range(0, BYTES / 2).evict().complete()).isTrue();
        assertThat(residentBytes(buffer)).as("half of it home").isBetween(BYTES / 2, BYTES * 3 / 5);
        for (long at = 0; at < BYTES; at += 1 << 20) {
            MemorySegment read = MemorySegment.ofArray(new byte[1 << 20]);
            buffer.read(at, read);
            MemorySegment expected =
                    MemorySegment.ofArray(new byte[1 << 20]).fill((byte) (at >> 20 | 1));
            assertThat(read.mismatch(expected)).as("from byte %d", at).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void homes_ofPagesThatAreHomeOrKeptOrLackThem_stayAsTheyAre(DeviceKind kind) {
        PageRuntime runtime = rest.open(Scene.device(kind)).runtime();
        Scene scene = Scene.of(runtime, "HDD.HDDD");
        PageBuffer buffer = scene.buffer;
        buffer.range(3L * PAGE, PAGE).prefetch(runtime.device()); // absent: has no home
        assertThat(committed(buffer)).isEqualTo("CCC-CCCC");
        try (DeviceAccess access =
                        buffer.range(PAGE, PAGE).access(runtime.device(), AccessMode.READ);
                Hold hold = buffer.range(2L * PAGE, PAGE).hold();
                Pin pin = buffer.range(5L * PAGE, PAGE).pin(Pin.longTerm())) {
            assertThat(discard(buffer)).isEqualTo(2);
            assertThat(committed(buffer)).isEqualTo("CCC-CC--");
            assertThat(pin.verify().isConfirmed()).isTrue();
            assertThat(hold.isOpen() && access.isOpen()).isTrue();
        }
        scene.checkBytes("after");
    }

    /** The page-locks of a pin end with it; these are somebody else's. */
    @ParameterizedTest
    @EnumSource
    void homes_thatTheKernelDoesNotGiveUp_leaveThePagesOnTheDevice(DeviceKind kind) {
        PageRuntime runtime = rest.open(Scene.device(kind)).runtime();
        Scene scene = Scene.of(runtime, "DDDD");
        MemorySegment locked = pages(scene.buffer).home().memory().asSlice(2L * PAGE, PAGE);
        LinuxMemory.INSTANCE.lock(locked);
        try {
            assertThat(discard(scene.buffer)).isZero();
            assertThat(scene.buffer.residency()).hasToString("DDDD");
        } finally {
            LinuxMemory.INSTANCE.unlock(locked);
        }
        scene.checkBytes("refused");
        assertThat(scene.buffer.evict().complete()).isTrue();
        assertThat(committed(scene.buffer)).isEqualTo("CCCC");
        scene.checkBytes("home");
    }

    /** Each page carries a number that its owner counts up: a home that was wiped would show. */
    @ParameterizedTest
    @EnumSource
    void homes_givenUpWhilePagesArePinnedAndMove_loseNothing(DeviceKind kind) throws Exception {
        PageRuntime runtime = rest.open(Scene.device(kind)).runtime();
        int threads = 3;
        int pagesEach = 8;
        PageBuffer buffer = runtime.allocate((long) threads * pagesEach * PAGE);
        long end = System.nanoTime() + 700_000_000;
        try (ExecutorService pool =
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory())) {
            List<Future<Long>> all = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                long first = (long) thread * pagesEach;
                Callable<Long> counter = () -> countUp(runtime, buffer, first, pagesEach, end);
                all.add(pool.submit(counter));
            }
            all.add(pool.submit(() -> {
                long[] given = {0};
                while (Eventually.goesOn(end, () -> given[0] > 0)) {
                    given[0] += discard(buffer);
                }
                return given[0];
            }));
            for (Future<Long> one : all) {
                assertThat(one.get()).as("each has done something").isPositive();
            }
        }
    }

    private static long countUp(
            PageRuntime runtime, PageBuffer buffer, long first, int pages, long end) {
        SplittableRandom random = new SplittableRandom(first);
        long[] counts = new long[pages];
        long steps = 0;
        while (steps == 0 || System.nanoTime() < end) {
            int page = random.nextInt(pages);
            long at = (first + page) * PAGE;
            try (Pin pin = buffer.range(at, PAGE).pin(Pin.longTerm())) {
                long count = pin.segment().get(ValueLayout.JAVA_LONG, 0);
                assertThat(count).as("page %d", first + page).isEqualTo(counts[page]++);
                pin.segment().set(ValueLayout.JAVA_LONG, 0, count + 1);
            }
            buffer.range(first * PAGE, (long) pages * PAGE).prefetch(runtime.device());
            steps++;
        }
        return steps;
    }
}
