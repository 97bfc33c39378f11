// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Pin;
import io.highpage.outcome.Strength;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Threads that do random things with one small ring, misuse included, while one of them closes it.
 */
class RandomRingTest extends RingTest {
    private static final int THREADS = 4;
    private static final int STEPS = 2_000;
    private static final int MOST = 64 << 10;
    private static final int PIECE = (int) BYTES / THREADS;

    private final AtomicLong moved = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    /** One thread with a pin, a fixed buffer and a part of each file of its own. */
    private final class Actor implements Callable<Void> {
        private final Random random;
        private final Ring ring;
        private final Pin pin;
        private final RingFile in;
        private final RingFile out;
        private final RingFile pipe;
        private final byte[] content;
        private final int base;
        private FixedBuffer fixed;

        Actor(
                long seed,
                Ring ring,
                Pin pin,
                RingFile in,
                RingFile out,
                RingFile pipe,
                byte[] content,
                int base) {
            this.random = new Random(seed);
            this.ring = ring;
            this.pin = pin;
            this.in = in;
            this.out = out;
            this.pipe = pipe;
            this.content = content;
            this.base = base;
        }

        @Override
        public Void call() throws Exception {
            for (int step = 0; step < STEPS && ring.isOpen(); step++) {
                try {
                    step();
                } catch (IllegalStateException
                        | IllegalArgumentException
                        | IndexOutOfBoundsException misuse) {
                    refused.incrementAndGet();
                } catch (RingException failed) {
                    assertThat(failed).hasMessageContaining("ECANCELED");
                } catch (InterruptedIOException late) {
                    assertThat(late).hasMessageContaining("not complete within");
                }
            }
            return null;
        }

        private void step() throws IOException {
            if (fixed == null) {
                fixed = ring.register(pin);
            }
            int start = random.nextInt(PIECE);
            int length = 1 + random.nextInt(Math.min(MOST, PIECE - start));
            switch (random.nextInt(40)) {
                case 0 -> ring.fsync(out).await(SOON);
                case 1, 2, 3 -> read(start, length);
                case 4, 5 -> write(start, length);
                case 6 -> fixed.update(pin);
                case 7 -> {
                    fixed.close();
                    fixed = random.nextBoolean()
                            ? ring.register(pin)
                            : fixed; // or goes on with a closed one
                }
                case 8 -> ring.readFixed(in, 0, fixed, start, length + PIECE);
                case 9 -> ring.writeFixed(in, 0, fixed, start, length);
                case 10 -> {
                    RingOperation endless = ring.readFixed(pipe, 0, fixed, PIECE, 1);
                    endless.cancel();
                    endless.await(SOON);
                }
                default -> {
                    fixed = fixed.isOpen() ? fixed : ring.register(pin);
                    read(start, length);
                }
            }
        }

        private void read(int start, int length) throws IOException {
            pin.segment().asSlice(start, length).fill((byte) 0);
            RingOperation read = ring.readFixed(in, base + start, fixed, start, length);
            if (random.nextInt(8) == 0) {
                read.cancel();
            }
            assertThat(read.await(SOON)).isEqualTo(length);
            assertThat(bytes(pin, start, length))
                    .isEqualTo(Arrays.copyOfRange(content, base + start, base + start + length));
            moved.addAndGet(length);
        }

        private void write(int start, int length) throws IOException {
            read(start, length);
            ring.writeFully(out, base + start, fixed, start, length, SOON);
            moved.addAndGet(length);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void threadsAndMisuse_neverBreakIt(long seed) throws Exception {
        byte[] content = random((int) BYTES);
        List<Pin> pins = new ArrayList<>();
        Ring ring = Ring.builder("random " + seed)
                .entries(8)
                .slots(3 * THREADS * 8)
                .slotBytes(PIECE / 7 / 4096 * 4096)
                .patience(Duration.ofSeconds(60))
                .open();
        try (RingFile out = RingFile.open(
                        folder.resolve("out"),
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE);
                RingFile pipe = pipe();
                ExecutorService pool = Executors.newFixedThreadPool(THREADS)) {
            RingFile in = RingFile.open(file(content));
            List<Future<Void>> all = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                Pin pin =
                        buffer.range((long) i * PIECE, PIECE).pin(Pin.longTerm().shared());
                pins.add(pin);
                all.add(pool.submit(
                        new Actor(seed * 31 + i, ring, pin, in, out, pipe, content, i * PIECE)));
            }
            all.getFirst().get(120, TimeUnit.SECONDS);
            ring.close(); // while the others are at work
            for (Future<Void> each : all) {
                each.get(120, TimeUnit.SECONDS);
            }
            in.close();
        }
        assertThat(pins).allSatisfy(pin -> assertThat(pin.strength()).isEqualTo(Strength.RUNTIME));
        pins.forEach(Pin::close);
        assertThat(moved).hasPositiveValue();
        assertThat(refused).hasPositiveValue();
    }
}
