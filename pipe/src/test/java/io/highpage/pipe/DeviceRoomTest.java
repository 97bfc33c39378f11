// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.highpage.Budget;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.host.HostDevice;
import io.highpage.junit.HighpageLeakCheck;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.testkit.Parked;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

@ExtendWith(HighpageLeakCheck.class)
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DeviceRoomTest {
    private static final long ROOM = 64 << 12;
    private static final Duration LONG = Duration.ofMinutes(4);

    private Highpage hp;
    private DeviceRoom room;

    @BeforeEach
    void open() {
        hp = Highpage.builder()
                .device(HostDevice.privateMemory(1 << 20))
                .deviceMemory(ROOM)
                .open();
        room = new DeviceRoom(hp.budget(), hp.device());
    }

    @AfterEach
    void close() {
        assertThat(room.reservedBytes()).isZero();
        assertThat(hp.budget().info().budgets()).isEmpty();
        hp.close();
    }

    @Test
    void whatIsReserved_isThere() throws Exception {
        try (DeviceRoom.Reservation half = room.reserve("half", ROOM / 2, LONG);
                DeviceRoom.Reservation rest = room.reserve("rest", ROOM / 2, Duration.ZERO);
                PageBuffer first = half.budget().allocate(ROOM / 2);
                PageBuffer second = rest.budget().allocate(ROOM / 2)) {
            assertThat(first.prefetch(hp.device()).failure()).isEmpty();
            assertThat(second.prefetch(hp.device()).failure()).isEmpty();
            assertThat(half.budget().usedBytes(hp.device())).isEqualTo(ROOM / 2);
            assertThat(room.reservations()).containsExactly(half, rest);
            assertThat(room.reservedBytes()).isEqualTo(ROOM);
            assertThat(half.bytes()).isEqualTo(ROOM / 2);
            assertThat(half.who()).isEqualTo("half");
            assertThat(half.age()).isPositive();
            assertThat(room.device()).isSameAs(hp.device());
            assertThat(room)
                    .hasToString("room of " + ROOM + " bytes on " + hp.device().name()
                            + ", of which " + ROOM + " are reserved");
            try (PageBuffer more = half.budget().allocate(4096)) {
                assertThat(more.prefetch(hp.device()).failure()).isPresent(); // no more than that
            }
        }
    }

    @Test
    void aReservationWithBuffers_isNotGivenBack() throws Exception {
        DeviceRoom.Reservation mine = room.reserve("mine", 4096, LONG);
        try (PageBuffer buffer = mine.budget().allocate(4096)) {
            assertThatThrownBy(mine::close).isInstanceOf(IllegalStateException.class);
            assertThat(room.reservedBytes()).isEqualTo(4096);
            assertThat(buffer.isOpen()).isTrue();
        }
        mine.close();
        mine.close();
        assertThat(room.reservedBytes()).isZero();
    }

    @Test
    void whatNeverFits_isRefusedAtOnce_alsoBehindOthers() throws Exception {
        try (DeviceRoom.Reservation all = room.reserve("all", ROOM, LONG)) {
            Waiter waiting = new Waiter("waits", 4096);
            assertThatThrownBy(() -> room.reserve("much", ROOM + 1, LONG))
                    .isInstanceOfSatisfying(OutOfPageMemoryException.class, e -> {
                        assertThat(e.isRetryable()).isFalse();
                        assertThat(e.device()).isTrue();
                        assertThat(e.requestedBytes()).isEqualTo(ROOM + 1);
                    })
                    .hasMessageContainingAll(
                            "'much' needs " + (ROOM + 1) + " bytes", "which has " + ROOM);
            waiting.interrupt();
        }
    }

    @Test
    void theDeadline_tellsWhoHasWhat() throws Exception {
        try (DeviceRoom.Reservation a = room.reserve("task a", ROOM - 4096, LONG);
                DeviceRoom.Reservation b = room.reserve("task b", 4096, LONG)) {
            for (Duration limit : List.of(Duration.ZERO, Duration.ofMillis(250))) {
                assertThatThrownBy(() -> room.reserve("task c", 8192, limit))
                        .isInstanceOfSatisfying(
                                OutOfPageMemoryException.class,
                                e -> assertThat(e.isRetryable()).isTrue())
                        .hasMessageContainingAll(
                                "'task c' did not get 8192 bytes",
                                "within " + limit.toMillis() + " ms",
                                "'task a' " + (ROOM - 4096) + " bytes",
                                "'task b' 4096 bytes",
                                "have " + ROOM);
            }
            assertThat(a.bytes() + b.bytes()).isEqualTo(ROOM);
        }
    }

    @Test
    void manyHolders_areNamedInPart() throws Exception {
        List<DeviceRoom.Reservation> all = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            all.add(room.reserve("task " + i, 4096, LONG));
        }
        assertThatThrownBy(() -> room.reserve("last", 1, Duration.ZERO))
                .hasMessageContainingAll("'task 7' 4096", "and 56 others");
        all.forEach(DeviceRoom.Reservation::close);
    }

    /** Reserves in a thread of its own. */
    private final class Waiter {
        final CompletableFuture<DeviceRoom.Reservation> got = new CompletableFuture<>();
        final Thread thread;

        Waiter(String who, long bytes) throws InterruptedException {
            thread = new Thread(() -> {
                try {
                    got.complete(room.reserve(who, bytes, LONG));
                } catch (Throwable failed) {
                    got.completeExceptionally(failed);
                }
            });
            thread.start();
            Parked.await(thread);
        }

        void interrupt() throws InterruptedException {
            thread.interrupt();
            thread.join();
            assertThat(catchThrowable(got::get))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void whoAsksFirst_isServedFirst_soALargeRequestIsNotPassed() throws Exception {
        DeviceRoom.Reservation small = room.reserve("small", 4096, LONG);
        Waiter large = new Waiter("large", ROOM);
        Waiter next = new Waiter("next", 4096);
        assertThatThrownBy(() -> room.reserve("third", 4096, Duration.ZERO))
                .isInstanceOf(OutOfPageMemoryException.class); // though there is room
        assertThat(next.got).isNotDone();
        small.close();
        DeviceRoom.Reservation all = large.got.get();
        assertThat(next.got).isNotDone();
        all.close();
        next.got.get().close();
    }

    @Test
    void anInterrupt_endsTheWait_andTheNextIsServed() throws Exception {
        DeviceRoom.Reservation most = room.reserve("most", ROOM - 4096, LONG);
        Waiter large = new Waiter("large", ROOM);
        Waiter next = new Waiter("next", 4096);
        large.interrupt();
        next.got.get().close();
        most.close();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> room.reserve("who", 1, LONG))
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aLimitThatChanges_isSeen() throws Exception {
        Budget budget = hp.budget("part", 8192);
        DeviceRoom part = new DeviceRoom(budget, hp.device());
        assertThat(part.bytes()).isEqualTo(8192);
        DeviceRoom.Reservation first = part.reserve("first", 8192, LONG);
        CompletableFuture<DeviceRoom.Reservation> second = CompletableFuture.supplyAsync(() -> {
            try {
                return part.reserve("second", 4096, LONG);
            } catch (InterruptedException nobody) {
                throw new AssertionError(nobody);
            }
        });
        budget.deviceMemory(hp.device(), 12288);
        second.get().close();
        CompletableFuture<Throwable> third = CompletableFuture.supplyAsync(
                () -> catchThrowable(() -> part.reserve("third", 8192, LONG)));
        budget.deviceMemory(hp.device(), 4096);
        assertThat(third.get())
                .isInstanceOfSatisfying(
                        OutOfPageMemoryException.class,
                        e -> assertThat(e.isRetryable()).isFalse());
        first.close();
        budget.close();
        assertThatThrownBy(() -> part.reserve("who", 1, LONG))
                .isInstanceOf(IllegalStateException.class);
        assertThat(part.reservedBytes()).isZero();
    }

    @Test
    void badArguments_areRefused() {
        assertThatThrownBy(() -> room.reserve("", 1, LONG))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("who is empty");
        assertThatThrownBy(() -> room.reserve("who", 0, LONG))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bytes=0 is not positive");
        assertThatThrownBy(() -> room.reserve("who", 1, Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is negative");
    }

    @Test
    void eightThreads_neverHaveMoreThanThereIs() throws Exception {
        AtomicLong taken = new AtomicLong();
        List<Throwable> failed = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Random random = new Random(i);
            threads.add(new Thread(() -> {
                for (int round = 0; round < 200; round++) {
                    long bytes = 1 + random.nextLong(ROOM);
                    try (DeviceRoom.Reservation mine = room.reserve("task", bytes, LONG)) {
                        assertThat(taken.addAndGet(bytes)).isLessThanOrEqualTo(ROOM);
                        assertThat(room.reservedBytes()).isBetween(bytes, ROOM);
                        taken.addAndGet(-bytes);
                    } catch (Throwable failure) {
                        failed.add(failure);
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread each : threads) {
            each.join();
        }
        assertThat(failed).isEmpty();
        assertThat(taken).hasValue(0);
    }

    @Test
    void virtualThreadsThatWait_keepNoCarrier() throws Exception {
        int many = Runtime.getRuntime().availableProcessors() * 4 + 20;
        CountDownLatch ran = new CountDownLatch(1);
        DeviceRoom.Reservation all = room.reserve("all", ROOM, LONG);
        List<CompletableFuture<Void>> waiting = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            CompletableFuture<Void> got = new CompletableFuture<>();
            waiting.add(got);
            Thread.ofVirtual().start(() -> {
                try {
                    room.reserve("task", ROOM, LONG).close();
                    got.complete(null);
                } catch (Throwable failed) {
                    got.completeExceptionally(failed);
                }
            });
        }
        Thread.ofVirtual().start(ran::countDown); // only if a carrier is free
        ran.await();
        all.close();
        for (CompletableFuture<Void> each : waiting) {
            each.get();
        }
    }
}
