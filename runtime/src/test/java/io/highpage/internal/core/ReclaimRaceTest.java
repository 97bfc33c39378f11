// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Budget;
import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.host.HostDevice;
import io.highpage.internal.close.Turn;
import io.highpage.internal.migrate.PageSizes;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;
import io.highpage.testkit.Eventually;

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

/**
 * Making room meets pins, holds, accesses, moves and closes of the same spans: four threads work on
 * a buffer of two to eight times the device's memory, in a home that may have too little for all
 * homes, while the limits of both change. Each thread writes only its own byte in sixteen, under a
 * holder, and always knows what it should read. What is pinned is at home. In a soak one round
 * follows the other, each with a runtime of its own, which is as it was in the end.
 */
@Tag("soak")
class ReclaimRaceTest {
    private static final int THREADS = 4;
    private static final int PAGES_OF_SPAN = 4;
    private static final int SPAN = PAGES_OF_SPAN * Scene.PAGE;
    private static final int SPANS = 16;
    private static final int SIZE = SPANS * SPAN;
    private static final int LANE = 16;
    private static final long NANOS = 1_500_000_000L;
    private static final int FEWEST = 2;
    private static final int MOST = 8; // spans that the device has room for

    @RegisterExtension
    final AtRest rest = new AtRest();

    private static PageBuffer allocate(PageRuntime runtime, int bytes) {
        return runtime.allocate(bytes, PageSizes.of(Scene.PAGE, SPAN));
    }

    private static final class Worker implements Runnable {
        final PageRuntime runtime;
        final HostDevice memory;
        final PageBuffer buffer;
        final int lane;
        final Random random;
        final byte[] mine = new byte[SIZE / LANE];
        final int[] done = new int[10];

        Worker(PageRuntime runtime, HostDevice memory, PageBuffer buffer, int lane, long seed) {
            this.runtime = runtime;
            this.memory = memory;
            this.buffer = buffer;
            this.lane = lane;
            this.random = new Random(seed * THREADS + lane);
        }

        @Override
        public void run() {
            long end = System.nanoTime() + NANOS;
            while (Eventually.goesOn(end, this::hasDoneAll)) {
                int operation = random.nextInt(done.length);
                try {
                    step(operation, random.nextInt(SPANS) * SPAN);
                    done[operation]++;
                } catch (PagesBusyException | OutOfPageMemoryException refused) {
                    assertThat(refused).hasMessageContaining(" of buffer ");
                }
            }
        }

        private boolean hasDoneAll() {
            return Arrays.stream(done).allMatch(times -> times > 0)
                    && runtime.device().traffic().spansEvicted() > SPANS;
        }

        private Terms terms() {
            return random.nextBoolean()
                    ? Terms.defaults()
                    : Terms.defaults().deadline(Duration.ofMillis(5));
        }

        private void step(int operation, int at) {
            Device device = runtime.device();
            PageRange span = buffer.range(at, SPAN);
            switch (operation) {
                case 0, 1, 2 -> {
                    try (DeviceAccess access = span.access(terms(), device)) {
                        memory.launch(access, segment -> write(segment, at));
                    }
                }
                case 3 -> {
                    PageRange page = buffer.range(at, Scene.PAGE);
                    try (Pin pin = page.pin(terms())) {
                        assertThat(page.residency()).hasToString("H");
                        check(pin.segment(), at);
                        write(pin.segment(), at);
                    }
                }
                case 4 -> {
                    try (Hold hold = span.hold(terms())) {
                        for (Hold.Pieces pieces = hold.pieces(); pieces.next(); ) {
                            check(pieces.slice(), (int) (at + pieces.offset()));
                        }
                    }
                }
                case 5 -> span.prefetch(device);
                case 6 -> {
                    try (PageBuffer own = allocate(runtime, 2 * SPAN)) {
                        own.range(SPAN / 2, SPAN).fill((byte) 1);
                        own.range(SPAN, SPAN).access(terms(), device).close();
                    }
                }
                case 7 -> {
                    try (DeviceAccess access = span.access(reading(), device)) {
                        memory.launch(access, segment -> check(segment, at));
                    }
                }
                case 8 -> {
                    try (Pin pin = span.pin(reading())) {
                        check(pin.segment(), at);
                    }
                }
                default -> span.evict();
            }
        }

        private Terms reading() {
            return terms().mode(AccessMode.READ);
        }

        private int firstOwn(int at) {
            return at + Math.floorMod(lane - at, LANE);
        }

        void write(MemorySegment segment, int at) {
            for (int i = firstOwn(at); i < at + segment.byteSize(); i += LANE) {
                checkByte(segment, at, i);
                mine[i / LANE]++;
                segment.set(ValueLayout.JAVA_BYTE, (long) i - at, mine[i / LANE]);
            }
        }

        void check(MemorySegment segment, int at) {
            for (int i = firstOwn(at); i < at + segment.byteSize(); i += LANE) {
                checkByte(segment, at, i);
            }
        }

        private void checkByte(MemorySegment segment, int at, int i) {
            byte found = segment.get(ValueLayout.JAVA_BYTE, (long) i - at);
            if (found != mine[i / LANE]) {
                assertThat(found).as("byte %d of thread %d", i, lane).isEqualTo(mine[i / LANE]);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void makingRoom_besideEverythingElse_keepsEveryByteAndEveryCount(DeviceKind kind)
            throws Exception {
        new Soak("room on " + kind).run(1, seed -> round(kind, false, seed));
    }

    @ParameterizedTest
    @EnumSource
    void background_besideEverythingElse_keepsEveryByteAndEveryCount(DeviceKind kind)
            throws Exception {
        new Soak("background on " + kind).run(1, seed -> round(kind, true, seed));
    }

    private long round(DeviceKind kind, boolean background, long seed) throws Exception {
        HostDevice memory = (HostDevice) Scene.device(kind);
        PageRuntime runtime = rest.openPlain(memory);
        Device device = runtime.device();
        runtime.budget().deviceMemory(device, FEWEST * SPAN).hostMemory(SIZE);
        PageBuffer buffer = allocate(runtime, SIZE);
        if (background) {
            buffer.prefer(device);
            runtime.writeBackAhead(0.5, 1);
        }
        List<Worker> workers = new ArrayList<>();
        List<Future<?>> running = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(THREADS)) {
            for (int lane = 0; lane < THREADS; lane++) {
                workers.add(new Worker(runtime, memory, buffer, lane, seed));
                running.add(executor.submit(workers.getLast()));
            }
            changeLimits(runtime.budget(), device, new Random(seed), running);
        }
        for (Future<?> each : running) {
            each.get();
        }
        assertThat(device.traffic().spansEvicted()).isGreaterThan(SPANS);
        if (background) { // it is still at work
            runtime.budget().deviceMemory(device, FEWEST * SPAN).hostMemory(SIZE);
            Eventually.becomes("home", () -> buffer.evict().complete());
            buffer.range(0, SPAN).pin(Pin.longTerm()).close();
            Eventually.becomes("back", () -> device.usedBytes() > 0);
            runtime.background().end(Turn.atMost(10_000_000_000L));
        }
        Invariants.checkAtRest(runtime);
        runtime.budget().hostMemory(SIZE);
        byte[] all = new byte[SIZE];
        buffer.read(0, MemorySegment.ofArray(all));
        long done = 0;
        for (Worker worker : workers) {
            worker.check(MemorySegment.ofArray(all), 0);
            assertThat(worker.done).as("successes of each operation").doesNotContain(0);
            done += Arrays.stream(worker.done).sum();
        }
        rest.settle();
        return done;
    }

    /** One below what is in use takes nothing away; so what is in use falls, or stays. */
    private static void changeLimits(
            Budget budget, Device device, Random random, List<Future<?>> running)
            throws InterruptedException {
        long limit = budget.limitBytes(device);
        long used = 0;
        while (!running.stream().allMatch(Future::isDone)) {
            if (random.nextInt(16) == 0) {
                used = Math.max(limit, used);
                limit = (long) SPAN * random.nextInt(FEWEST, MOST + 1);
                budget.deviceMemory(device, limit);
                // Homes of what is on the device may be given up, and a few more are always there.
                budget.hostMemory(SIZE - (long) SPAN * random.nextInt(2));
            }
            long now = budget.usedBytes(device);
            assertThat(now).isLessThanOrEqualTo(Math.max(limit, used));
            used = now;
            Thread.sleep(1);
        }
    }
}
