// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.ResidencyMap;
import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.Residency;
import io.highpage.outcome.Verification;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.Faults.Call;
import io.highpage.testkit.faults.ForwardingDevice;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.EnumSet;
import java.util.Set;

/**
 * Every driver and system call of every operation fails once, in turn, in every way: the bytes are
 * intact, nothing stays locked, pinned or mapped, and the error says what happened.
 */
class FailureTest {
    private static final int PAGE = Scene.PAGE;

    @RegisterExtension
    final AtRest rest = new AtRest();

    private Set<Call> failEveryCall(
            DeviceKind kind, Operation operation, Faults.Action action, Set<Call> calls) {
        return EveryCall.of(
                rest,
                kind,
                operation,
                calls,
                rig -> action,
                (rig, scene, picture, failure, when) -> {
                    checkAfter(operation, rig, scene, picture, failure, action, when);
                    if (operation == Operation.CLOSE) {
                        assertThat(scene.buffer.isOpen()).as(when).isFalse();
                    }
                });
    }

    private static void checkAfter(
            Operation operation,
            Rig rig,
            Scene scene,
            String before,
            RuntimeException failure,
            Faults.Action action,
            String when) {
        Call at = rig.faults().hit();
        if (failure != null) {
            assertThat(failure).as(when).hasMessageContaining("injected");
            checkType(at, failure, action, when);
        }
        if (scene.buffer.isOpen()) {
            checkResidency(operation, rig, scene, before, action, when);
            scene.checkBytes(when);
            Invariants.checkAtRest(rig.runtime());
        }
        if (at == Call.RELEASE && failure == null) {
            // The pages had left already, so the operation has succeeded; the end tells.
            assertThatThrownBy(rig.runtime()::close).as(when).hasMessageContaining("injected");
        }
    }

    private static void checkType(
            Call at, RuntimeException failure, Faults.Action action, String when) {
        if (action == Faults.BUG || action == Faults.THROW_ERROR) {
            assertThat(failure).as(when).isExactlyInstanceOf(IllegalStateException.class);
            return;
        }
        boolean memory =
                at.ordinal() >= Call.MAP.ordinal() || at == Call.ALLOCATE && action == Faults.FAIL;
        Class<?> type = memory
                ? OutOfPageMemoryException.class
                : isLoss(action) ? DeviceLostException.class : DeviceException.class;
        assertThat(failure).as(when).isExactlyInstanceOf(type);
        if (failure instanceof OutOfPageMemoryException full) {
            assertThat(full.device()).as(when).isEqualTo(at == Call.ALLOCATE);
        }
        boolean ofPages =
                Set.of(Call.COPY_IN, Call.COPY_OUT, Call.ZERO, Call.COMMIT).contains(at)
                        && failure.getCause() instanceof HighpageException;
        if (ofPages) {
            assertThat(failure).as(when).hasMessageContaining(" of buffer 1 failed: page ");
            assertThat(((HighpageException) failure).outcomes()).as(when).isPresent();
        }
    }

    private static boolean isLoss(Faults.Action action) {
        return action == Faults.LOSE || action == Faults.LOSE_ONCE;
    }

    private static void checkResidency(
            Operation operation,
            Rig rig,
            Scene scene,
            String before,
            Faults.Action action,
            String when) {
        ResidencyMap after = scene.buffer.residency();
        Call at = rig.faults().hit();
        boolean arrives = operation == Operation.ACCESS || operation == Operation.ACCESS_ELSEWHERE;
        boolean lost = isLoss(action) && at != null && at.ordinal() < Call.MAP.ordinal();
        if (lost) {
            assertThat(rig.runtime().devices()).as(when).anyMatch(device -> device.isLost());
        } else {
            assertThat(after.count(Residency.LOST)).as(when).isZero();
        }
        for (int page = 0; page < before.length(); page++) {
            if (after.of(page) == Residency.LOST && !arrives) {
                // What was on the host, or nowhere, was not given up before it had arrived.
                assertThat(before.charAt(page))
                        .as("%s, page %d is lost", when, page)
                        .isEqualTo('D');
            }
            if (after.of(page) == Residency.ABSENT) {
                assertThat(before.charAt(page)).as("%s, page %d", when, page).isEqualTo('.');
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyCall_failing_leavesBytesAndCountsIntact(DeviceKind kind) {
        Set<Call> hit = EnumSet.noneOf(Call.class);
        for (Operation operation : Operation.values()) {
            hit.addAll(failEveryCall(kind, operation, Faults.FAIL, EnumSet.allOf(Call.class)));
            hit.addAll(failEveryCall(kind, operation, Faults.ERROR, EnumSet.allOf(Call.class)));
        }
        assertThat(hit)
                .as("calls that failed at least once")
                .containsExactlyInAnyOrder(Call.values());
    }

    @ParameterizedTest
    @EnumSource
    void everyCall_losingTheDevice_losesOnlyWhatWasThere(DeviceKind kind) {
        Set<Call> hit = EnumSet.noneOf(Call.class);
        for (Operation operation : Operation.values()) {
            hit.addAll(failEveryCall(
                    kind, operation, Faults.LOSE, EnumSet.range(Call.ALLOCATE, Call.QUIESCE)));
        }
        assertThat(hit).hasSize(Call.QUIESCE.ordinal() + 1);
    }

    /** What is taken for lost stays lost, though the device goes on. */
    @ParameterizedTest
    @EnumSource
    void everyCall_givingAFalseAlarm_losesOnlyWhatWasThere(DeviceKind kind) {
        Set<Call> hit = EnumSet.noneOf(Call.class);
        for (Operation operation : Operation.values()) {
            hit.addAll(failEveryCall(
                    kind, operation, Faults.LOSE_ONCE, EnumSet.range(Call.ALLOCATE, Call.QUIESCE)));
        }
        assertThat(hit).hasSize(Call.QUIESCE.ordinal() + 1);
    }

    /** A call that did its work and says that it failed counts as one that failed. */
    @ParameterizedTest
    @EnumSource
    void everyCall_failingAfterItsWork_leavesBytesAndCountsIntact(DeviceKind kind) {
        Set<Call> calls = EnumSet.of(
                Call.COPY_IN, Call.COPY_OUT, Call.ZERO, Call.QUIESCE, Call.COMMIT, Call.DISCARD);
        Set<Call> hit = EnumSet.noneOf(Call.class);
        for (Operation operation : Operation.values()) {
            hit.addAll(failEveryCall(kind, operation, Faults.FAIL_DONE, calls));
        }
        assertThat(hit).isEqualTo(calls);
    }

    @ParameterizedTest
    @EnumSource
    void everyCall_throwingWhatItMayNot_leavesBytesAndCountsIntact(DeviceKind kind) {
        // A device that throws from quiesce() has not said that its work has ended: the access
        // stays open then.
        Set<Call> calls = EnumSet.complementOf(EnumSet.of(Call.QUIESCE, Call.FREE));
        for (Operation operation : Operation.values()) {
            failEveryCall(kind, operation, Faults.BUG, calls);
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyCall_endingWithAnError_leavesBytesAndCountsIntact(DeviceKind kind) {
        Set<Call> calls = EnumSet.complementOf(EnumSet.of(Call.QUIESCE)); // as above
        Set<Call> hit = EnumSet.noneOf(Call.class);
        for (Operation operation : Operation.values()) {
            hit.addAll(failEveryCall(kind, operation, Faults.THROW_ERROR, calls));
        }
        assertThat(hit).isEqualTo(calls);
    }

    // ---- single failures, looked at closely ----

    /**
     * One of many buffers fails to be given back: all others and the device are closed, and a
     * second close goes on.
     */
    @ParameterizedTest
    @EnumSource(names = {"RELEASE", "UNMAP", "FREE"})
    void close_ofWhichOneCallFails_closesEverythingElse(Call call) {
        for (Faults.Action action :
                new Faults.Action[] {Faults.FAIL, Faults.BUG, Faults.THROW_ERROR}) {
            for (int n = 1; n <= 3; n++) {
                Rig rig = rest.open(
                        Scene.device(DeviceKind.COHERENT), Scene.device(DeviceKind.COHERENT));
                for (int i = 0; i < 3; i++) {
                    Scene.of(rig.runtime(), "DH");
                    Scene.of(rig.runtime(), rig.runtime().devices().getLast(), "HD");
                }
                rig.faults().arm(n, action, EnumSet.of(call));
                boolean made = call != Call.FREE || n <= 2;
                if (made) {
                    assertThatThrownBy(rig.runtime()::close).hasMessageContaining("injected");
                }
                assertThat(rig.hostMemory().openMappings())
                        .isEqualTo(made && call == Call.UNMAP ? 1 : made ? 0 : 12);
                rig.faults().disarm();
                rig.runtime().close();
                rig.checkGone();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void pin_copyFailsInASecondBatch_firstBatchStaysHomeAndNothingIsPinned(DeviceKind kind) {
        Rig rig = rest.open(Scene.device(kind));
        int pages = 2200; // every other one on the device: more runs than one batch takes
        try (PageBuffer buffer = rig.runtime().allocate((long) pages * PAGE)) {
            buffer.fill((byte) 3);
            for (int page = 0; page < pages; page += 2) {
                Scene.bring(
                        buffer.range((long) page * PAGE, PAGE), rig.runtime().device());
            }
            rig.faults().arm(2, Faults.FAIL, EnumSet.of(Call.COPY_OUT));
            assertThatThrownBy(() -> buffer.pin(Pin.longTerm()))
                    .isExactlyInstanceOf(DeviceException.class)
                    .hasMessageContaining("page 2048 ")
                    .satisfies(failure -> {
                        var outcomes = ((HighpageException) failure).outcomes().orElseThrow();
                        assertThat(outcomes.of(2048)).isEqualTo(PageOutcome.COPY_FAILED);
                        assertThat(outcomes.of(0)).isEqualTo(PageOutcome.IN_PLACE);
                        assertThat(outcomes.pageCount()).isEqualTo(pages);
                    });
            assertThat(buffer.residency().count(Residency.DEVICE)).isEqualTo((pages - 2048) / 2);
            Invariants.checkAtRest(rig.runtime());
            try (Pin pin = buffer.pin(Pin.longTerm())) {
                assertThat(pin.segment().asByteBuffer().limit()).isEqualTo(pages * PAGE);
                assertThat(pin.verify()).matches(Verification::isConfirmed);
            }
        }
    }

    @Test
    void prefetch_refusedByTheDevice_reportsEveryPage() {
        Rig rig = rest.open(Scene.device(DeviceKind.PRIVATE));
        Scene scene = Scene.of(rig.runtime(), "HH.H");
        rig.faults().arm(1, Faults.ERROR, EnumSet.of(Call.ALLOCATE));
        MoveReport report = scene.buffer.prefetch(rig.runtime().device());
        assertThat(report.failure()).containsInstanceOf(DeviceException.class);
        assertThat(report.movedPages()).isZero();
        assertThat(report.outcomes().pageCount()).isEqualTo(4);
        assertThat(scene.buffer.residency()).hasToString("HH.H");
        scene.checkBytes("after");
    }

    @Test
    void slabs_failingToBeFreed_areFreedOnce() {
        // Two empty slabs are given back to make room; the driver fails on the second. FaultyDevice
        // notices a second free.
        Rig rig = rest.open(20L << 20, Scene.device(DeviceKind.COHERENT));
        PageBuffer first = rig.runtime().allocate(8L << 20);
        PageBuffer second = rig.runtime().allocate(8L << 20);
        first.prefetch(rig.runtime().device());
        second.prefetch(rig.runtime().device());
        assertThat(rig.device().openExtents()).isEqualTo(2);
        first.evict();
        second.evict();
        PageBuffer large = rig.runtime().allocate(18L << 20);
        for (int n = 1; n <= 2; n++) {
            rig.faults().arm(n, Faults.FAIL, EnumSet.of(Call.FREE));
            large.range(0, PAGE).prefetch(rig.runtime().device());
            assertThat(large.evict().failure()).isEmpty();
            first.prefetch(rig.runtime().device());
            second.prefetch(rig.runtime().device());
            first.evict();
            second.evict();
        }
    }

    @ParameterizedTest
    @EnumSource
    void device_lostUnderHoldersOfAllKinds_everythingCloses(DeviceKind kind) {
        Rig rig = rest.open(Scene.device(kind));
        Scene scene = Scene.of(rig.runtime(), "DDDDHHHH");
        DeviceAccess access = scene.buffer
                .range(0, 2 * PAGE)
                .access(rig.runtime().device(), AccessMode.READ_WRITE);
        Pin pin = scene.buffer.range(4 * PAGE, 2 * PAGE).pin(Pin.longTerm());
        rig.faults().arm(1, Faults.LOSE, EnumSet.of(Call.COPY_OUT));

        assertThatThrownBy(() -> scene.buffer.range(2 * PAGE, 2 * PAGE).pin(Pin.longTerm()))
                .isInstanceOf(DeviceLostException.class)
                .hasMessageContaining("page 2 is lost with its device");
        assertThat(scene.buffer.residency()).hasToString("xxxxHHHH");
        assertThat(rig.runtime().device().isLost()).isTrue();
        assertThatThrownBy(() -> scene.buffer
                        .range(4 * PAGE, PAGE)
                        .access(rig.runtime().device(), AccessMode.READ))
                .isInstanceOf(DeviceLostException.class)
                .hasMessageContaining(rig.runtime().device().name());
        assertThat(scene.buffer.prefetch(rig.runtime().device()).failure())
                .containsInstanceOf(DeviceLostException.class);
        assertThat(pin.verify()).matches(Verification::isConfirmed);
        pin.close();
        assertThatThrownBy(access::close).isInstanceOf(DeviceLostException.class);
        assertThat(access.isOpen()).isFalse();
        scene.checkBytes("after the loss");
    }

    @Test
    void close_deviceThatThrows_givesEverythingElseBack() {
        class Stubborn extends ForwardingDevice {
            Stubborn() {
                super(Scene.device(DeviceKind.COHERENT));
            }

            @Override
            public void close() {
                super.close();
                throw new DeviceException("injected: error at close", null);
            }
        }
        Rig rig = rest.open(new Stubborn(), Scene.device(DeviceKind.COHERENT));
        Scene.of(rig.runtime(), "DH");
        assertThatThrownBy(rig.runtime()::close)
                .isExactlyInstanceOf(DeviceException.class)
                .hasMessageContaining("injected");
        rig.checkGone();
        rig.runtime().close();
    }
}
