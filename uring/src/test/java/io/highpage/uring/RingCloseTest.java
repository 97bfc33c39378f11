// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Pin;
import io.highpage.outcome.Strength;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Who may close what, when, and what happens to operations in flight. */
class RingCloseTest extends RingTest {
    @Test
    void pin_thatARingKeeps_refusesToCloseAndNamesIt() throws IOException {
        Pin pin = buffer.pin(Pin.longTerm());
        try (Ring ring = Ring.open("rx", 4);
                FixedBuffer fixed = ring.register(pin)) {
            assertThat(pin.strength()).isEqualTo(Strength.KERNEL_HELD);
            assertThatThrownBy(pin::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("io_uring ring 'rx'");
            fixed.close();
            assertThat(fixed.isOpen()).isFalse();
            assertThat(pin.strength()).isEqualTo(Strength.RUNTIME);
        }
        pin.close();
    }

    @Test
    void pinOfTwoRings_closesAfterBoth() throws IOException {
        Pin pin = buffer.pin(Pin.longTerm());
        Ring a = Ring.open("a", 4);
        Ring b = Ring.open("b", 4);
        a.register(pin);
        b.register(pin);
        b.register(pin); // twice
        a.close();
        assertThatThrownBy(pin::close).hasMessageContaining("'b'").hasMessageNotContaining("'a'");
        b.close();
        pin.close();
    }

    @Test
    void ring_closesWhatItHas() throws IOException {
        try (Pin pin = buffer.pin(Pin.longTerm());
                RingFile file = RingFile.open(file(random((int) BYTES)))) {
            Ring ring = Ring.open("all", 4);
            FixedBuffer fixed = ring.register(pin);
            // Nobody submits or awaits it.
            RingOperation prepared = ring.readFixed(file, 0, fixed, 0, BYTES);
            ring.close();
            ring.close();
            assertThat(prepared.isDone()).isTrue();
            assertThat(prepared.await(Duration.ZERO)).isEqualTo(BYTES);
            assertThat(bytes(pin, 0, BYTES)).isEqualTo(random((int) BYTES));
            assertThat(ring.isOpen()).isFalse();
            assertThat(fixed.isOpen()).isFalse();
            fixed.close();
            prepared.cancel();
        }
    }

    @Test
    void closedRing_refusesEverything() throws IOException {
        try (Pin pin = buffer.pin(Pin.longTerm());
                RingFile file = RingFile.open(file(random(10)))) {
            Ring ring = Ring.open("gone", 4);
            FixedBuffer fixed = ring.register(pin);
            ring.close();
            assertThatThrownBy(() -> ring.register(pin))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("io_uring ring 'gone' is closed");
            assertThatThrownBy(() -> ring.readFixed(file, 0, fixed, 0, 1))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> ring.fsync(file)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> fixed.update(pin)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(ring::submit).isInstanceOf(IllegalStateException.class);
            assertThat(pin.strength()).isEqualTo(Strength.RUNTIME);
        }
    }

    @Test
    void ringWithAReadThatNeverEnds_cancelsItInBoundedTime() throws Exception {
        try (Pin pin = buffer.pin(Pin.longTerm());
                RingFile pipe = pipe()) {
            Ring ring = Ring.builder("pipe").patience(SHORT).open();
            FixedBuffer fixed = ring.register(pin);
            RingOperation read = ring.readFixed(pipe, 0, fixed, 0, BYTES);
            long begin = System.nanoTime();
            ring.close();
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isBetween(SHORT, SOON);
            assertThatThrownBy(() -> read.await(Duration.ZERO))
                    .isInstanceOf(RingException.class)
                    .hasMessageContaining("readFixed failed with ECANCELED")
                    .hasMessageContaining("pipe");
            assertThat(pin.strength()).isEqualTo(Strength.RUNTIME);
        }
    }

    /**
     * The kernel takes a buffer out of the table at once, and writes to it all the same when the
     * read gets its bytes.
     */
    @Test
    void bufferWithAReadInFlight_keepsItsPinUntilTheReadHasEnded() throws Exception {
        try (Ring ring = Ring.builder("late").patience(SOON).open();
                Pin pin = buffer.pin(Pin.longTerm().shared());
                Pin other = buffer.range(0, 10).pin(Pin.longTerm());
                FixedBuffer source = ring.register(other);
                RingFile pipe = pipe()) {
            FixedBuffer fixed = ring.register(pin);
            RingOperation read = ring.readFixed(pipe, 0, fixed, 4096, 100);
            ring.submit();
            put(other, "late".getBytes());
            CompletableFuture<Void> closing = CompletableFuture.runAsync(() -> close(fixed));
            while (fixed.isOpen()) {
                Thread.onSpinWait();
            }
            long begin = System.nanoTime(); // marked as closed, it is still in the table
            while (pin.verify().isConfirmed()) {
                assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(60));
            }
            assertThat(pin.strength()).isEqualTo(Strength.KERNEL_HELD);
            assertThatThrownBy(pin::close).hasMessageContaining("'late'");
            assertThatThrownBy(() -> ring.readFixed(pipe, 0, fixed, 0, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is closed");
            assertThat(closing.isDone()).isFalse();
            ring.writeFully(pipe, 0, source, 0, 4, SOON);
            closing.get(60, TimeUnit.SECONDS);
            assertThat(read.await(Duration.ZERO)).isEqualTo(4);
            assertThat(bytes(pin, 4096, 4)).isEqualTo("late".getBytes());
            assertThat(pin.strength()).isEqualTo(Strength.RUNTIME);
        }
    }

    private static void close(AutoCloseable thing) {
        try {
            thing.close();
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Test
    void bufferCloses_whileAnotherThreadSleepsForAnotherBuffer() throws Exception {
        try (Pin pin = buffer.pin(Pin.longTerm());
                Ring ring = Ring.builder("two").patience(Duration.ofMillis(300)).open();
                FixedBuffer busy = ring.register(pin);
                RingFile file = RingFile.open(file(random(100)));
                RingFile pipe = pipe()) {
            RingOperation endless = ring.readFixed(pipe, 0, busy, 0, 10);
            CompletableFuture<String> sleeper =
                    CompletableFuture.supplyAsync(() -> awaitQuietly(endless));
            for (int round = 0; round < 20; round++) {
                FixedBuffer other = ring.register(pin);
                RingOperation read = ring.readFixed(file, 0, other, 0, 100);
                other.close();
                assertThat(read.isDone()).isTrue();
            }
            assertThat(endless.isDone()).isFalse();
            endless.cancel();
            assertThat(sleeper.get(60, TimeUnit.SECONDS)).contains("ECANCELED");
        }
    }

    @Test
    void update_letsOperationsEndInTheOldMemory() throws Exception {
        try (Ring ring = Ring.builder("swap").patience(SHORT).open();
                Pin first = buffer.range(0, BYTES / 2).pin(Pin.longTerm());
                Pin second = buffer.range(BYTES / 2, BYTES / 2).pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(first);
                RingFile file = RingFile.open(file(random(1000)));
                RingFile pipe = pipe()) {
            RingOperation old = ring.readFixed(file, 0, fixed, 0, 1000); // not submitted
            fixed.update(second);
            assertThat(old.await(SOON)).isEqualTo(1000);
            assertThat(fixed.pin()).isSameAs(second);
            assertThat(first.strength()).isEqualTo(Strength.RUNTIME);
            assertThat(second.strength()).isEqualTo(Strength.KERNEL_HELD);
            assertThat(bytes(first, 0, 1000)).isEqualTo(random(1000));
            assertThat(bytes(second, 0, 1000)).containsOnly(0);
            assertThat(ring.readFixed(file, 0, fixed, 0, 1000).await(SOON)).isEqualTo(1000);
            assertThat(bytes(second, 0, 1000)).isEqualTo(random(1000));
            RingOperation endless = ring.readFixed(pipe, 0, fixed, 0, 1000);
            fixed.update(first); // cancels it
            assertThatThrownBy(() -> endless.await(SOON)).hasMessageContaining("ECANCELED");
            assertThat(second.strength()).isEqualTo(Strength.RUNTIME);
        }
    }

    /** Between the two steps of a close another thread has the table, and is refused. */
    @Test
    void registrationThatIsRefused_letsPreparedOperationsOfOthersEnd() throws Exception {
        try (Ring ring = Ring.builder("refused").patience(SHORT).open();
                Pin first = buffer.range(0, BYTES / 2).pin(Pin.longTerm());
                Pin second =
                        buffer.range(BYTES / 2, BYTES / 2).pin(Pin.longTerm().shared());
                FixedBuffer fixed = ring.register(first);
                RingFile file = RingFile.open(file(random(1000)));
                ExecutorService other = Executors.newSingleThreadExecutor()) {
            RingOperation prepared = ring.readFixed(file, 0, fixed, 0, 1000); // not submitted
            fixed.memory().leaving = true; // as by a close that still waits for its turn
            other.submit(() -> {
                        assertThatThrownBy(() -> ring.register(List.of(second, first)))
                                .hasStackTraceContaining("is confined to thread");
                    })
                    .get();
            assertThat(second.strength()).isEqualTo(Strength.RUNTIME);
            assertThat(prepared.await(SOON)).isEqualTo(1000);
            assertThat(bytes(first, 0, 1000)).isEqualTo(random(1000));
        }
    }

    @Test
    void updateThatFails_leavesTheBufferAsItWas() throws Exception {
        try (Ring ring = Ring.builder("small").slots(1).open();
                Pin first = buffer.range(0, BYTES / 2).pin(Pin.longTerm());
                Pin second = buffer.range(BYTES / 2, BYTES / 2).pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(first);
                RingFile file = RingFile.open(file(random(1000)))) {
            assertThatThrownBy(() -> fixed.update(second)).hasMessageContaining("is full");
            assertThat(fixed.pin()).isSameAs(first);
            assertThat(second.strength()).isEqualTo(Strength.RUNTIME);
            assertThat(ring.readFixed(file, 0, fixed, 0, 1000).await(SOON)).isEqualTo(1000);
        }
    }

    @Test
    void cancel_endsOneOperationOnly() throws Exception {
        try (Ring ring = Ring.open("cancel", 4);
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile pipe = pipe()) {
            RingOperation first = ring.readFixed(pipe, 0, fixed, 0, 10);
            RingOperation second = ring.readFixed(pipe, 0, fixed, 10, 10);
            first.cancel();
            assertThatThrownBy(() -> first.await(SOON)).hasMessageContaining("ECANCELED");
            first.cancel();
            assertThat(second.isDone()).isFalse();
            ring.writeFully(pipe, 0, fixed, 100, 5, SOON);
            assertThat(second.await(SOON)).isEqualTo(5);
        }
    }

    @Test
    void interrupt_doesNotEndAClose() throws Exception {
        try (Pin pin = buffer.pin(Pin.longTerm());
                RingFile pipe = pipe()) {
            Ring ring = Ring.builder("interrupted").patience(SHORT).open();
            RingOperation read = ring.readFixed(pipe, 0, ring.register(pin), 0, 10);
            Thread.currentThread().interrupt();
            ring.close();
            assertThat(Thread.interrupted()).isTrue();
            assertThat(read.isDone()).isTrue();
        }
    }

    @RepeatedTest(20)
    void closersAndWaitersAtOnce_allEnd() throws Exception {
        try (Pin pin = buffer.pin(Pin.longTerm().shared());
                RingFile pipe = pipe()) {
            Ring ring = Ring.builder("crowd").patience(Duration.ofMillis(5)).open();
            FixedBuffer fixed = ring.register(pin);
            RingOperation read = ring.readFixed(pipe, 0, fixed, 0, 10);
            ring.submit();
            List<CompletableFuture<?>> all = List.of(
                    CompletableFuture.runAsync(() -> close(ring)),
                    CompletableFuture.runAsync(() -> close(ring)),
                    CompletableFuture.runAsync(() -> close(fixed)),
                    CompletableFuture.supplyAsync(() -> awaitQuietly(read)),
                    CompletableFuture.supplyAsync(() -> awaitQuietly(read)));
            for (CompletableFuture<?> each : all) {
                finish(each);
            }
            closeAtLast(ring);
            assertThat(read.isDone()).isTrue();
            assertThat(pin.strength()).isEqualTo(Strength.RUNTIME);
        }
    }

    /**
     * A close that loses against the patience of a few milliseconds says so, and can be repeated.
     */
    private static void finish(CompletableFuture<?> each) throws Exception {
        try {
            each.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException late) {
            assertThat(late).hasStackTraceContaining("did not end within");
        }
    }

    private static void closeAtLast(Ring ring) throws Exception {
        CompletableFuture<Void> closed = CompletableFuture.failedFuture(new Error());
        while (closed.isCompletedExceptionally()) {
            closed = CompletableFuture.runAsync(() -> close(ring));
            finish(closed);
        }
    }

    private static String awaitQuietly(RingOperation read) {
        try {
            return "moved " + read.await(SOON);
        } catch (IOException cancelled) {
            return cancelled.getMessage();
        }
    }
}
