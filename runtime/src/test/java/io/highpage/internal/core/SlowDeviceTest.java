// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Residency;
import io.highpage.outcome.Terms;
import io.highpage.outcome.Verification;
import io.highpage.testkit.faults.Faults.Call;
import io.highpage.testkit.faults.Gate;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A driver or system call that does not end while others meet the operation that made it: nobody
 * waits longer than allowed.
 */
@Timeout(300)
class SlowDeviceTest {
    private static final String[] PICTURES = {"HD.DH.DD", "H.H.HHH."};
    private static final Duration DEADLINE = Duration.ofMillis(2);
    private static final Terms TERMS = Terms.defaults().deadline(DEADLINE);
    private static final Duration SECOND = Duration.ofSeconds(1);

    @RegisterExtension
    final AtRest rest = new AtRest();

    @RegisterExtension
    final Promises promises = new Promises();

    private final ExecutorService slow = Executors.newSingleThreadExecutor();

    @AfterEach
    void endSlow() {
        slow.close();
    }

    @ParameterizedTest
    @EnumSource
    void everyCall_thatDoesNotEnd_letsOthersGoOnOrFailInTime(DeviceKind kind) throws Exception {
        Set<Call> hit = EnumSet.noneOf(Call.class);
        for (Operation operation : Operation.values()) {
            for (String picture : PICTURES) {
                for (int n = 1; meets(kind, operation, picture, n, hit); n++) {
                    rest.settle();
                }
                rest.settle();
            }
        }
        assertThat(hit).containsExactlyInAnyOrder(Call.values());
    }

    /** {@return whether there is an n-th call} */
    private boolean meets(
            DeviceKind kind, Operation operation, String picture, int n, Set<Call> hit)
            throws InterruptedException, ExecutionException {
        Rig rig = rest.open(Scene.device(kind), Scene.device(kind));
        Scene scene = Scene.of(rig.runtime(), picture);
        Scene bystander = Scene.of(rig.runtime(), "HD");
        Gate gate = new Gate();
        rig.faults().arm(n, gate, EnumSet.allOf(Call.class));
        Future<?> running = slow.submit(() -> {
            try {
                operation.run(rig, scene);
            } finally {
                gate.passedBy();
            }
        });
        gate.awaitEntered();
        Call at = rig.faults().hit();
        String when =
                "%s on %s of %s, call %d, which is %s".formatted(operation, kind, picture, n, at);
        boolean ended = at == null;
        if (!ended) {
            hit.add(at);
            // While a runtime closes, everything of it is at its end.
            if (operation != Operation.CLOSE) {
                meetAll(rig, scene, when);
                bystander.checkBytes(when);
                assertThat(bystander.buffer.range(0, 1).pin(Pin.longTerm()))
                        .as(when)
                        .satisfies(Pin::close);
            }
            gate.open();
        }
        running.get();
        rig.faults().disarm();
        if (scene.buffer.isOpen()) {
            scene.checkBytes(when);
            Invariants.checkAtRest(rig.runtime());
        }
        return !ended;
    }

    private void meetAll(Rig rig, Scene scene, String when) {
        int end = scene.bytes.length;
        meet(when, "pin", () -> scene.buffer.range(0, end).pin(TERMS).close());
        meet(when, "hold", () -> scene.buffer.range(0, end).hold(TERMS).close());
        meet(when, "residency", () -> scene.buffer.residency());
        meet(when, "evict", () -> scene.buffer.evict());
        meet(
                when,
                "pinPossible",
                () -> scene.buffer.range(0, end).pinPossible(TERMS).close());
        for (Device device : rig.runtime().devices()) {
            boolean nothingMoves =
                    EnumSet.of(Call.ALLOCATE, Call.VIEW).contains(rig.faults().hit());
            if (nothingMoves && device.memory() != rig.faults().callee()) {
                // Nothing is moving yet: the pages would go there, and the slow operation would not
                // find them.
                continue;
            }
            meet(when, "prefetch", () -> scene.buffer.prefetch(device));
            meet(
                    when,
                    "access",
                    () -> scene.buffer
                            .range(0, end)
                            .access(TERMS.mode(AccessMode.READ), device)
                            .close());
        }
    }

    /** Nothing but "busy" may come of it, and that soon. */
    private void meet(String when, String what, Runnable operation) {
        long start = System.nanoTime();
        try {
            operation.run();
        } catch (PagesBusyException busy) {
            assertThat(busy.reason())
                    .as("%s meets %s", what, when)
                    .isIn(
                            PageOutcome.MOVING,
                            PageOutcome.HELD,
                            PageOutcome.PINNED,
                            PageOutcome.ACCESSED);
        }
        promises.measured(
                DEADLINE,
                "%s meets %s".formatted(what, when),
                Duration.ofNanos(System.nanoTime() - start));
    }

    // ---- those without a deadline of their own ----

    /** Runs something while a page is on its way home and does not arrive. */
    private void whileAPageMoves(Rig rig, Scene scene, ThrowingRunnable task) throws Exception {
        Gate gate = new Gate();
        rig.faults().arm(1, gate, EnumSet.of(Call.COPY_OUT));
        Future<MoveReport> moving = slow.submit(() -> scene.buffer.evict());
        gate.awaitEntered();
        assertThat(scene.buffer.residency().of(0)).isEqualTo(Residency.MOVING);
        try {
            task.run();
        } finally {
            gate.open();
            moving.get();
        }
        // Not the residency: whoever waited may have moved it on.
        assertThat(moving.get().outcomes().of(0)).isEqualTo(PageOutcome.MOVED);
        scene.checkBytes("after");
    }

    private interface ThrowingRunnable {
        void run() throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    void readWriteFillCopyAndClose_ofAPageThatDoesNotArrive_failAfterASecond(DeviceKind kind)
            throws Exception {
        Rig rig = rest.open(Scene.device(kind));
        Scene scene = Scene.of(rig.runtime(), "D");
        MemorySegment bytes = MemorySegment.ofArray(new byte[1]);
        whileAPageMoves(rig, scene, () -> {
            checkBusyAfterASecond("read", () -> scene.buffer.read(0, bytes));
            checkBusyAfterASecond("write", () -> scene.buffer.write(0, bytes));
            checkBusyAfterASecond("fill", () -> scene.buffer.range(0, 1).fill((byte) 1));
            checkBusyAfterASecond("copy", () -> scene.buffer.range(0, 1).copyTo(scene.buffer, 1));
            assertThatThrownBy(scene.buffer::close)
                    .isExactlyInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("a page is moving");
        });
    }

    private void checkBusyAfterASecond(String what, Runnable operation) {
        long start = System.nanoTime();
        assertThatThrownBy(operation::run)
                .isInstanceOfSatisfying(
                        PagesBusyException.class,
                        busy -> assertThat(busy.reason()).isEqualTo(PageOutcome.MOVING));
        Duration measured = Duration.ofNanos(System.nanoTime() - start);
        assertThat(measured).as(what).isGreaterThanOrEqualTo(SECOND);
        promises.measured(SECOND, what, measured);
    }

    @Test
    void pinHoldAndAccess_waitingForAPageThatArrivesInTime_succeed() throws Exception {
        Terms patient = Terms.defaults().deadline(Duration.ofSeconds(30));
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        for (int n = 0; n < 3; n++) {
            int which = n;
            Scene scene = Scene.of(rig.runtime(), "D");
            try (ExecutorService waiter = Executors.newSingleThreadExecutor()) {
                Future<?>[] waiting = new Future<?>[1];
                whileAPageMoves(
                        rig,
                        scene,
                        () -> waiting[0] = waiter.submit(() -> take(rig, scene, patient, which)));
                waiting[0].get();
            }
        }
    }

    private static void take(Rig rig, Scene scene, Terms terms, int which) {
        switch (which) {
            case 0 -> {
                try (Pin pin = scene.buffer.range(0, 1).pin(terms)) {
                    assertThat(pin.verify()).matches(Verification::isConfirmed);
                }
            }
            case 1 -> {
                try (Hold hold = scene.buffer.range(0, 1).hold(terms)) {
                    assertThat(hold.segment().byteSize()).isEqualTo(1);
                }
            }
            default -> {
                try (DeviceAccess access = scene.buffer
                        .range(0, 1)
                        .access(terms.mode(AccessMode.READ), rig.runtime().device())) {
                    assertThat(access.byteSize()).isEqualTo(1);
                }
                assertThat(scene.buffer.evict().complete()).isTrue();
            }
        }
    }
}
