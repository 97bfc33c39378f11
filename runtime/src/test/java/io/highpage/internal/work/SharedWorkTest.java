// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.testkit.FullCommonPool;
import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

class SharedWorkTest {
    private static final long PART_NANOS = 2_000_000;
    private static final int ALL = SharedWork.threads();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 100, 10_000})
    void run_doesEveryPartOnce(int parts) {
        AtomicIntegerArray done = new AtomicIntegerArray(parts);

        SharedWork.run(ALL, parts, done::incrementAndGet);

        for (int part = 0; part < parts; part++) {
            assertThat(done.get(part)).isEqualTo(1);
        }
    }

    @Test
    void run_whereAPartFails_throwsThatAfterAllOthersHaveEnded() {
        AtomicInteger atWork = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        int parts = 4 * SharedWork.threads();

        assertThatThrownBy(() -> SharedWork.run(ALL, parts, part -> {
                    atWork.incrementAndGet();
                    if (part == 0) {
                        atWork.decrementAndGet();
                        throw new IllegalArgumentException("part 0");
                    }
                    LockSupport.parkNanos(PART_NANOS);
                    ended.incrementAndGet();
                    atWork.decrementAndGet();
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("part 0");

        assertThat(atWork).hasValue(0);
        assertThat(ended).hasValue(parts - 1);
    }

    @Test
    void run_whereAPartFailsWithAnError_throwsIt() {
        assertThatThrownBy(() -> SharedWork.run(ALL, 3, part -> {
                    throw new InternalError("a fault in mapped memory");
                }))
                .isInstanceOf(InternalError.class);
    }

    @Test
    void run_interrupted_endsAllPartsAndStaysInterrupted() {
        AtomicInteger ended = new AtomicInteger();
        Thread.currentThread().interrupt();

        SharedWork.run(ALL, 8, part -> ended.incrementAndGet());

        assertThat(Thread.interrupted()).isTrue();
        assertThat(ended).hasValue(8);
    }

    /**
     * The pool belongs to the whole program: its tasks may wait for the very pages that the caller
     * owns.
     */
    @Test
    void run_whileThePoolIsBlocked_isDoneByTheCaller() {
        AtomicInteger byCaller = new AtomicInteger();
        Thread caller = Thread.currentThread();
        try (FullCommonPool full = new FullCommonPool()) {
            for (int work = 0; work < 1000; work++) {
                SharedWork.run(ALL, 8, part -> {
                    if (Thread.currentThread() == caller) {
                        byCaller.incrementAndGet();
                    }
                });
            }
            assertThat(ForkJoinPool.commonPool().getQueuedSubmissionCount())
                    .as("tasks that the pool has not begun")
                    .isLessThanOrEqualTo(SharedWork.WAITING_MAX + full.tasks());
        }

        assertThat(byCaller).hasValue(8 * 1000);
    }

    /** The common pool has a thread there too. */
    @Test
    void threads_areNoMoreThanProcessors() throws Exception {
        assertThat(child(List.of("-XX:ActiveProcessorCount=1"), "threads")).isEqualTo("1\n");
    }

    @Test
    void threads_areAtLeastTheCaller() throws Exception {
        assertThat(child(List.of("-Dhighpage.threads=0"), "threads")).isEqualTo("1\n");
    }

    @Test
    void run_byOne_isDoneByTheCaller() {
        Set<Thread> atWork = ConcurrentHashMap.newKeySet();

        for (int i = 0; i < 100; i++) {
            SharedWork.run(ALL, 50, part -> {}); // whose helpers look for more work now
            SharedWork.run(1, 50, part -> atWork.add(Thread.currentThread()));
        }

        assertThat(atWork).containsExactly(Thread.currentThread());
    }

    /** Helpers of another work look for more, and were not asked for this one. */
    @Test
    void run_bySome_isDoneByNoMore() throws Exception {
        List<String> options = List.of("-Dhighpage.threads=8", "-XX:ActiveProcessorCount=8");

        assertThat(child(options, "some").lines().map(Integer::valueOf))
                .hasSize(100)
                .allSatisfy(threads -> assertThat(threads).isBetween(1, 3))
                .anySatisfy(threads -> assertThat(threads).isGreaterThan(1));
    }

    private static String child(List<String> options, String what) throws IOException {
        return JavaProcess.run(JavaProcess.small(List.of(), options, SharedWorkTest.class, what));
    }

    /** The child's side. */
    public static void main(String[] arguments) {
        if (arguments[0].equals("threads")) {
            System.out.println(SharedWork.threads());
            return;
        }
        for (int i = 0; i < 100; i++) {
            Set<Thread> atWork = ConcurrentHashMap.newKeySet();
            SharedWork.run(ALL, 16, part -> LockSupport.parkNanos(PART_NANOS / 10));
            SharedWork.run(3, 16, part -> {
                LockSupport.parkNanos(PART_NANOS / 10);
                atWork.add(Thread.currentThread());
            });
            System.out.println(atWork.size());
        }
    }

    @Test
    void run_ofLongParts_isShared() {
        org.junit.jupiter.api.Assumptions.assumeTrue(
                SharedWork.threads() > 1, "needs a second core");
        Thread caller = Thread.currentThread();
        AtomicInteger byOthers = new AtomicInteger();

        // More than once: where all processors are busy no thread comes for long.
        for (int i = 0; i < 300 && byOthers.get() == 0; i++) {
            SharedWork.run(ALL, 50, part -> {
                LockSupport.parkNanos(PART_NANOS);
                if (Thread.currentThread() != caller) {
                    byOthers.incrementAndGet();
                }
            });
        }

        assertThat(byOthers).hasPositiveValue();
    }
}
