// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static io.highpage.junit.TestPages.PAGE;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.Hold;
import io.highpage.Pin;
import io.highpage.device.DeviceInfo;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Verification;
import io.highpage.testkit.Parked;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What several threads see: waiting, deadlines, interrupts, confinement, on every device of this
 * machine.
 */
@ForEachDevice
@ExtendWith(HighpageLeakCheck.class)
@Timeout(300)
class ThreadsTest {
    private static final Duration LONG = Duration.ofSeconds(120);

    private final DeviceInfo info;
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private Highpage hp;

    ThreadsTest(DeviceInfo info) {
        this.info = info;
    }

    @BeforeEach
    void open() {
        hp = Highpage.builder().device(info.open()).open();
    }

    @AfterEach
    void close() {
        executor.close();
        hp.close();
    }

    private DeviceAccess sharedAccess(TestPages pages) {
        return pages.buffer()
                .range(0, PAGE)
                .access(
                        io.highpage.outcome.Terms.defaults().shared().mode(AccessMode.READ),
                        hp.device());
    }

    @Test
    void pin_withADeadline_waitsUntilAnotherThreadLetsGo() throws Exception {
        try (TestPages pages = TestPages.of(hp, "DH")) {
            DeviceAccess blocker = sharedAccess(pages);
            AtomicBoolean verified = new AtomicBoolean();
            Thread waiter = Thread.ofPlatform().start(() -> {
                try (Pin pin = pages.buffer().pin(Pin.longTerm().deadline(LONG))) {
                    verified.set(pin.verify().isConfirmed());
                }
            });
            Parked.await(waiter);
            assertThat(pages.picture()).isEqualTo("DH");
            assertThat(verified).isFalse();
            blocker.close();
            waiter.join();
            assertThat(verified).isTrue();
            pages.checkBytes();
        }
    }

    @Test
    void pin_whoseDeadlinePasses_failsAfterItAndNotBefore() throws Exception {
        try (TestPages pages = TestPages.of(hp, "DH");
                DeviceAccess blocker = sharedAccess(pages)) {
            long nanos = executor.submit(() -> {
                        long start = System.nanoTime();
                        assertThatThrownBy(() -> pages.buffer()
                                        .pin(Pin.longTerm().deadline(Duration.ofMillis(50))))
                                .isInstanceOfSatisfying(
                                        PagesBusyException.class,
                                        busy -> assertThat(busy.reason())
                                                .isEqualTo(PageOutcome.ACCESSED));
                        return System.nanoTime() - start;
                    })
                    .get();
            assertThat(Duration.ofNanos(nanos)).isBetween(Duration.ofMillis(50), LONG);
        }
    }

    @Test
    void pin_interruptedWhileItWaits_failsWithTheStatusSet() throws Exception {
        try (TestPages pages = TestPages.of(hp, "DH");
                DeviceAccess blocker = sharedAccess(pages)) {
            AtomicBoolean status = new AtomicBoolean();
            List<Throwable> failures = new ArrayList<>();
            Thread waiter = Thread.ofPlatform().start(() -> {
                try {
                    pages.buffer().pin(Pin.longTerm().deadline(LONG)).close();
                } catch (RuntimeException failure) {
                    failures.add(failure);
                }
                status.set(Thread.currentThread().isInterrupted());
            });
            Parked.await(waiter);
            waiter.interrupt();
            waiter.join();
            assertThat(status).isTrue();
            assertThat(failures)
                    .singleElement()
                    .isInstanceOfSatisfying(PagesBusyException.class, busy -> {
                        assertThat(busy.reason()).isEqualTo(PageOutcome.INTERRUPTED);
                        assertThat(busy).hasMessageContaining("interrupted");
                    });
            assertThat(hp.holders()).hasSize(1);
        }
    }

    @Test
    void pin_byAnInterruptedThread_worksIfItNeedNotWait() {
        try (TestPages pages = TestPages.of(hp, "DH.")) {
            Thread.currentThread().interrupt();
            try (Pin pin = pages.buffer().pin(Pin.longTerm())) {
                assertThat(pin.verify()).matches(Verification::isConfirmed);
            }
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    /**
     * Two threads hand the page to each other so that one always holds it, each hold as short as
     * the other's answer. Without giving way to the waiting pin there would never be a moment
     * without a hold. (On a private device the holds have brought the page home, where they are in
     * nobody's way.)
     */
    @Test
    void pin_waitingUnderAStreamOfShortHolds_comesToItsTurn() throws Exception {
        try (TestPages pages = TestPages.of(hp, "DH")) {
            AtomicInteger open = new AtomicInteger();
            AtomicBoolean done = new AtomicBoolean();
            AtomicInteger taken = new AtomicInteger();
            List<Future<?>> streams = new ArrayList<>();
            for (int t = 0; t < 2; t++) {
                streams.add(executor.submit(() -> {
                    while (!done.get()) {
                        try (Hold hold = pages.buffer().range(0, 1).hold()) {
                            open.incrementAndGet();
                            taken.incrementAndGet();
                            awaitOther(open, done);
                        } finally {
                            open.decrementAndGet();
                        }
                    }
                }));
            }
            while (taken.get() < 1000) {
                Thread.onSpinWait();
            }
            try (Pin pin = pages.buffer().pin(Pin.longTerm().deadline(LONG))) {
                assertThat(pin.verify()).matches(Verification::isConfirmed);
            } finally {
                done.set(true);
            }
            for (Future<?> stream : streams) {
                stream.get();
            }
        }
    }

    /** Keeps a hold until the other thread has one too, two milliseconds at most. */
    private static void awaitOther(AtomicInteger open, AtomicBoolean done) {
        long start = System.nanoTime();
        while (open.get() < 2 && !done.get() && System.nanoTime() - start < 2_000_000) {
            Thread.onSpinWait();
        }
    }

    @Test
    void pins_ofOneDevicePageByTwoThreads_bothSucceed() throws Exception {
        try (TestPages pages = TestPages.of(hp, "HHHH")) {
            CyclicBarrier start = new CyclicBarrier(2);
            int rounds = 300;
            List<Future<?>> threads = new ArrayList<>();
            for (int t = 0; t < 2; t++) {
                int thread = t;
                threads.add(executor.submit(() -> {
                    for (int round = 0; round < rounds; round++) {
                        if (thread == 0) {
                            TestPages.bring(pages.buffer(), hp.device());
                        }
                        start.await();
                        try (Pin pin = round % 2 == 0
                                ? pages.buffer().pin(Pin.longTerm())
                                : pages.buffer()
                                        .range(thread * PAGE, 3 * PAGE)
                                        .pin(Pin.longTerm())) {
                            assertThat(pin.verify()).matches(Verification::isConfirmed);
                            pages.checkSegment(pin.segment(), pin.offset());
                        }
                        start.await();
                    }
                    return null;
                }));
            }
            for (Future<?> thread : threads) {
                thread.get();
            }
            assertThat(TestPages.copiedHome(hp)).isEqualTo(rounds * 4L * PAGE);
            pages.checkBytes();
        }
    }

    @Test
    void pins_overlappingByManyThreads_withMovesInBetween_keepTheirPages() throws Exception {
        try (TestPages pages = TestPages.of(hp, "HDHDHDHDHDHDHDHD")) {
            AtomicInteger refused = new AtomicInteger();
            List<Future<?>> threads = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                Random random = new Random(t);
                threads.add(executor.submit(() -> {
                    for (int round = 0; round < 1500; round++) {
                        int offset = random.nextInt(pages.bytes().length - 1);
                        int bytes = 1 + random.nextInt(pages.bytes().length - offset);
                        if (random.nextInt(4) == 0) {
                            pages.bringFree(offset, bytes);
                            continue;
                        }
                        try (Pin pin = pages.buffer()
                                .range(offset, bytes)
                                .pin(Pin.longTerm().deadline(LONG))) {
                            pages.checkSegment(pin.segment(), offset);
                            assertThat(pin.verify()).matches(Verification::isConfirmed);
                            pages.buffer().range(offset, bytes).prefetch(hp.device());
                            pages.checkSegment(pin.segment(), offset);
                        } catch (PagesBusyException busy) {
                            refused.incrementAndGet();
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> thread : threads) {
                thread.get();
            }
            assertThat(refused).as("nobody held a page on the device").hasValue(0);
            assertThat(TestPages.copiedHome(hp)).as("more than at first").isGreaterThan(8 * PAGE);
            pages.checkBytes();
        }
    }

    @Test
    void segment_ofASharedPin_isForAnyThreadAndThatOfAConfinedOneIsNot() throws Exception {
        try (TestPages pages = TestPages.of(hp, "D");
                Pin confined = pages.buffer().pin(Pin.longTerm());
                Pin shared = pages.buffer().pin(Pin.longTerm().shared())) {
            executor.submit(() -> {
                        assertThat(shared.segment().get(ValueLayout.JAVA_BYTE, 3))
                                .isEqualTo(pages.bytes()[3]);
                        assertThatThrownBy(() -> confined.segment().get(ValueLayout.JAVA_BYTE, 3))
                                .isInstanceOf(WrongThreadException.class);
                    })
                    .get();
        }
    }
}
