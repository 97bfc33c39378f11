// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.host.HostDevice;
import io.highpage.internal.migrate.PageSizes;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Making room meets pins, holds, accesses, moves and closes of the same spans: four threads work on
 * a buffer of eight times the device's memory, in a home that has too little for all homes. Each
 * thread writes only its own byte in sixteen, under a holder, and always knows what it should read.
 */
@Timeout(60)
class ReclaimRaceTest {
    private static final int THREADS = 4;
    private static final int PAGES_OF_SPAN = 4;
    private static final int SPAN = PAGES_OF_SPAN * Scene.PAGE;
    private static final int SPANS = 16;
    private static final int SIZE = SPANS * SPAN;
    private static final int LANE = 16;
    private static final long NANOS = 1_500_000_000L;

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
        final int[] done = new int[8];

        Worker(PageRuntime runtime, HostDevice memory, PageBuffer buffer, int lane) {
            this.runtime = runtime;
            this.memory = memory;
            this.buffer = buffer;
            this.lane = lane;
            this.random = new Random(lane);
        }

        @Override
        public void run() {
            long end = System.nanoTime() + NANOS;
            while (System.nanoTime() < end) {
                int operation = random.nextInt(done.length);
                try {
                    step(operation, random.nextInt(SPANS) * SPAN);
                    done[operation]++;
                } catch (PagesBusyException | OutOfPageMemoryException refused) {
                    assertThat(refused).hasMessageContaining(" of buffer ");
                }
            }
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
                    try (Pin pin = buffer.range(at, Scene.PAGE).pin(terms())) {
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
                default -> span.evict();
            }
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
        HostDevice memory = (HostDevice) Scene.device(kind);
        PageRuntime runtime = rest.openPlain(memory);
        Device device = runtime.device();
        long limit = 2 * SPAN;
        runtime.budget().deviceMemory(device, limit);
        runtime.budget().hostMemory(SIZE);
        PageBuffer buffer = allocate(runtime, SIZE);
        List<Worker> workers = new ArrayList<>();
        List<Future<?>> running = new ArrayList<>();
        ExecutorService executor = Executors.newFixedThreadPool(THREADS);
        for (int lane = 0; lane < THREADS; lane++) {
            workers.add(new Worker(runtime, memory, buffer, lane));
            running.add(executor.submit(workers.getLast()));
        }
        executor.shutdown();
        while (!running.stream().allMatch(Future::isDone)) {
            assertThat(device.usedBytes()).isLessThanOrEqualTo(limit);
            Thread.sleep(1);
        }
        for (Future<?> each : running) {
            each.get();
        }
        assertThat(device.traffic().spansEvicted()).isGreaterThan(SPANS);
        Invariants.checkAtRest(runtime);
        byte[] all = new byte[SIZE];
        buffer.read(0, MemorySegment.ofArray(all));
        for (Worker worker : workers) {
            worker.check(MemorySegment.ofArray(all), 0);
            assertThat(worker.done).as("successes of each operation").doesNotContain(0);
        }
    }
}
