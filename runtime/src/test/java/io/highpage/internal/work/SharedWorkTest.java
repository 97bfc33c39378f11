// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.BufferedReader;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

class SharedWorkTest {
    private static final long PART_NANOS = 2_000_000;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 100, 10_000})
    void run_doesEveryPartOnce(int parts) {
        AtomicIntegerArray done = new AtomicIntegerArray(parts);

        SharedWork.run(parts, done::incrementAndGet);

        for (int part = 0; part < parts; part++) {
            assertThat(done.get(part)).isEqualTo(1);
        }
    }

    @Test
    void run_whereAPartFails_throwsThatAfterAllOthersHaveEnded() {
        AtomicInteger atWork = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        int parts = 4 * SharedWork.threads();

        assertThatThrownBy(() -> SharedWork.run(parts, part -> {
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
        assertThatThrownBy(() -> SharedWork.run(3, part -> {
                    throw new InternalError("a fault in mapped memory");
                }))
                .isInstanceOf(InternalError.class);
    }

    @Test
    void run_interrupted_endsAllPartsAndStaysInterrupted() {
        AtomicInteger ended = new AtomicInteger();
        Thread.currentThread().interrupt();

        SharedWork.run(8, part -> ended.incrementAndGet());

        assertThat(Thread.interrupted()).isTrue();
        assertThat(ended).hasValue(8);
    }

    /**
     * The pool belongs to the whole program: its tasks may wait for the very pages that the caller
     * owns.
     */
    @Test
    void run_whileThePoolIsBlocked_isDoneByTheCaller() {
        CountDownLatch free = new CountDownLatch(1);
        int blockers = 2 * (ForkJoinPool.getCommonPoolParallelism() + 1);
        CountDownLatch blocked = new CountDownLatch(ForkJoinPool.getCommonPoolParallelism());
        CountDownLatch ended = new CountDownLatch(blockers);
        for (int i = 0; i < blockers; i++) {
            ForkJoinPool.commonPool().execute(() -> {
                try {
                    blocked.countDown();
                    free.await();
                } catch (InterruptedException impossible) {
                    throw new AssertionError(impossible);
                }
                ended.countDown();
            });
        }
        AtomicInteger byCaller = new AtomicInteger();
        Thread caller = Thread.currentThread();
        try {
            assertThat(blocked)
                    .satisfies(
                            CountDownLatch
                                    ::await); // no helper of another test looks for work any more
            for (int work = 0; work < 1000; work++) {
                SharedWork.run(8, part -> {
                    if (Thread.currentThread() == caller) {
                        byCaller.incrementAndGet();
                    }
                });
            }
            assertThat(ForkJoinPool.commonPool().getQueuedSubmissionCount())
                    .as("tasks that the pool has not begun")
                    .isLessThanOrEqualTo(SharedWork.WAITING_MAX + blockers);
        } finally {
            free.countDown();
        }

        assertThat(byCaller).hasValue(8 * 1000);
        assertThat(ended).satisfies(CountDownLatch::await);
    }

    /** The common pool has a thread there too. */
    @Test
    void threads_areNoMoreThanProcessors() throws Exception {
        Process child = JavaProcess.small(
                        List.of(), List.of("-XX:ActiveProcessorCount=1"), SharedWorkTest.class)
                .start();

        try (BufferedReader lines = child.inputReader()) {
            assertThat(lines.lines()).containsExactly("1");
        }
    }

    /** The child's side. */
    public static void main(String[] arguments) {
        System.out.println(SharedWork.threads());
    }

    @Test
    void run_ofLongParts_isShared() {
        org.junit.jupiter.api.Assumptions.assumeTrue(
                SharedWork.threads() > 1, "needs a second core");
        Thread caller = Thread.currentThread();
        AtomicInteger byOthers = new AtomicInteger();

        // More than once: where all processors are busy no thread comes for long.
        for (int i = 0; i < 300 && byOthers.get() == 0; i++) {
            SharedWork.run(50, part -> {
                LockSupport.parkNanos(PART_NANOS);
                if (Thread.currentThread() != caller) {
                    byOthers.incrementAndGet();
                }
            });
        }

        assertThat(byOthers).hasPositiveValue();
    }
}
