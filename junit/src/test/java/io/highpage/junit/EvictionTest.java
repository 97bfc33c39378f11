// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.device.DeviceInfo;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.DeviceTraffic;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.Terms;
import io.highpage.testkit.Parked;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Data that is larger than the device: who needs room takes it from spans that nobody holds. */
@ForEachDevice
@ExtendWith(HighpageLeakCheck.class)
@Timeout(300)
class EvictionTest {
    private static final long SPAN = 2 << 20;
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(300);

    private final DeviceInfo info;
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private Highpage hp;

    EvictionTest(DeviceInfo info) {
        this.info = info;
    }

    @BeforeEach
    void open() {
        hp = Highpage.builder().device(info.open()).deviceMemory(2 * SPAN).open();
    }

    @AfterEach
    void close() {
        executor.close();
        hp.close();
    }

    private PageBuffer buffer(Highpage of, int spans) {
        return of.allocate(spans * SPAN, Allocation.defaults().spanBytes(SPAN));
    }

    private static PageRange span(PageBuffer buffer, long span) {
        return buffer.range(span * SPAN, SPAN);
    }

    private Terms terms(String owner, Duration deadline) {
        return Terms.defaults().mode(AccessMode.READ_WRITE).owner(owner).deadline(deadline);
    }

    private DeviceAccess access(PageRange range) {
        return range.access(hp.device(), AccessMode.READ_WRITE);
    }

    // ---- the main thing ----

    private static final int SPANS = 8;
    private static final int THREADS = 3;
    private static final int ROUNDS = 3;

    @Test
    void fourTimesTheDevice_givesTheSameBytesAsAllInMemory() throws Exception {
        String scarce;
        try (PageBuffer buffer = buffer(hp, SPANS)) {
            scarce = work(hp, buffer);
            DeviceTraffic traffic = hp.device().traffic();
            assertThat(traffic.spansEvicted()).as("%s", traffic).isPositive();
            assertThat(hp.device().usedBytes()).isLessThanOrEqualTo(2 * SPAN);
        }
        assertThat(hp.device().usedBytes()).isZero();
        try (Highpage plenty = Highpage.builder().device(info.open()).open();
                PageBuffer buffer = buffer(plenty, SPANS)) {
            assertThat(work(plenty, buffer)).as("SHA-256").isEqualTo(scarce);
            assertThat(plenty.device().traffic().spansEvicted()).isZero();
        }
    }

    /**
     * Threads have spans of their own; each runs kernels on them in turn, with a pin that rests
     * meanwhile, and reads spans of the others. {@return the SHA-256 of the bytes}
     */
    private String work(Highpage on, PageBuffer buffer) throws Exception {
        byte[] bytes = new byte[(int) buffer.byteSize()];
        new Random(1).nextBytes(bytes);
        buffer.write(0, MemorySegment.ofArray(bytes));
        List<Future<?>> all = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            int first = thread;
            all.add(executor.submit(() -> work(on, buffer, first)));
        }
        for (Future<?> one : all) {
            one.get();
        }
        buffer.read(0, MemorySegment.ofArray(bytes));
        return sha256(bytes);
    }

    private Void work(Highpage on, PageBuffer buffer, int first) {
        Random random = new Random(first);
        List<Integer> mine = new ArrayList<>();
        for (int span = first; span < SPANS; span += THREADS) {
            mine.add(span);
        }
        for (int round = 0; round < ROUNDS; round++) {
            Collections.shuffle(mine, random);
            for (int span : mine) {
                try (Pin pin = buffer.range(random.nextInt(SPANS) * SPAN, 4096)
                        .pin(Pin.longTerm().mode(AccessMode.READ).deadline(LONG))) {
                    pin.segment().get(JAVA_LONG, 0);
                }
                add(on, span(buffer, span), round + 7L * span);
                if (random.nextBoolean()) {
                    on.device().traffic();
                    span(buffer, random.nextInt(SPANS)).prefetch(on.device());
                }
            }
        }
        return null;
    }

    /** By a kernel, where Java can run one on the device; else at home. */
    private void add(Highpage on, PageRange range, long value) {
        try (DeviceAccess access = range.access(terms("kernel", LONG), on.device())) {
            if (TestPages.onDevice(access, memory -> add(memory, value))) {
                return;
            }
        }
        try (Hold hold = range.hold(Terms.defaults().deadline(LONG))) {
            for (Hold.Pieces pieces = hold.pieces(); pieces.next(); ) {
                add(pieces.slice(), value);
            }
        }
    }

    private static void add(MemorySegment memory, long value) {
        for (long at = 0; at < memory.byteSize(); at += 8) {
            memory.set(JAVA_LONG_UNALIGNED, at, memory.get(JAVA_LONG_UNALIGNED, at) * 31 + value);
        }
    }

    private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    /**
     * Two spans in turn where one fits: each use moves one there and another one home. It is said
     * when 64 times the room has moved. The first two uses find no bytes to copy in, and at the
     * eviction for a use its own span has not been copied yet.
     */
    @Test
    void device_thatMovesMoreThanIsUsed_isToldOnce_withItsNumbers() {
        Logged logged = new Logged("moves more than is used");
        Logger logger = Logger.getLogger("io.highpage");
        logger.addHandler(logged);
        logger.setUseParentHandlers(false);
        try (Highpage one = Highpage.builder()
                        .device(info.open())
                        .deviceMemory(SPAN)
                        .open();
                PageBuffer buffer = buffer(one, 2)) {
            for (int use = 1; use <= 100; use++) {
                span(buffer, use % 2)
                        .access(one.device(), AccessMode.READ_WRITE)
                        .close();
                assertThat(logged.messages).as("use %d", use).hasSize(use < 34 ? 0 : 1);
            }
            assertThat(logged.messages.getFirst())
                    .startsWith("device " + one.device().name() + " moves more than is used: "
                            + 31 * SPAN + " bytes in, " + 33 * SPAN + " out; 33 spans evicted with "
                            + 33 * SPAN + " bytes, 0 of them without a copy, for 34 uses of spans,"
                            + " with room for " + SPAN + " bytes.")
                    .contains("raise the limit");
        } finally {
            logger.setUseParentHandlers(true);
            logger.removeHandler(logged);
        }
    }

    /** What is told is told by the access that needs the room. */
    @Test
    void logThatFails_failsNoAccess() {
        Logged logged = new Logged("moves more than is used");
        logged.fails = true;
        Logger logger = Logger.getLogger("io.highpage");
        logger.addHandler(logged);
        logger.setUseParentHandlers(false);
        try (Highpage one = Highpage.builder()
                        .device(info.open())
                        .deviceMemory(SPAN)
                        .open();
                PageBuffer buffer = buffer(one, 2)) {
            for (int use = 1; use <= 50; use++) {
                span(buffer, use % 2)
                        .access(one.device(), AccessMode.READ_WRITE)
                        .close();
            }
            assertThat(logged.messages).hasSize(1);
        } finally {
            logger.setUseParentHandlers(true);
            logger.removeHandler(logged);
        }
    }

    /** Keeps what is logged and has certain words. */
    private static final class Logged extends Handler {
        private final List<String> messages = Collections.synchronizedList(new ArrayList<>());
        private final String words;
        private boolean fails;

        Logged(String words) {
            this.words = words;
        }

        @Override
        public void publish(LogRecord entry) {
            if (entry.getMessage().contains(words)) {
                messages.add(entry.getMessage());
                if (fails) {
                    throw new IllegalStateException("the log is full");
                }
            }
        }

        @Override
        public void flush() {
            // Nothing is buffered.
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    // ---- who takes what from whom ----

    @Test
    void access_takesTheRoomOfSpansThatNobodyHolds() {
        try (PageBuffer buffer = buffer(hp, 5)) {
            buffer.fill((byte) 3);
            try (DeviceAccess held = access(span(buffer, 0))) {
                for (int span = 1; span < 5; span++) {
                    access(span(buffer, span)).close();
                }
                assertThat(hp.device().traffic().spansEvicted()).isEqualTo(3);
                assertThat(hp.device().traffic().bytesEvicted()).isEqualTo(3 * SPAN);
                assertThat(held.isOpen()).isTrue();
            }
            assertThat(buffer.residency().toString().substring(0, (int) buffer.pageCount() / 5))
                    .as("what is held stays")
                    .matches("D+");
            assertThat(hp.device().traffic().bytesIn()).isEqualTo(5 * SPAN);
        }
    }

    @Test
    void access_whileTheCallerHoldsAllOfIt_isRefusedAtOnce_andNamesTheCaller() {
        try (PageBuffer buffer = buffer(hp, 3);
                DeviceAccess first = span(buffer, 0).access(terms("mine", LONG), hp.device());
                DeviceAccess second = span(buffer, 1).access(terms("too", LONG), hp.device())) {
            long start = System.nanoTime();
            assertThatThrownBy(() -> span(buffer, 2).access(terms("third", LONG), hp.device()))
                    .isInstanceOfSatisfying(OutOfPageMemoryException.class, full -> {
                        assertThat(full.device()).isTrue();
                        assertThat(full.isRetryable()).isTrue();
                    })
                    .hasMessageContaining("in the way: ")
                    .hasMessageContaining("access 'mine' of bytes 0.." + SPAN + " of buffer ")
                    .hasMessageContaining("access 'too' of bytes " + SPAN + ".." + 2 * SPAN)
                    .hasMessageContaining(" ms ago");
            assertThat(System.nanoTime() - start).isLessThan(LONG.toNanos() / 2);
            assertThat(first.isOpen() && second.isOpen()).isTrue();
        }
    }

    /** Has another thread access a range, which it does by now, until it may close. */
    private Future<?> accessUntil(CountDownLatch close, PageRange range)
            throws InterruptedException {
        CountDownLatch taken = new CountDownLatch(1);
        Future<?> other = executor.submit(() -> {
            try (DeviceAccess held = access(range)) {
                taken.countDown();
                close.await();
            }
            return null;
        });
        taken.await();
        return other;
    }

    @Test
    void access_waitsForRoom_untilWhoHoldsItCloses() throws Exception {
        try (PageBuffer buffer = buffer(hp, 3);
                DeviceAccess own = access(span(buffer, 0))) {
            CountDownLatch close = new CountDownLatch(1);
            Future<?> other = accessUntil(close, span(buffer, 1));
            Thread asker = Thread.currentThread();
            Future<?> closer = executor.submit(() -> {
                try {
                    Parked.await(asker);
                } finally {
                    close.countDown();
                }
                return null;
            });
            span(buffer, 2).access(terms("waits", LONG), hp.device()).close();
            closer.get();
            other.get();
            assertThat(own.isOpen()).isTrue();
        }
    }

    @Test
    void twoThatNeedWhatTheOtherHolds_endAtTheirDeadlines_andNameEachOther() throws Exception {
        try (PageBuffer buffer = buffer(hp, 4)) {
            CyclicBarrier both = new CyclicBarrier(2);
            List<Future<Throwable>> all = new ArrayList<>();
            for (int thread = 0; thread < 2; thread++) {
                int mine = thread;
                all.add(executor.submit(() -> {
                    try (DeviceAccess held =
                            span(buffer, mine).access(terms("op" + mine, LONG), hp.device())) {
                        both.await();
                        try {
                            span(buffer, 2 + mine)
                                    .access(terms("wants", SHORT), hp.device())
                                    .close();
                            return null;
                        } catch (OutOfPageMemoryException full) {
                            return full;
                        } finally {
                            both.await();
                        }
                    }
                }));
            }
            for (int thread = 0; thread < 2; thread++) {
                assertThat(all.get(thread).get())
                        .as("thread %d", thread)
                        .isInstanceOf(OutOfPageMemoryException.class)
                        .hasMessageContaining("access 'op" + (1 - thread) + "' of bytes ");
            }
        }
    }

    @Test
    void access_thatIsInterruptedWhileItWaitsForRoom_saysSo() throws Exception {
        try (PageBuffer buffer = buffer(hp, 3);
                DeviceAccess own = access(span(buffer, 0))) {
            CountDownLatch close = new CountDownLatch(1);
            Future<?> other = accessUntil(close, span(buffer, 1));
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> span(buffer, 2).access(terms("waits", LONG), hp.device()))
                    .hasMessageContaining("interrupted");
            assertThat(Thread.interrupted()).isTrue();
            close.countDown();
            other.get();
        }
    }

    // ---- prefetch ----

    @Test
    void prefetch_takesOnlySpansThatAreColder() {
        try (PageBuffer buffer = buffer(hp, 4)) {
            buffer.fill((byte) 1);
            access(span(buffer, 0)).close();
            access(span(buffer, 1)).close();
            assertThat(span(buffer, 2).prefetch(hp.device()).failure().orElseThrow())
                    .as("never used, so nothing is colder")
                    .isInstanceOf(OutOfPageMemoryException.class)
                    .hasMessageContaining("2 spans that are used more");
            assertThat(hp.device().traffic().spansEvicted()).isZero();
            for (int round = 0; round < 3; round++) { // 0 is used again and again, 1 was once
                for (int span = 2; span < 4; span++) {
                    access(span(buffer, 0)).close();
                    access(span(buffer, span)).close();
                }
            }
            access(span(buffer, 1)).close();
            access(span(buffer, 2)).close();
            assertThat(span(buffer, 0).evict().failure()).isEmpty();
            assertThat(span(buffer, 0).prefetch(hp.device()).complete()).isTrue();
        }
    }

    /** What it brings is not what it takes. */
    @Test
    void prefetchOfMoreThanTheDevice_doesNotTakeFromItself() {
        try (PageBuffer buffer = buffer(hp, 4)) {
            buffer.fill((byte) 1);
            var report = buffer.prefetch(hp.device());
            assertThat(report.outcomes().count(PageOutcome.MOVED))
                    .isEqualTo(buffer.pageCount() / 2);
            assertThat(report.failure()).isPresent();
            assertThat(hp.device().traffic().spansEvicted()).isZero();
        }
    }

    /** A span that is larger than the device never fits, whoever gives up what. */
    @Test
    void spanLargerThanTheDevice_isRefusedAtOnce_withTheOption() {
        try (PageBuffer other = buffer(hp, 1);
                PageBuffer buffer = hp.allocate(3 * SPAN)) {
            access(span(other, 0)).close();
            assertThatThrownBy(() -> buffer.access(terms("large", LONG), hp.device()))
                    .isInstanceOfSatisfying(
                            OutOfPageMemoryException.class,
                            full -> assertThat(full.isRetryable()).isFalse())
                    .hasMessageContaining("Allocation.spanBytes");
            assertThat(hp.device().traffic().spansEvicted()).isZero();
        }
    }
}
