// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Budget;
import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.PinAttempt;
import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.internal.migrate.TierBytes;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.DeviceTraffic;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.RuntimeStatistics;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.Faults.Call;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;

/** What a runtime counts, and where its bytes are. */
class StatisticsTest {
    private static final long PAGE = Scene.PAGE;
    private static final Duration BRIEF = Duration.ofMillis(250);

    @RegisterExtension
    final AtRest rest = AtRest.unchecked();

    private PageRuntime runtime;
    private Device device;

    private Rig open(DeviceKind kind) {
        Rig rig = rest.open(Scene.device(kind));
        runtime = rig.runtime();
        device = runtime.device();
        return rig;
    }

    private RuntimeStatistics now() {
        return runtime.statistics();
    }

    private DeviceTraffic traffic() {
        return now().devices().get(device.name());
    }

    private long moved(String operation) {
        return now().movedBytes().get(operation);
    }

    private long rejected(PageOutcome reason) {
        return now().rejections().get(reason);
    }

    private static long sum(Map<?, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    @Test
    void newRuntime_hasAllNamesAndNoNumbers() {
        open(DeviceKind.PRIVATE);
        RuntimeStatistics now = now();
        assertThat(now.name()).startsWith("highpage-");
        assertThat(now.devices()).containsOnlyKeys(device.name());
        assertThat(now.movedBytes())
                .containsOnlyKeys(
                        "long-term pin",
                        "hold",
                        "device access",
                        "prefetch",
                        "evict",
                        "write back ahead",
                        "going back")
                .allSatisfy((name, bytes) -> assertThat(bytes).isZero());
        assertThat(now.rejections())
                .hasSize(PageOutcome.values().length - 4)
                .allSatisfy((reason, count) -> assertThat(count).isZero());
        assertThat(now.openHolders())
                .isEqualTo(Map.of("pin", 0, "hold", 0, "access", 0, "home", 0));
        assertThat(now.waits() + now.budgetRefusals() + now.discardedBytes()).isZero();
        assertThat(now.toString()).contains("runtime highpage-", device.name(), "page-locked");
    }

    @Test
    void moves_areCountedByOperationAndByDevice() {
        open(DeviceKind.PRIVATE);
        Scene scene = Scene.of(runtime, "HHHH");
        assertThat(now().openBuffers()).isOne();
        scene.buffer.prefetch(device);
        assertThat(moved("prefetch")).isEqualTo(4 * PAGE);
        try (Pin pin = scene.buffer.range(0, PAGE).pin(Pin.longTerm().mode(AccessMode.READ))) {
            assertThat(moved("long-term pin")).as("it was clean").isZero();
            assertThat(now().openHolders()).containsEntry("pin", 1);
        }
        Scene.bring(scene.buffer, device);
        scene.buffer.range(0, PAGE).pin(Pin.longTerm()).close();
        scene.buffer.range(PAGE, PAGE).hold().close();
        scene.buffer.evict();
        assertThat(moved("long-term pin")).isEqualTo(PAGE);
        assertThat(moved("hold")).isEqualTo(PAGE);
        assertThat(moved("evict")).isEqualTo(2 * PAGE);
        Scene.bring(scene.buffer, device);
        assertThat(moved("device access")).isEqualTo(4 * PAGE);
        assertThat(traffic().bytesIn()).isEqualTo(8 * PAGE);
        assertThat(traffic().bytesOut()).isEqualTo(4 * PAGE);
        assertThat(sum(now().movedBytes()))
                .as("both count the same copies")
                .isEqualTo(traffic().bytesIn() + traffic().bytesOut());
    }

    @Test
    void whatIsInPlace_isNotCounted() {
        open(DeviceKind.COHERENT);
        Scene scene = Scene.of(runtime, "HD");
        String before = now().toString();
        scene.buffer.range(0, PAGE).pin(Pin.longTerm()).close();
        scene.buffer.hold().close();
        scene.buffer.range(PAGE, PAGE).access(device, AccessMode.READ).close();
        scene.checkBytes("in place");
        assertThat(now()).hasToString(before);
    }

    @Test
    void overwrittenPages_areNotCounted() {
        open(DeviceKind.PRIVATE);
        Scene scene = Scene.of(runtime, "HHH");
        scene.buffer.access(device, AccessMode.WRITE).close();
        assertThat(moved("device access")).isZero();
        assertThat(traffic().bytesIn()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void refusals_areCountedByReason(DeviceKind kind) {
        Rig rig = open(kind);
        Scene scene = Scene.of(runtime, "HD");
        try (Pin pin = scene.buffer.range(0, PAGE).pin(Pin.longTerm())) {
            assertThatThrownBy(() -> scene.buffer.access(device, AccessMode.READ_WRITE))
                    .isInstanceOf(PagesBusyException.class);
            assertThat(rejected(PageOutcome.PINNED)).isOne();
        }
        try (DeviceAccess access = scene.buffer.range(PAGE, PAGE).access(device, AccessMode.READ)) {
            assertThat(scene.buffer.tryPin(Pin.longTerm())).isInstanceOf(PinAttempt.Refused.class);
            assertThat(scene.buffer.pinAsync(Pin.longTerm())).failsWithin(Duration.ofMinutes(1));
            assertThat(rejected(PageOutcome.ACCESSED)).isEqualTo(2);
            assertThat(scene.buffer.pinPossible(Pin.longTerm()).pins())
                    .hasSize(1)
                    .allSatisfy(Pin::close);
            assertThat(rejected(PageOutcome.ACCESSED)).as("not refused").isEqualTo(2);
        }
        rig.faults().arm(1, Faults.LOSE_ONCE, EnumSet.of(Call.COPY_OUT));
        assertThatThrownBy(() -> scene.buffer.pin(Pin.longTerm()))
                .isInstanceOf(DeviceLostException.class);
        assertThat(rejected(PageOutcome.DEVICE_LOST)).isOne();
        rig.faults().disarm();
        assertThatThrownBy(() -> scene.buffer.access(device, AccessMode.READ))
                .isInstanceOf(HighpageException.class);
        assertThat(rejected(PageOutcome.DEVICE_LOST)).isEqualTo(2);
        assertThat(sum(now().rejections())).isEqualTo(5);
    }

    @Test
    void waits_areCountedOnceEach_withTheirTime() {
        open(DeviceKind.PRIVATE);
        Scene scene = Scene.of(runtime, "D");
        try (DeviceAccess access = scene.buffer.access(device, AccessMode.READ_WRITE)) {
            assertThatThrownBy(() -> scene.buffer.pin(Pin.longTerm().deadline(BRIEF)))
                    .isInstanceOf(PagesBusyException.class);
            assertThat(now().waits()).isZero(); // it is the thread's own
            Thread other = Thread.ofPlatform()
                    .start(() -> scene.buffer.tryPin(Pin.longTerm().deadline(BRIEF)));
            join(other);
            assertThat(now().waits()).isOne();
            Duration first = now().waitTime();
            assertThat(first).isPositive();
            assertThat(scene.buffer.pinAsync(Pin.longTerm().deadline(BRIEF)))
                    .failsWithin(Duration.ofMinutes(1));
            assertThat(now().waits()).isEqualTo(2);
            assertThat(now().waitTime()).isGreaterThan(first);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    @Test
    void budgets_countWhatTheyRefuse_andHomesThatAreGivenUp() {
        open(DeviceKind.PRIVATE);
        Budget cache = runtime.budget("cache", 2 * PAGE);
        Scene scene = Scene.of(cache, device, "D");
        PageBuffer second = cache.allocate(2 * PAGE);
        assertThat(now().budgetRefusals()).isZero();
        second.write(0, MemorySegment.ofArray(new byte[2 * (int) PAGE]));
        assertThat(now().discardedBytes())
                .as("the home of the page on the device")
                .isEqualTo(PAGE);
        assertThat(now().budgetRefusals()).isPositive();
        PageBuffer third = cache.allocate(3 * PAGE);
        assertThatThrownBy(() -> third.access(device, AccessMode.READ_WRITE))
                .isInstanceOf(OutOfPageMemoryException.class);
        assertThat(rejected(PageOutcome.NO_DEVICE_MEMORY)).isOne();
        assertThat(now().budget().budgets())
                .singleElement()
                .satisfies(budget -> assertThat(budget.host().usedBytes()).isEqualTo(2 * PAGE));
        second.close();
        scene.checkBytes("after all");
    }

    @Test
    void places_areThoseOfThePages() {
        open(DeviceKind.PRIVATE);
        Scene scene = Scene.of(runtime, "HHDB.D");
        assertThat(TierBytes.of(((ManagedBuffer) scene.buffer).pages()))
                .isEqualTo(List.of(
                        new TierBytes(TierBytes.HOME, 3 * PAGE, PAGE),
                        new TierBytes(device.name(), 3 * PAGE, PAGE)));
        scene.buffer.close();
        assertThat(TierBytes.of(((ManagedBuffer) scene.buffer).pages())).isEmpty();
    }

    /** Its window counts it still. */
    @Test
    void whatIsLost_isNowhere() {
        Rig rig = open(DeviceKind.PRIVATE);
        Scene scene = Scene.of(runtime, "HDBDD");
        rig.faults().arm(1, Faults.LOSE, EnumSet.of(Call.COPY_OUT));
        assertThatThrownBy(() -> scene.buffer.range(3 * PAGE, 2 * PAGE).pin(Pin.longTerm()))
                .isInstanceOf(DeviceLostException.class);

        assertThat(TierBytes.of(((ManagedBuffer) scene.buffer).pages()))
                .isEqualTo(List.of(
                        new TierBytes(TierBytes.HOME, 2 * PAGE, PAGE),
                        new TierBytes(device.name(), 2 * PAGE, PAGE)));
    }

    @Test
    void closedRuntime_keepsItsNumbers() {
        open(DeviceKind.COHERENT);
        Scene.of(runtime, "HB");
        try (Hold hold = runtime.buffers().getFirst().hold()) {
            assertThat(now().openHolders()).containsEntry("hold", 1);
        }
        runtime.close();
        assertThat(moved("prefetch")).isEqualTo(PAGE);
        assertThat(now().openBuffers()).isZero();
        assertThat(now().budget().host().usedBytes()).isZero();
    }
}
