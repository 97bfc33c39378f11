// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;
import io.highpage.testkit.Eventually;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Threads copy among three buffers, and write and read them through each other's segments, while
 * others move their pages to two devices and home. Each thread has a part of every page of its own
 * and knows what must be there: a copy that did not keep both its sides would write to, or read
 * from, a place that the page has left. A seed gives each thread the same operations again, in
 * another interleaving.
 */
@Tag("soak")
class SeveralBuffersTest {
    private static final int PAGE = 1 << 16;
    private static final int PAGES = 4;
    private static final int BUFFERS = 3;
    private static final int COPIERS = 2;
    private static final int PART = PAGE / COPIERS;
    private static final long NANOS = 3_000_000_000L;

    private static final Terms PATIENT = Terms.defaults().deadline(Duration.ofMillis(20));

    @RegisterExtension
    final AtRest rest = new AtRest();

    /** One thread: of each page, the bytes of its part are its own. */
    private static final class Copier {
        final List<PageBuffer> buffers;
        final int part;
        final Random random;
        final byte[][] mine = new byte[BUFFERS][PAGES * PART];
        long done;

        Copier(List<PageBuffer> buffers, int part, long seed) {
            this.buffers = buffers;
            this.part = part;
            this.random = new Random(seed * COPIERS + part);
        }

        void run() {
            long end = System.nanoTime() + NANOS;
            while (Eventually.goesOn(end, () -> done > 0)) {
                try {
                    step();
                    done++;
                } catch (PagesBusyException busy) {
                    // A page was held or pinned by another; nothing has changed.
                }
            }
        }

        private void step() {
            int from = random.nextInt(BUFFERS);
            int to = random.nextInt(BUFFERS);
            int page = random.nextInt(PAGES);
            int targetPage = random.nextInt(PAGES);
            int bytes = 1 + random.nextInt(PART);
            int start = random.nextInt(PART - bytes + 1);
            int target = random.nextInt(PART - bytes + 1);
            long offset = (long) page * PAGE + part * PART + start;
            long targetOffset = (long) targetPage * PAGE + part * PART + target;
            switch (random.nextInt(6)) {
                case 0 -> {
                    byte[] data = new byte[bytes];
                    random.nextBytes(data);
                    buffers.get(to).write(targetOffset, MemorySegment.ofArray(data));
                    System.arraycopy(data, 0, mine[to], targetPage * PART + target, bytes);
                    return;
                }
                case 1 -> {
                    check(from, page);
                    return;
                }
                case 2 -> {
                    try (Pin pin = buffers.get(from).range(offset, bytes).pin(PATIENT)) {
                        buffers.get(to).write(targetOffset, pin.segment());
                    }
                }
                case 3 -> {
                    try (Hold hold = buffers.get(to).range(targetOffset, bytes).hold(PATIENT)) {
                        buffers.get(from).read(offset, hold.segment());
                    }
                }
                default ->
                    buffers.get(from).range(offset, bytes).copyTo(buffers.get(to), targetOffset);
            }
            System.arraycopy(
                    mine[from], page * PART + start, mine[to], targetPage * PART + target, bytes);
        }

        void check(int buffer, int page) {
            byte[] found = new byte[PART];
            buffers.get(buffer)
                    .read((long) page * PAGE + part * PART, MemorySegment.ofArray(found));
            int wrong = Arrays.mismatch(
                    found, Arrays.copyOfRange(mine[buffer], page * PART, (page + 1) * PART));
            assertThat(wrong)
                    .as("buffer %d, page %d, part %d", buffer, page, part)
                    .isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void copies_amongBuffersWhosePagesMove_keepEveryByte(DeviceKind kind) throws Exception {
        new Soak("buffers on " + kind).run(1, seed -> round(kind, seed));
    }

    private long round(DeviceKind kind, long seed) throws Exception {
        Rig rig = rest.open(Scene.device(kind), Scene.device(DeviceKind.COHERENT));
        List<PageBuffer> buffers = new ArrayList<>();
        for (int i = 0; i < BUFFERS; i++) {
            buffers.add(rig.runtime().allocate((long) PAGES * PAGE, PAGE));
        }
        List<Copier> copiers = new ArrayList<>();
        List<Future<?>> running = new ArrayList<>();
        ExecutorService executor = Executors.newCachedThreadPool();
        try {
            for (int part = 0; part < COPIERS; part++) {
                Copier copier = new Copier(buffers, part, seed);
                copiers.add(copier);
                running.add(executor.submit(copier::run));
            }
            List<Future<?>> copying = List.copyOf(running);
            for (int mover = 0; mover < 2; mover++) {
                Random random = new Random(-1 - 2 * seed - mover);
                running.add(executor.submit(() -> {
                    while (!copying.stream().allMatch(Future::isDone)) {
                        PageBuffer buffer = buffers.get(random.nextInt(BUFFERS));
                        switch (random.nextInt(3)) {
                            case 0 -> buffer.evict();
                            case 1 -> buffer.prefetch(rig.runtime().device());
                            default -> buffer.prefetch(rig.runtime().devices().getLast());
                        }
                    }
                }));
            }
            for (Future<?> each : running) {
                each.get(120, TimeUnit.SECONDS);
            }
        } finally {
            executor.shutdownNow();
        }
        for (Copier copier : copiers) {
            assertThat(copier.done).as("steps").isPositive();
            for (int i = 0; i < BUFFERS * PAGES; i++) {
                copier.check(i / PAGES, i % PAGES);
            }
        }
        rest.settle();
        return copiers.stream().mapToLong(copier -> copier.done).sum();
    }
}
