// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.work;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** A thread that is there while something asks for it, whatever happens on it. */
@Timeout(300)
class BackgroundTest {
    /** The thread of one that nobody has ends. */
    private final List<Background> kept = new ArrayList<>();

    private Background background(String name) {
        return background(name, Background.PERIOD_NANOS);
    }

    private Background background(String name, long periodNanos) {
        kept.add(new Background(name, periodNanos));
        return kept.getLast();
    }

    private static boolean isThere(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals(name));
    }

    private static void awaitGone(String name) throws InterruptedException {
        while (isThere(name)) {
            Thread.sleep(1);
        }
    }

    @Test
    void thread_endsWithItsLastJob_andComesAgain() throws InterruptedException {
        Background background = background("comes and goes");
        assertThat(isThere("comes and goes")).isFalse();
        for (int round = 0; round < 2; round++) {
            CountDownLatch looked = new CountDownLatch(3);
            AtomicReference<Thread> thread = new AtomicReference<>();
            background.ask(goesOn -> {
                thread.set(Thread.currentThread());
                looked.countDown();
                return goesOn.getAsBoolean() && looked.getCount() > 0;
            });
            looked.await();
            assertThat(thread.get().isDaemon()).isTrue();
            awaitGone("comes and goes");
        }
    }

    @Test
    void errors_keepNobodyFromTheNextLook() throws InterruptedException {
        Background background = background("meets errors");
        AtomicInteger looks = new AtomicInteger();
        CountDownLatch other = new CountDownLatch(8);
        background.ask(goesOn -> {
            switch (looks.incrementAndGet()) {
                case 1 -> throw new OutOfMemoryError("as the test wants");
                case 2 -> throw new StackOverflowError("as the test wants");
                case 3 -> throw new IllegalStateException("as the test wants");
                case 4 -> Thread.currentThread().interrupt();
                default -> {}
            }
            return looks.get() < 5;
        });
        background.ask(goesOn -> {
            other.countDown();
            return other.getCount() > 0;
        });
        other.await();
        awaitGone("meets errors");
        assertThat(looks).hasValue(5);
    }

    @Test
    void job_thatIsAskedForTwice_isLookedAtOnce() throws InterruptedException {
        Background background = background("asked twice");
        CountDownLatch looks = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        background.ask(goesOn -> {
            looks.countDown();
            try {
                goOn.await();
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
            return false;
        });
        looks.await(); // the next look comes after both
        AtomicInteger looked = new AtomicInteger();
        Background.Job job = goesOn -> {
            looked.incrementAndGet();
            return false;
        };
        background.ask(job);
        background.ask(job);
        goOn.countDown();
        awaitGone("asked twice");
        assertThat(looked).hasValue(1);
    }

    @Test
    void step_isToldOfTheEnd_beforeItsTimeIsUp() throws InterruptedException {
        Background background = background("is told");
        CountDownLatch looks = new CountDownLatch(1);
        CountDownLatch ending = new CountDownLatch(1);
        AtomicReference<Boolean> goesOnThen = new AtomicReference<>();
        background.ask(goesOn -> {
            looks.countDown();
            try {
                ending.await();
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
            goesOnThen.set(goesOn.getAsBoolean());
            return true;
        });
        looks.await();
        background.end(() -> {
            ending.countDown();
            return true;
        });
        assertThat(goesOnThen).hasValue(false);
    }

    /** What is young at one look is quiet at the next, so that much later. */
    @Test
    void period_isWhole_alsoForAThreadThatIsWokenAndInterrupted() throws InterruptedException {
        long period = 100_000_000;
        Background background = background("is woken", period);
        AtomicReference<Thread> thread = new AtomicReference<>();
        List<Long> looks = Collections.synchronizedList(new ArrayList<>());
        background.ask(goesOn -> {
            thread.set(Thread.currentThread());
            looks.add(System.nanoTime());
            return looks.size() < 3;
        });
        while (looks.size() < 3) {
            Thread.sleep(1);
            if (thread.get() != null) {
                thread.get().interrupt();
                LockSupport.unpark(thread.get());
            }
        }
        awaitGone("is woken");
        assertThat(looks.get(1) - looks.get(0)).isGreaterThanOrEqualTo(period);
        assertThat(looks.get(2) - looks.get(1)).isGreaterThanOrEqualTo(period);
    }

    @Test
    void end_waitsForTheStep_andNothingIsAskedAfterIt() throws InterruptedException {
        Background background = background("ends");
        CountDownLatch looks = new CountDownLatch(1);
        AtomicInteger steps = new AtomicInteger();
        background.ask(goesOn -> {
            looks.countDown();
            while (goesOn.getAsBoolean()) {
                steps.incrementAndGet();
            }
            return true;
        });
        looks.await();
        background.end(() -> {
            Thread.onSpinWait();
            return true;
        });
        assertThat(isThere("ends")).isFalse();
        int done = steps.get();
        background.ask(goesOn -> {
            steps.incrementAndGet();
            return true;
        });
        Thread.sleep(150);
        assertThat(isThere("ends")).isFalse();
        assertThat(steps).hasValue(done);
    }

    @Test
    void end_ofAStepThatDoesNotEnd_isNotWaitedForLonger() throws InterruptedException {
        Background background = background("hangs");
        CountDownLatch looks = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        background.ask(goesOn -> {
            looks.countDown();
            try {
                goOn.await();
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
            return true;
        });
        looks.await();
        AtomicInteger asked = new AtomicInteger();
        background.end(() -> asked.incrementAndGet() < 5);
        assertThat(asked).hasValue(5);
        goOn.countDown();
        awaitGone("hangs");
    }

    /** Jobs refer to whatever asked for them: a thread that kept them would keep it for good. */
    @Test
    @Timeout(60)
    void thread_endsWhenNobodyHasWhatAsks() throws InterruptedException {
        CountDownLatch looks = new CountDownLatch(2);
        background("is lost").ask(goesOn -> {
            looks.countDown();
            return true;
        });
        looks.await();
        kept.clear();
        while (isThere("is lost")) { // until the time limit of the test
            System.gc();
            Thread.sleep(10);
        }
    }
}
