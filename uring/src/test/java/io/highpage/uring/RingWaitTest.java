// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static io.highpage.bindings.linux.linux_h.ENOMEM;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Pin;
import io.highpage.internal.os.UringCalls;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Full rings, deadlines, interrupts, many threads. */
class RingWaitTest extends RingTest {
    /** A slice of sleep, 100 ms, is longer. */
    private static final long NO_SLICE = Duration.ofMillis(80).toNanos();

    @Test
    void deadline_leavesTheOperationInFlight() throws Exception {
        try (Ring ring = Ring.open("slow", 4);
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile pipe = pipe()) {
            RingOperation read = ring.readFixed(pipe, 0, fixed, 0, 10);
            long begin = System.nanoTime();
            assertThatThrownBy(() -> read.await(SHORT))
                    .isInstanceOf(InterruptedIOException.class)
                    .hasMessageContaining("not complete within PT0.05S: readFixed")
                    .hasMessageContaining("it goes on");
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isBetween(SHORT, SOON);
            assertThatThrownBy(() -> read.await(Duration.ZERO))
                    .isInstanceOf(InterruptedIOException.class);
            ring.writeFully(pipe, 0, fixed, 100, 5, SOON);
            assertThat(read.await(SOON)).isEqualTo(5);
            assertThat(read.await(Duration.ZERO)).isEqualTo(5);
        }
    }

    @Test
    void interrupt_endsAWait() throws Exception {
        try (Ring ring = Ring.open("stop", 4);
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile pipe = pipe()) {
            RingOperation read = ring.readFixed(pipe, 0, fixed, 0, 10);
            List<Thread> waiters = new ArrayList<>();
            List<AtomicReference<Object>> ends = new ArrayList<>();
            for (int i = 0; i < 2; i++) { // one sleeps in the kernel, the other waits for that one
                AtomicReference<Object> end = new AtomicReference<>();
                ends.add(end);
                waiters.add(Thread.ofPlatform().start(() -> {
                    try {
                        end.set(read.await(SOON));
                    } catch (IOException ended) {
                        end.set(ended.getClass().getSimpleName() + " "
                                + Thread.currentThread().isInterrupted());
                    }
                }));
            }
            for (Thread waiter : waiters) {
                Thread.sleep(20); // lets it begin to wait; it has to end also if it has not
                waiter.interrupt();
            }
            for (int i = 0; i < 2; i++) {
                waiters.get(i).join(SOON);
                assertThat(ends.get(i).get()).isEqualTo("InterruptedIOException true");
            }
            read.cancel();
            assertThatThrownBy(() -> read.await(SOON)).hasMessageContaining("ECANCELED");
        }
    }

    @Test
    void fullRing_waitsForRoomAndThenRefuses() throws Exception {
        byte[] content = random((int) BYTES);
        try (Ring ring = Ring.builder("narrow").entries(2).patience(SHORT).open();
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile file = RingFile.open(file(content));
                RingFile pipe = pipe()) {
            long piece = BYTES / 64;
            for (int i = 0; i < 64; i++) { // nobody submits or awaits: a full ring does
                ring.readFixed(file, i * piece, fixed, i * piece, piece);
            }
            assertThat(ring.fsync(file).await(SOON)).isZero();
            assertThat(ring.readFixed(file, 0, fixed, 0, 1).await(SOON)).isEqualTo(1);
            assertThat(bytes(pin, 0, 62 * piece))
                    .isEqualTo(Arrays.copyOf(content, (int) (62 * piece)));
            RingOperation first = ring.readFixed(pipe, 0, fixed, 0, 1);
            RingOperation second = ring.readFixed(pipe, 0, fixed, 1, 1);
            assertThatThrownBy(() -> ring.fsync(file))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(
                            "io_uring ring 'narrow' is full: entries=2, free=0, needed=1")
                    .hasMessageContaining("none completed within PT0.05S")
                    .hasMessageContaining("pipe");
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> ring.fsync(file)).isInstanceOf(InterruptedIOException.class);
            assertThat(Thread.interrupted()).isTrue();
            first.cancel();
            assertThat(ring.fsync(file).await(SOON)).isZero();
            second.cancel();
            assertThatThrownBy(() -> second.await(SOON)).hasMessageContaining("ECANCELED");
        }
    }

    @Test
    void rangeOfMoreSlotsThanEntries_isRefused_butReadFullyDoesIt() throws IOException {
        byte[] content = random((int) BYTES);
        try (Ring ring = Ring.builder("tiny")
                        .entries(1)
                        .slotBytes(buffer.pageBytes())
                        .open();
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile file = RingFile.open(file(content))) {
            assertThatThrownBy(() -> ring.readFixed(file, 0, fixed, 0, BYTES))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("slots=256")
                    .hasMessageContaining("entries=1");
            assertThat(ring.readFully(file, 0, fixed, 0, BYTES, SOON)).isEqualTo(BYTES);
            assertThat(bytes(pin, 0, BYTES)).isEqualTo(content);
        }
    }

    /**
     * What is cancelled again and again must not fill the queue of completions: the kernel then
     * keeps others back.
     */
    @Test
    void operationCancelledAgainAndAgain_hidesNoOtherCompletion() throws Exception {
        try (Ring ring = Ring.open("cancels", 2);
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                Ring writer = Ring.open("writer", 2);
                FixedBuffer source = writer.register(pin);
                RingFile pipe = pipe("one");
                RingFile second = pipe("two")) {
            RingOperation cancelled = ring.readFixed(pipe, 0, fixed, 0, 10);
            RingOperation other = ring.readFixed(second, 0, fixed, 10, 10);
            for (int i = 0; i < 4; i++) {
                cancelled.cancel();
            }
            writer.writeFully(second, 0, source, 0, 10, SOON);
            long end = System.nanoTime() + SOON.toNanos();
            while (!(other.isDone() && cancelled.isDone()) && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            assertThat(other.isDone()).isTrue();
            assertThat(other.await(Duration.ZERO)).isEqualTo(10);
            assertThatThrownBy(() -> cancelled.await(Duration.ZERO))
                    .hasMessageContaining("ECANCELED");
        }
    }

    /**
     * A cancellation that the kernel takes late must not end what has taken the operation's place
     * meanwhile.
     */
    @Test
    void cancellationTakenLate_endsNothingElse() throws Exception {
        LateCalls calls = new LateCalls();
        try (Ring ring = Ring.builder("late").entries(1).calls(calls).open();
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile other = pipe();
                Ring writer = Ring.open("writer", 1);
                FixedBuffer source = writer.register(pin)) {
            RingOperation first = ring.readFixed(other, 0, fixed, 0, 1);
            ring.submit();
            calls.refused = true;
            assertThatThrownBy(first::cancel).isInstanceOf(RingException.class);
            writer.writeFully(other, 0, source, 100, 1, SOON);
            while (!first.isDone()) {
                Thread.onSpinWait();
            }
            calls.refused = false;
            RingOperation second = ring.readFixed(other, 0, fixed, 0, 1);
            ring.submit();
            assertThat(second.isDone()).isFalse();
            writer.writeFully(other, 0, source, 100, 1, SOON);
            assertThat(second.await(SOON)).isOne();
        }
    }

    /** A kernel that takes nothing for a while. */
    private static final class LateCalls extends UringCalls {
        private volatile boolean refused;

        @Override
        public int enter(int fd, int submit, int complete, int flags, MemorySegment argument) {
            return refused && submit > 0
                    ? -ENOMEM()
                    : super.enter(fd, submit, complete, flags, argument);
        }
    }

    @RepeatedTest(3)
    void manyThreads_shareARing() throws Exception {
        byte[] content = random((int) BYTES);
        int threads = 8;
        long piece = BYTES / threads;
        try (Ring ring = Ring.open("shared", 4); // fewer entries than threads
                Pin pin = buffer.pin(Pin.longTerm().shared());
                FixedBuffer fixed = ring.register(pin);
                RingFile file = RingFile.open(file(content));
                ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<Void>> all = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                long start = thread * piece;
                all.add(pool.submit(() -> {
                    for (int round = 0; round < 500; round++) {
                        long offset = start + round % 7 * 1000;
                        long moved = ring.readFixed(file, offset, fixed, offset, 1000)
                                .await(SOON);
                        assertThat(moved).isEqualTo(1000);
                        assertThat(bytes(pin, offset, 1000))
                                .isEqualTo(Arrays.copyOfRange(
                                        content, (int) offset, (int) offset + 1000));
                        pin.segment().asSlice(offset, 1000).fill((byte) 0);
                    }
                    return null;
                }));
            }
            for (Future<Void> each : all) {
                each.get(120, TimeUnit.SECONDS);
            }
        }
    }

    /**
     * Lets others do something after a thread has decided to sleep in the kernel, and before it
     * does.
     */
    private static final class SlowToSleep extends UringCalls {
        volatile Runnable meanwhile = () -> {};
        volatile long sleptNanos = Long.MAX_VALUE;

        @Override
        public int enter(int fd, int submit, int complete, int flags, MemorySegment argument) {
            if (complete == 0) {
                return super.enter(fd, submit, complete, flags, argument);
            }
            meanwhile.run();
            long begin = System.nanoTime();
            int result = super.enter(fd, submit, complete, flags, argument);
            sleptNanos = Math.min(sleptNanos, System.nanoTime() - begin);
            return result;
        }
    }

    /** If another thread took in the completion that a sleeper waits for, it would sleep on. */
    @Test
    void completionOfAThreadAboutToSleep_isLeftToIt() throws Exception {
        SlowToSleep calls = new SlowToSleep();
        try (Ring ring = Ring.builder("poll").calls(calls).open();
                Pin pin = buffer.pin(Pin.longTerm().shared());
                FixedBuffer fixed = ring.register(pin);
                RingFile pipe = pipe()) {
            // A busy machine wakes it late now and then; a whole slice is always slept out.
            for (int round = 0; round < 5 || round < 50 && calls.sleptNanos >= NO_SLICE; round++) {
                RingOperation read = ring.readFixed(pipe, 0, fixed, 0, 10);
                calls.meanwhile = () -> CompletableFuture.runAsync(
                                () -> writeAndLook(ring, pipe, fixed, read))
                        .join();
                assertThat(read.await(SOON)).isEqualTo(3);
            }
            assertThat(calls.sleptNanos).isLessThan(NO_SLICE);
        }
    }

    private static void writeAndLook(
            Ring ring, RingFile pipe, FixedBuffer fixed, RingOperation read) {
        try {
            ring.writeFixed(pipe, 0, fixed, 100, 3);
            ring.submit();
            for (int look = 0; look < 1000; look++) {
                assertThat(read.isDone()).isFalse(); // only the sleeper takes completions in
            }
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }
}
