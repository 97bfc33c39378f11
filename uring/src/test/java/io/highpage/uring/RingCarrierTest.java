// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Pin;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

/**
 * Rings and virtual threads: who waits keeps no carrier, and nobody waits for a thread that has
 * none.
 */
class RingCarrierTest extends RingTest {
    private static final int CARRIERS = Runtime.getRuntime().availableProcessors();

    /** More rings than carriers, each awaited by a virtual thread. */
    @Test
    void virtualThreadsThatAwaitRings_leaveTheCarriersToOthers() throws Exception {
        try (Pin pin = buffer.pin(Pin.longTerm().shared());
                RingFile pipe = pipe()) {
            List<Ring> rings = new ArrayList<>();
            List<RingOperation> reads = new ArrayList<>();
            List<CompletableFuture<Long>> waiters = new ArrayList<>();
            try {
                for (int i = 0; i < 2 * CARRIERS; i++) {
                    Ring ring = Ring.open("ring " + i, 4);
                    rings.add(ring);
                    reads.add(ring.readFixed(pipe, 0, ring.register(pin), i * 4096, 1));
                    ring.submit();
                }
                reads.forEach(read -> waiters.add(virtually(() -> read.await(SOON))));
                Thread.sleep(50); // lets them begin to wait
                for (int i = 0; i < 100; i++) { // each needs a carrier for a moment
                    assertThat(virtually(() -> 1L).get(60, TimeUnit.SECONDS)).isOne();
                }
                assertThat(waiters).noneMatch(CompletableFuture::isDone);
                try (Ring writer = Ring.open("writer", 4);
                        FixedBuffer fixed = writer.register(pin)) {
                    writer.writeFully(pipe, 0, fixed, 0, rings.size(), SOON);
                }
                for (CompletableFuture<Long> waiter : waiters) {
                    assertThat(waiter.get(60, TimeUnit.SECONDS)).isOne();
                }
            } finally {
                for (Ring ring : rings) {
                    ring.close();
                }
            }
        }
    }

    /**
     * Virtual threads that wait, and then find all carriers taken, do not keep a platform thread
     * from its deadline.
     */
    @Test
    void platformThread_keepsItsDeadline_besideVirtualThreadsWithoutACarrier() throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        try (Ring ring = Ring.open("shared", 64);
                Pin pin = buffer.pin(Pin.longTerm().shared());
                FixedBuffer fixed = ring.register(pin);
                RingFile pipe = pipe();
                RingFile other = pipe("other")) {
            List<RingOperation> reads = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                reads.add(ring.readFixed(pipe, 0, fixed, i, 1));
            }
            ring.submit();
            List<CompletableFuture<Long>> waiters = new ArrayList<>();
            for (RingOperation read : reads) {
                waiters.add(virtually(() -> read.await(SOON)));
            }
            Thread.sleep(20); // lets them begin to wait
            List<CompletableFuture<Long>> hogs = IntStream.range(0, 2 * CARRIERS)
                    .mapToObj(i -> virtually(() -> spin(enough)))
                    .toList();
            try {
                RingOperation endless = ring.readFixed(other, 0, fixed, 4096, 1);
                for (int round = 0; round < 5; round++) {
                    long begin = System.nanoTime();
                    assertThat(awaits(endless, Duration.ofMillis(50))).isFalse();
                    assertThat(ring.writeFixed(other, 0, fixed, 0, 1).await(SOON))
                            .isOne();
                    assertThat(endless.await(SOON)).isOne();
                    assertThat(Duration.ofNanos(System.nanoTime() - begin))
                            .isLessThan(SOON.dividedBy(2));
                    endless = ring.readFixed(other, 0, fixed, 4096, 1);
                }
                endless.cancel();
                assertThat(hogs).noneMatch(CompletableFuture::isDone);
                ring.writeFully(pipe, 0, fixed, 0, 32, SOON);
            } finally {
                enough.set(true);
            }
            for (CompletableFuture<Long> waiter : waiters) {
                assertThat(waiter.get(60, TimeUnit.SECONDS)).isOne();
            }
        }
    }

    /** Many virtual threads on one ring with fewer entries than threads. */
    @Test
    void manyVirtualThreads_shareARing() throws Exception {
        byte[] content = random((int) BYTES);
        try (Ring ring = Ring.open("crowd", 16);
                Pin pin = buffer.pin(Pin.longTerm().shared());
                FixedBuffer fixed = ring.register(pin);
                RingFile file = RingFile.open(file(content))) {
            List<CompletableFuture<Long>> all = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                long offset = i * 1000L;
                all.add(virtually(
                        () -> ring.readFixed(file, offset, fixed, offset, 1000).await(SOON)));
            }
            for (CompletableFuture<Long> each : all) {
                assertThat(each.get(120, TimeUnit.SECONDS)).isEqualTo(1000);
            }
            assertThat(bytes(pin, 0, 1_000_000)).isEqualTo(Arrays.copyOf(content, 1_000_000));
        }
    }

    /**
     * Who watches changes all the time, between threads of both kinds: none takes that from one
     * that sleeps in the kernel, nor asks something of one that has just left.
     */
    @RepeatedTest(3)
    void threadsOfBothKinds_takeTurnsInWatching() throws Exception {
        int rounds = 20_000;
        try (Ring ring = Ring.open("turns", 32);
                Pin pin = buffer.pin(Pin.longTerm().shared());
                FixedBuffer fixed = ring.register(pin);
                RingFile pipe = pipe()) {
            List<CompletableFuture<Long>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                RingOperation endless = ring.readFixed(pipe, 0, fixed, i, 1);
                Call impatient = () -> {
                    for (int round = 0; round < rounds; round++) {
                        assertThat(awaits(endless, Duration.ofNanos(round * 7L % 60_000)))
                                .isFalse();
                    }
                    endless.cancel();
                    return (long) rounds;
                };
                all.add(started(i % 2 == 0 ? Thread.ofVirtual() : Thread.ofPlatform(), impatient));
            }
            for (CompletableFuture<Long> each : all) {
                assertThat(each.get(120, TimeUnit.SECONDS)).isEqualTo(rounds);
            }
        }
    }

    private static boolean awaits(RingOperation operation, Duration limit) throws IOException {
        try {
            operation.await(limit);
            return true;
        } catch (InterruptedIOException late) {
            return false;
        }
    }

    private static long spin(AtomicBoolean enough) {
        while (!enough.get()) {
            Thread.onSpinWait();
        }
        return 0;
    }

    /** A call that may fail. */
    @FunctionalInterface
    private interface Call {
        long get() throws Exception;
    }

    private static CompletableFuture<Long> virtually(Call call) {
        return started(Thread.ofVirtual(), call);
    }

    private static CompletableFuture<Long> started(Thread.Builder kind, Call call) {
        CompletableFuture<Long> result = new CompletableFuture<>();
        kind.start(() -> {
            try {
                result.complete(call.get());
            } catch (Exception | AssertionError failed) {
                result.completeExceptionally(failed);
            }
        });
        return result;
    }
}
