// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.internal.page.BufferWord;
import io.highpage.internal.page.PageWord;
import io.highpage.outcome.Terms;
import io.highpage.outcome.Verification;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One pin closed by several threads at once: it is given back once, and not the pin of somebody
 * else too.
 */
class HolderCloseRaceTest {
    private static final int CLOSERS = 2;
    private static final int PINS = 5_000;

    @RegisterExtension
    final AtRest rest = new AtRest();

    /**
     * Both kinds of pin that several threads may close: a shared one, and one whose thread has
     * died.
     */
    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void pin_closedByManyAtOnce_isGivenBackOnce(boolean shared, boolean whole) throws Exception {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        Scene scene = Scene.of(runtime, "HH");
        Terms terms = shared ? Pin.longTerm().shared() : Pin.longTerm();
        long bytes = whole ? scene.bytes.length : Scene.PAGE;
        Pin[] pins = new Pin[PINS];
        AtomicInteger arrived = new AtomicInteger();
        try (ExecutorService closers = Executors.newFixedThreadPool(CLOSERS);
                Pin stays = scene.buffer.range(0, bytes).pin(Pin.longTerm())) {
            Thread owner = Thread.ofPlatform()
                    .start(() -> Arrays.setAll(
                            pins, i -> scene.buffer.range(0, bytes).pin(terms)));
            owner.join();
            List<Future<?>> closing = new ArrayList<>();
            for (int i = 0; i < CLOSERS; i++) {
                closing.add(closers.submit(() -> closeTogether(pins, arrived)));
            }
            for (Future<?> each : closing) {
                each.get();
            }
            assertThat(pins(scene, whole)).as("pins").isEqualTo(1);
            assertThat(stays.verify()).matches(Verification::isConfirmed);
            assertThat(runtime.holders()).hasSize(1);
        }
    }

    /** Closes one after the other, each only when the other threads are there too. */
    private static void closeTogether(Pin[] pins, AtomicInteger arrived) {
        try {
            for (int i = 0; i < pins.length; i++) {
                arrived.incrementAndGet();
                while (arrived.get() < (i + 1) * CLOSERS) {
                    Thread.onSpinWait();
                }
                pins[i].close();
            }
        } finally {
            arrived.addAndGet(CLOSERS * PINS); // one that fails lets the other end
        }
    }

    private static long pins(Scene scene, boolean whole) {
        ManagedBuffer buffer = (ManagedBuffer) scene.buffer;
        return whole
                ? BufferWord.wholePins(buffer.pages().table().bufferWord())
                : PageWord.pins(buffer.word(0));
    }
}
