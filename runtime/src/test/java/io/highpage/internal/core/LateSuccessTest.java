// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Device;
import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.Residency;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.Faults.Call;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Every driver and system call of every operation succeeds late, in turn: after the operation's
 * deadline, after the caller was interrupted, after the device was reported lost. What has
 * succeeded counts.
 */
class LateSuccessTest {
    private static final Duration LATE = Operation.DEADLINE.multipliedBy(3);
    private static final Set<Call> DEVICE_CALLS = EnumSet.range(Call.ALLOCATE, Call.QUIESCE);

    @RegisterExtension
    final AtRest rest = new AtRest();

    private final ExecutorService other = Executors.newSingleThreadExecutor();

    @AfterEach
    void endOther() {
        other.close();
    }

    /** A deadline bounds the waiting for others, not the operation's own copies. */
    @ParameterizedTest
    @EnumSource
    void everyCall_slowerThanTheDeadline_succeeds(DeviceKind kind) {
        Set<Call> hit = EnumSet.noneOf(Call.class);
        for (Operation operation : Operation.values()) {
            hit.addAll(EveryCall.of(
                    rest,
                    kind,
                    operation,
                    EnumSet.allOf(Call.class),
                    rig -> Faults.slow(LATE),
                    this::checkDone));
        }
        assertThat(hit).containsExactlyInAnyOrder(Call.values());
    }

    /** An interrupt ends waiting, and nothing else; it stays for the caller to see. */
    @ParameterizedTest
    @EnumSource
    void everyCall_duringWhichTheCallerIsInterrupted_succeeds(DeviceKind kind) {
        Set<Call> hit = EnumSet.noneOf(Call.class);
        for (Operation operation : Operation.values()) {
            hit.addAll(EveryCall.of(
                    rest,
                    kind,
                    operation,
                    EnumSet.allOf(Call.class),
                    rig -> Faults.INTERRUPT,
                    (rig, scene, picture, failure, when) -> {
                        assertThat(Thread.interrupted())
                                .as("interrupted; %s", when)
                                .isEqualTo(rig.faults().hit() != null);
                        checkDone(rig, scene, picture, failure, when);
                    }));
        }
        assertThat(hit).containsExactlyInAnyOrder(Call.values());
    }

    private void checkDone(
            Rig rig, Scene scene, String picture, RuntimeException failure, String when) {
        assertThat(failure).as(when).isNull();
        if (scene.buffer.isOpen()) {
            scene.checkBytes(when);
            Invariants.checkAtRest(rig.runtime());
        }
    }

    /**
     * Another thread is told that the device is gone while the call is under way, which then
     * succeeds.
     */
    @ParameterizedTest
    @EnumSource
    void everyCall_duringWhichTheDeviceIsReportedLost_losesOnlyWhatWasThere(DeviceKind kind) {
        Set<Call> hit = EnumSet.noneOf(Call.class);
        // The runtime's own end has nothing to lose any more.
        for (Operation operation : EnumSet.complementOf(EnumSet.of(Operation.CLOSE))) {
            hit.addAll(EveryCall.of(
                    rest,
                    kind,
                    operation,
                    DEVICE_CALLS,
                    this::reportLoss,
                    (rig, scene, picture, failure, when) ->
                            checkLoss(operation, rig, scene, picture, failure, when)));
        }
        EnumSet<Call> expected = EnumSet.copyOf(DEVICE_CALLS);
        expected.remove(Call.FREE); // a slab is freed at the end only
        assertThat(hit).isEqualTo(expected);
    }

    private Faults.Action reportLoss(Rig rig) {
        Scene first = Scene.of(rig.runtime(), rig.runtime().devices().getFirst(), "D");
        Scene last = Scene.of(rig.runtime(), rig.runtime().devices().getLast(), "D");
        return call -> {
            Object device = rig.faults().callee();
            Scene there = device == rig.devices().getFirst() ? first : last;
            rig.faults().lose(device);
            try {
                MoveReport report = other.submit(() -> there.buffer.evict()).get();
                assertThat(report.failure()).containsInstanceOf(DeviceLostException.class);
            } catch (InterruptedException | ExecutionException failure) {
                throw new AssertionError(failure);
            }
        };
    }

    private static void checkLoss(
            Operation operation,
            Rig rig,
            Scene scene,
            String picture,
            RuntimeException failure,
            String when) {
        Call at = rig.faults().hit();
        assertThat(rig.runtime().devices().stream().filter(Device::isLost))
                .as(when)
                .hasSize(at == null ? 0 : 1);
        if (failure != null) {
            assertThat(failure).as(when).isInstanceOf(DeviceLostException.class);
        }
        // At these calls nothing had arrived yet that could go with the device; an access elsewhere
        // comes in two batches.
        boolean arriving = EnumSet.of(Call.ALLOCATE, Call.ZERO, Call.COPY_IN, Call.COPY_OUT)
                        .contains(at)
                && operation != Operation.ACCESS_ELSEWHERE;
        for (int page = 0; page < picture.length() && arriving; page++) {
            if (scene.buffer.residency().of(page) == Residency.LOST) {
                // An access that may write leaves both places as it counts the page.
                boolean counts = operation == Operation.ACCESS && picture.charAt(page) == 'B';
                assertThat(counts ? 'D' : picture.charAt(page))
                        .as("%s, page %d is lost", when, page)
                        .isEqualTo('D');
            }
        }
        scene.checkBytes(when);
        Invariants.checkAtRest(rig.runtime());
    }
}
