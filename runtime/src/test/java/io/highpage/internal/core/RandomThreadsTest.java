// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceMemory;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.internal.page.BufferWord;
import io.highpage.internal.page.PageWord;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;
import io.highpage.outcome.Verification;
import io.highpage.testkit.Eventually;
import io.highpage.testkit.faults.ForwardingDevice;
import io.highpage.testkit.faults.ForwardingExtent;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Four threads pin, hold, access and move the pages of one buffer, to read or to write, while
 * copies fail at random. Each thread writes only its own byte in sixteen, under a holder, and
 * always knows what it should read; at the end all bytes and words are right. A seed gives each
 * thread the same operations again; how they interleave, and which copies fail, it does not.
 */
@Tag("soak")
class RandomThreadsTest {
    private static final int THREADS = 4;
    private static final int PAGES = 24;
    private static final long NANOS = 4_000_000_000L;
    private static final long LIMIT_SECONDS = 120;
    private static final int LANE = 16;
    private static final int SIZE = PAGES * Scene.PAGE;

    @RegisterExtension
    final AtRest rest = new AtRest();

    /** A device whose copies fail now and then, having scribbled on their target. */
    private static final class Flaky extends ForwardingDevice {
        final AtomicLong failures = new AtomicLong();

        Flaky(DeviceMemory inner) {
            super(inner);
        }

        @Override
        public Extent allocate(long byteSize) {
            return new FlakyExtent(super.allocate(byteSize));
        }

        void maybeFail() {
            if (ThreadLocalRandom.current().nextInt(25) == 0) {
                failures.incrementAndGet();
                throw new DeviceException("injected at random", null);
            }
        }

        private final class FlakyExtent extends ForwardingExtent {
            FlakyExtent(Extent inner) {
                super(inner);
            }

            @Override
            public void copyIn(long base, MemorySegment window, PageRuns runs) {
                super.zero(base, runs);
                maybeFail();
                super.copyIn(base, window, runs);
            }

            @Override
            public void copyOut(long base, MemorySegment window, PageRuns runs) {
                for (int run = 0; run < runs.count(); run++) {
                    window.asSlice(runs.offset(run), runs.bytes(run)).fill((byte) 0xEE);
                }
                maybeFail();
                super.copyOut(base, window, runs);
            }

            @Override
            public void zero(long base, PageRuns runs) {
                maybeFail();
                super.zero(base, runs);
            }
        }
    }

    /** One thread: the bytes at {@code lane} modulo sixteen are its own. */
    private static final class Worker implements Runnable {
        final Rig rig;
        final PageBuffer buffer;
        final int lane;
        final Random random;
        final Random data; // apart, so that the operations are the same whichever of them succeed
        final byte[] mine = new byte[SIZE / LANE];
        final int[] done = new int[8];
        long steps;

        Worker(Rig rig, PageBuffer buffer, int lane, long seed) {
            this.rig = rig;
            this.buffer = buffer;
            this.lane = lane;
            this.random = new Random(seed * THREADS + lane);
            this.data = new Random(lane);
        }

        @Override
        public void run() {
            long end = System.nanoTime() + NANOS;
            while (Eventually.goesOn(end, () -> Arrays.stream(done).allMatch(times -> times > 0))) {
                int offset = random.nextInt(4) == 0 ? 0 : random.nextInt(SIZE);
                int byteSize = offset == 0
                        ? SIZE
                        : 1 + random.nextInt(Math.min(SIZE - offset, 6 * Scene.PAGE));
                int operation = random.nextInt(done.length);
                steps++;
                try {
                    take(operation, offset, byteSize);
                    done[operation]++;
                } catch (PagesBusyException busy) {
                    checkReason(busy);
                } catch (HighpageException failed) {
                    assertThat(failed)
                            .isExactlyInstanceOf(DeviceException.class)
                            .hasMessageContaining("injected");
                }
            }
        }

        private static void checkReason(PagesBusyException busy) {
            assertThat(busy.reason()).isNotNull();
            assertThat(busy.outcomes().orElseThrow().of(busy.page())).isEqualTo(busy.reason());
        }

        void take(int operation, int offset, int byteSize) {
            Terms terms = random.nextBoolean()
                    ? Terms.defaults()
                    : Terms.defaults().deadline(Duration.ofMillis(2));
            if (random.nextInt(3) == 0) {
                terms = terms.mode(AccessMode.READ);
            }
            switch (operation) {
                case 0, 1 -> pin(random.nextBoolean() ? terms : terms.bare(), offset, byteSize);
                case 2, 3 -> hold(terms, offset, byteSize);
                case 4 -> access(terms, offset, byteSize);
                case 5 ->
                    report(buffer.range(offset, byteSize).prefetch(rig.runtime().device()));
                case 6 -> report(buffer.range(offset, byteSize).evict());
                default -> read(offset, byteSize);
            }
        }

        private static void report(io.highpage.outcome.MoveReport report) {
            report.failure()
                    .ifPresent(failure -> assertThat(failure) // it waits for a tenth of a second
                            .message()
                            .containsAnyOf("injected", "another operation is"));
        }

        void pin(Terms terms, int offset, int byteSize) {
            try (Pin pin = buffer.range(offset, byteSize).pin(terms)) {
                assertThat(pin.verify()).matches(Verification::isConfirmed);
                if (pin.mode() != AccessMode.READ) {
                    write(pin.segment(), 0, offset, byteSize);
                }
                assertThat(pin.verify()).matches(Verification::isConfirmed);
                check(pin.segment(), 0, offset, byteSize);
            }
        }

        void hold(Terms terms, int offset, int byteSize) {
            try (Hold hold = buffer.range(offset, byteSize).hold(terms)) {
                boolean writes = hold.mode() != AccessMode.READ;
                for (Hold.Pieces pieces = hold.pieces(); writes && pieces.next(); ) {
                    int at = (int) (offset + pieces.offset());
                    write(pieces.base(), pieces.baseOffset(), at, (int) pieces.byteSize());
                }
                for (Hold.Pieces pieces = hold.pieces(); pieces.next(); ) {
                    check(
                            pieces.base(),
                            pieces.baseOffset(),
                            (int) (offset + pieces.offset()),
                            (int) pieces.byteSize());
                }
            }
        }

        void access(Terms terms, int offset, int byteSize) {
            try (DeviceAccess access =
                    buffer.range(offset, byteSize).access(terms, rig.runtime().device())) {
                if (access.segment().byteSize() == byteSize) {
                    if (access.mode() != AccessMode.READ) {
                        write(access.segment(), 0, offset, byteSize);
                    }
                    check(access.segment(), 0, offset, byteSize);
                }
            }
        }

        void read(int offset, int byteSize) {
            byte[] read = new byte[byteSize];
            buffer.read(offset, MemorySegment.ofArray(read));
            check(MemorySegment.ofArray(read), 0, offset, byteSize);
        }

        private int firstOwn(int offset) {
            return offset + Math.floorMod(lane - offset, LANE);
        }

        void write(MemorySegment segment, long base, int offset, int byteSize) {
            byte value = (byte) data.nextInt();
            for (int at = firstOwn(offset); at < offset + byteSize; at += LANE) {
                segment.set(ValueLayout.JAVA_BYTE, base + at - offset, value);
                mine[at / LANE] = value;
            }
        }

        void check(MemorySegment segment, long base, int offset, int byteSize) {
            for (int at = firstOwn(offset); at < offset + byteSize; at += LANE) {
                byte found = segment.get(ValueLayout.JAVA_BYTE, base + at - offset);
                if (found != mine[at / LANE]) {
                    assertThat(found)
                            .as("byte %d of thread %d", at, lane)
                            .isEqualTo(mine[at / LANE]);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void operations_byFourThreadsWithFailingCopies_keepEveryByteAndEveryCount(DeviceKind kind)
            throws Exception {
        new Soak("threads on " + kind).run(1, seed -> round(kind, seed));
    }

    private long round(DeviceKind kind, long seed) throws Exception {
        Flaky flaky = new Flaky(Scene.device(kind));
        Rig rig = rest.open(flaky);
        PageBuffer buffer = rig.runtime().allocate(SIZE);
        List<Worker> workers = new ArrayList<>();
        List<Future<?>> running = new ArrayList<>();
        ExecutorService executor = Executors.newFixedThreadPool(THREADS + 1);
        for (int lane = 0; lane < THREADS; lane++) {
            workers.add(new Worker(rig, buffer, lane, seed));
            running.add(executor.submit(workers.getLast()));
        }
        Future<?> watcher = executor.submit(() -> watch((ManagedBuffer) buffer, running));
        executor.shutdown();
        try {
            for (Future<?> each : running) {
                each.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            }
            watcher.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException stuck) {
            throw new AssertionError("a thread is stuck; " + rig.runtime().holders(), stuck);
        }
        for (Worker worker : workers) {
            assertThat(Arrays.stream(worker.done).min().orElse(0))
                    .as("successes of each operation: %s", Arrays.toString(worker.done))
                    .isPositive();
        }
        assertThat(flaky.failures.get()).as("injected failures").isPositive();
        Invariants.checkAtRest(rig.runtime());
        checkAll(buffer, workers);
        rest.settle();
        return workers.stream().mapToLong(worker -> worker.steps).sum();
    }

    /**
     * While all goes on: whoever sees a whole-buffer pin before and after a look at a page sees
     * that page at home.
     */
    private static void watch(ManagedBuffer buffer, List<Future<?>> running) {
        var table = buffer.pages().table();
        while (!running.stream().allMatch(Future::isDone)) {
            for (int page = 0; page < PAGES; page++) {
                long word = table.word(page);
                if (PageWord.isMoving(word) && PageWord.isCounted(word)) {
                    throw new AssertionError("moving and counted: " + PageWord.describe(word));
                }
                if (PageWord.pins(word) > 0 && !PageWord.isAtHome(word)) {
                    throw new AssertionError("pinned away from home: " + PageWord.describe(word));
                }
            }
            long bufferWord = table.bufferWord();
            if (BufferWord.wholePins(bufferWord) > 0 && BufferWord.away(bufferWord) > 0) {
                throw new AssertionError(
                        "pinned as a whole with pages away: " + Long.toHexString(bufferWord));
            }
        }
    }

    private static void checkAll(PageBuffer buffer, List<Worker> workers) {
        byte[] all = new byte[SIZE];
        while (true) {
            try {
                buffer.read(0, MemorySegment.ofArray(all));
                break;
            } catch (DeviceException again) {
                assertThat(again).hasMessageContaining("injected");
            }
        }
        for (int at = 0; at < SIZE; at++) {
            byte expected = at % LANE < THREADS ? workers.get(at % LANE).mine[at / LANE] : 0;
            if (all[at] != expected) {
                assertThat(all[at]).as("byte %d", at).isEqualTo(expected);
            }
        }
    }
}
