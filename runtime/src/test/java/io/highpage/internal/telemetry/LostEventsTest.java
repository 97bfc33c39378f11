// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Budget;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.PartialPin;
import io.highpage.Pin;
import io.highpage.PinAttempt;
import io.highpage.device.DeviceMemory;
import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;

import jdk.jfr.Recording;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/** An event that cannot be made ends nothing that it tells of. */
class LostEventsTest {
    private static final long PAGE = 4096;

    private final Set<String> lost = new TreeSet<>();

    @AfterEach
    void recordAgain() {
        Told.seam = null;
    }

    private void lose(Told event, String how) {
        synchronized (lost) {
            lost.add(event.getClass().getSimpleName());
        }
        switch (how) {
            case "heap" -> throw new OutOfMemoryError("to be lost");
            case "stack" -> throw new StackOverflowError("to be lost");
            default -> throw new IllegalStateException("to be lost");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"heap", "stack", "bug"})
    void eventThatCannotBeMade_endsNothing(String how) throws Exception {
        Told.seam = event -> lose(event, how);
        try (Recording recording = new Recording()) {
            for (Told each : all()) {
                recording.enable(each.getClass()).withoutThreshold();
            }
            recording.start();
            for (DeviceMemory device : new DeviceMemory[] {
                HostDevice.coherent(1 << 20), HostDevice.privateMemory(1 << 20)
            }) {
                try (Highpage hp = Highpage.builder().device(device).open()) {
                    use(hp);
                }
            }
        }
        assertThat(lost)
                .as("each of them was to be made")
                .containsExactlyElementsOf(all().stream()
                        .map(each -> each.getClass().getSimpleName())
                        .sorted()
                        .toList());
    }

    private static java.util.List<Told> all() {
        return java.util.List.of(
                new AccessEndEvent(),
                new AccessEvent(),
                new BudgetReachedEvent(),
                new BufferAllocationEvent(),
                new BufferCloseEvent(),
                new EvictionEvent(),
                new MigrationEvent(),
                new MoveEvent(),
                new PinEvent(),
                new RejectionEvent(),
                new UnpinEvent(),
                new WaitEvent());
    }

    private static void use(Highpage hp) throws Exception {
        try (Budget cache = hp.budget("cache", 1 << 20)) {
            PageBuffer buffer = cache.allocate(4 * PAGE);
            buffer.fill((byte) 7);
            assertThat(buffer.prefetch(hp.device()).complete()).isTrue();
            assertThat(buffer.prefetchAsync(hp.device()).get().complete()).isTrue();
            access(hp, buffer);
            try (Pin pin = buffer.pin(Pin.longTerm())) {
                assertThat(pin.verify().isConfirmed()).isTrue();
                assertThat(pin.segment().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 7);
            }
            access(hp, buffer);
            assertThat(buffer.evict().complete()).isTrue();
            buffer.range(PAGE, PAGE).pin(Terms.defaults().shared()).close();
            ((PinAttempt.Pinned) buffer.tryPin(Pin.longTerm())).pin().close();
            try (PartialPin partial = buffer.pinPossible(Pin.longTerm())) {
                assertThat(partial.pins()).hasSize(1);
            }
            try (Pin pin = buffer.pinAsync(Pin.longTerm()).get()) {
                refused(hp, buffer);
            }
            buffer.accessAsync(Terms.defaults(), hp.device()).get().close();
            waits(hp, buffer);
            scarce(hp, cache);
            byte[] read = new byte[(int) (4 * PAGE)];
            buffer.read(0, MemorySegment.ofArray(read));
            assertThat(read).containsOnly(7);
            assertThat(hp.holders()).isEmpty();
            buffer.close();
        }
        assertThat(hp.device().usedBytes()).isZero();
        assertThat(hp.budget().hostUsedBytes()).isZero();
    }

    private static void access(Highpage hp, PageRange range) {
        try (DeviceAccess access = range.access(hp.device(), AccessMode.READ_WRITE)) {
            assertThat(access.isOpen()).isTrue();
        }
    }

    private static void refused(Highpage hp, PageBuffer buffer) {
        assertThatThrownBy(() -> buffer.access(hp.device(), AccessMode.READ_WRITE))
                .isInstanceOf(PagesBusyException.class);
    }

    private static void waits(Highpage hp, PageBuffer buffer) throws Exception {
        Terms patient = Pin.longTerm().deadline(Duration.ofMinutes(2));
        try (DeviceAccess way = buffer.access(Terms.defaults().shared(), hp.device())) {
            var pin = buffer.pinAsync(patient);
            Thread.sleep(1);
            way.close();
            pin.get().close();
        }
    }

    private static void scarce(Highpage hp, Budget budget) {
        budget.deviceMemory(hp.device(), 4 * PAGE);
        try (PageBuffer first = budget.allocate(4 * PAGE);
                PageBuffer second = budget.allocate(4 * PAGE)) {
            access(hp, first);
            access(hp, second);
            try (DeviceAccess all = second.access(hp.device(), AccessMode.READ_WRITE)) {
                assertThatThrownBy(() -> first.access(hp.device(), AccessMode.READ_WRITE))
                        .isInstanceOf(OutOfPageMemoryException.class);
            }
        }
    }
}
