// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Hold;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.internal.page.PageWord;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PagesBusyException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** What a waiting pin means for others and for its own thread. */
@Timeout(300)
class WaitingTest {
    private static final Duration LONG = Duration.ofSeconds(120);

    @RegisterExtension
    final AtRest rest = new AtRest();

    private final ExecutorService waiter = Executors.newSingleThreadExecutor();
    private PageRuntime runtime = null;
    private Scene scene = null;

    @BeforeEach
    void makeAPageOnTheDevice() {
        runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        scene = Scene.of(runtime, "D");
    }

    @AfterEach
    void endWaiter() {
        waiter.close();
    }

    private boolean isWanted() {
        return PageWord.is(((ManagedBuffer) scene.buffer).word(0), PageWord.WANTED);
    }

    private void awaitWanted(boolean wanted) {
        long end = System.nanoTime() + LONG.toNanos() / 2;
        while (isWanted() != wanted) {
            assertThat(System.nanoTime()).as("a pin waits").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    @Test
    void hold_ofAPageThatAPinWaitsFor_givesWayTenMilliseconds() throws Exception {
        Hold hold = scene.buffer.hold();
        Future<?> pinned = waiter.submit(
                () -> scene.buffer.pin(Pin.longTerm().deadline(LONG)).close());
        awaitWanted(true);
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            long nanos = other.submit(() -> {
                        long start = System.nanoTime();
                        scene.buffer.hold().close();
                        return System.nanoTime() - start;
                    })
                    .get();
            assertThat(Duration.ofNanos(nanos)).isGreaterThanOrEqualTo(Duration.ofMillis(10));
        }
        assertThat(pinned.isDone()).isFalse();
        hold.close();
        pinned.get();
        scene.checkBytes("after");
    }

    @Test
    void pin_interruptedWhileItWaits_failsWithTheReasonAndCountsNothing() throws Exception {
        Hold hold = scene.buffer.hold();
        Thread[] thread = new Thread[1];
        Future<?> pinned = waiter.submit(() -> {
            thread[0] = Thread.currentThread();
            assertThatThrownBy(() -> scene.buffer.pin(Pin.longTerm().deadline(LONG)))
                    .isInstanceOfSatisfying(
                            PagesBusyException.class,
                            busy -> assertThat(busy.reason()).isEqualTo(PageOutcome.INTERRUPTED));
            assertThat(Thread.interrupted()).as("the flag stays").isTrue();
        });
        awaitWanted(true);
        thread[0].interrupt();
        pinned.get(LONG.toSeconds() / 2, TimeUnit.SECONDS);
        assertThat(isWanted()).as("wanted by nobody").isFalse();
        hold.close();
        scene.checkBytes("after");
    }

    @Test
    void pin_whoseDeadlinePasses_isWantedNoMore() throws Exception {
        Hold hold = scene.buffer.hold();
        Future<?> refused = waiter.submit(() -> assertThatThrownBy(
                        () -> scene.buffer.pin(Pin.longTerm().deadline(Duration.ofMillis(20))))
                .isInstanceOf(PagesBusyException.class));
        refused.get();
        assertThat(isWanted()).isFalse();
        hold.close();
        scene.checkBytes("after");
    }
}
