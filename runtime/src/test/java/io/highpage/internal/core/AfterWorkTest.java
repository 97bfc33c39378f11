// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceWaitException;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Accesses that begin when work has ended. */
class AfterWorkTest {
    private static final Terms PATIENT = Terms.defaults().deadline(Duration.ofMinutes(1));

    @RegisterExtension
    final AtRest rest = new AtRest();

    private final ToldWork work = new ToldWork();
    private Rig rig;
    private Scene scene;
    private Device device;

    @BeforeEach
    void open() {
        rig = rest.open(Scene.device(DeviceKind.COHERENT));
        scene = Scene.of(rig.runtime(), "HH");
        device = rig.runtime().device();
    }

    private CompletableFuture<DeviceAccess> after(Terms terms) {
        return scene.buffer.accessAsync(terms, device, work);
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    private static Throwable failure(CompletableFuture<?> future) {
        try {
            throw new AssertionError("it has " + get(future));
        } catch (ExecutionException failed) {
            return failed.getCause();
        } catch (Exception failed) {
            return failed;
        }
    }

    private void checkIdle() {
        assertThat(rig.runtime().holders()).isEmpty();
        assertThat(work.listeners()).isZero();
        assertThat(rig.runtime().workers().underWay()).isZero();
    }

    @Test
    void access_beginsWhenTheWorkHasEnded_andNoThreadWaitsForIt() throws Exception {
        CompletableFuture<DeviceAccess> later = after(PATIENT);
        assertThat(later).isNotDone();
        assertThat(work.waits()).isZero();
        assertThat(scene.places()).isEqualTo("HH");
        work.end();
        work.tell();
        work.tell(); // twice
        DeviceAccess access = get(later);
        assertThat(scene.places()).isNotEqualTo("HH");
        access.closeAsync().get(60, TimeUnit.SECONDS);
        assertThat(rig.runtime().holders()).isEmpty();
        scene.checkBytes("after");
    }

    @Test
    void accessAfterAnAccess_beginsWhenTheWorkOfThatHasEnded() throws Exception {
        DeviceAccess first = scene.buffer.access(PATIENT.shared(), device);
        first.completesWith(work);
        CompletableFuture<Void> closing = first.closeAsync();
        CompletableFuture<DeviceAccess> second = after(PATIENT);
        work.end();
        work.tell();
        get(closing);
        get(second).close();
    }

    @Test
    void workThatFails_failsTheFuture() throws Exception {
        work.failure = new DeviceException("the kernel failed", null);
        CompletableFuture<DeviceAccess> later = after(PATIENT);
        work.end();
        work.tell();
        assertThat(failure(later)).isSameAs(work.failure);
        assertThat(scene.places()).isEqualTo("HH");
        assertThat(rig.runtime().holders()).isEmpty();
    }

    @Test
    void workOfWhichNothingIsKnown_failsTheFuture_andIsLeft() throws Exception {
        work.failure = new DeviceWaitException("who knows", null);
        CompletableFuture<DeviceAccess> later = after(PATIENT);
        work.end();
        work.tell();
        assertThat(failure(later)).isInstanceOf(DeviceWaitException.class);
        checkIdle();
    }

    @Test
    void workThatSaysTooEarlyThatItEnded_isAwaited() throws Exception {
        CompletableFuture<DeviceAccess> later = after(PATIENT);
        work.tell();
        assertThat(scene.places()).isEqualTo("HH");
        assertThat(later).isNotDone();
        work.end();
        get(later).close();
    }

    @Test
    void deadline_countsFromTheEndOfTheWork() throws Exception {
        try (Pin inTheWay = scene.buffer.pin(Pin.longTerm())) {
            CompletableFuture<DeviceAccess> later = after(PATIENT.deadline(Duration.ZERO));
            assertThat(later).isNotDone();
            work.end();
            work.tell();
            assertThat(failure(later)).isInstanceOf(PagesBusyException.class);
            assertThat(inTheWay.isOpen()).isTrue();
        }
    }

    // ---- work that never ends ----

    @Test
    void cancelledFuture_isNotTold() throws Exception {
        CompletableFuture<DeviceAccess> later = after(PATIENT);
        assertThat(work.listeners()).isEqualTo(1);
        assertThat(later.cancel(true)).isTrue();
        checkIdle();
        work.end();
        work.tell();
        assertThat(scene.places()).isEqualTo("HH");
    }

    @Test
    void timeout_endsTheWait() {
        CompletableFuture<DeviceAccess> later = after(PATIENT).orTimeout(1, TimeUnit.MILLISECONDS);
        assertThat(failure(later)).isInstanceOf(TimeoutException.class);
        checkIdle();
    }

    @Test
    void closeOfTheBuffer_endsTheWait() throws Exception {
        CompletableFuture<DeviceAccess> later = after(PATIENT);
        scene.buffer.close();
        assertThat(failure(later))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        checkIdle();
        work.end();
        work.tell();
    }

    @Test
    void closeOfTheRuntime_endsTheWait() throws Exception {
        CompletableFuture<DeviceAccess> later = after(PATIENT);
        rig.runtime().close();
        assertThat(failure(later))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        checkIdle();
        work.end();
        work.tell();
    }

    @Test
    void endThatIsToldWhileItIsForgotten_meetsAFutureThatHasEnded() throws Exception {
        CompletableFuture<DeviceAccess> later = after(PATIENT);
        Runnable handOver = work.handOver();
        rig.runtime().close();
        handOver.run();
        handOver.run();
        assertThat(failure(later)).isInstanceOf(IllegalStateException.class);
        checkIdle();
    }

    /** The close comes between the making of the future and the work's being asked. */
    @Test
    void futureThatEndsBeforeTheWorkIsAsked_isNotTold() throws Exception {
        work.beforeItIsAsked = scene.buffer::close;
        CompletableFuture<DeviceAccess> later = after(PATIENT);
        assertThat(failure(later)).isInstanceOf(IllegalStateException.class);
        checkIdle();
    }

    @Test
    void workThatDoesNotTakeItBack_keepsNothingElse() throws Exception {
        work.whenForgotten = () -> {
            throw new ArithmeticException("of the program");
        };
        CompletableFuture<DeviceAccess> later = after(PATIENT);
        assertThat(later.cancel(true)).isTrue();
        assertThat(rig.runtime().workers().underWay()).isZero();
        scene.buffer.close();
        work.end();
        work.tell();
    }

    // ---- wrong arguments ----

    /** What it keeps, such as an event's reference, it gives back when it ends. */
    @Test
    void workOfARefusedAccess_isLeft() {
        List<Runnable> asked = new ArrayList<>();
        work.beforeItIsAsked = () -> asked.add(() -> {});
        scene.buffer.close();
        assertThatThrownBy(() -> after(PATIENT)).isInstanceOf(IllegalStateException.class);
        assertThat(asked).hasSize(1);
        checkIdle();
    }

    @Test
    void workThatCannotTell_isRefused() {
        work.tells = false;
        assertThatThrownBy(() -> after(PATIENT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot tell when it has ended");
        checkIdle();
    }

    @Test
    void noWork_isRefused() {
        assertThatThrownBy(() -> scene.buffer.accessAsync(PATIENT, device, null))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("after");
        checkIdle();
    }
}
