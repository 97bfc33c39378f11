// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PartialPin;
import io.highpage.Pin;
import io.highpage.PinAttempt;
import io.highpage.device.DeviceKind;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;

import jdk.jfr.consumer.RecordedEvent;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Events of buffers and holders say what was done. */
class HolderEventsTest {
    private static final long PAGE = Scene.PAGE;
    private static final String[] HOLDERS = {"Pin", "Unpin", "Access", "AccessEnd", "Rejection"};

    @RegisterExtension
    final AtRest rest = new AtRest();

    private PageRuntime open(DeviceKind kind) {
        return rest.open(Scene.device(kind)).runtime();
    }

    private static Map<String, Object> holder(PageBuffer buffer, String owner, String mode) {
        return Map.of(
                "runtime",
                ((ManagedBuffer) buffer).runtimeName(),
                "buffer",
                buffer.id(),
                "offset",
                PAGE,
                "byteSize",
                2 * PAGE,
                "owner",
                owner,
                "mode",
                mode);
    }

    @Test
    void buffer_thatIsAllocatedAndClosed_isToldOf() throws Exception {
        PageRuntime runtime = open(DeviceKind.COHERENT);
        Allocation how = Allocation.defaults().pageBytes(8192).spanBytes(2 << 20);
        PageBuffer[] made = new PageBuffer[1];
        Recorded recorded = Recorded.during(
                runtime,
                () -> {
                    made[0] = runtime.budget("cache", 1 << 30).allocate(5_000_000, how);
                    made[0].close();
                    made[0].close(); // no second one
                },
                "BufferAllocation",
                "BufferClose");

        RecordedEvent allocation = recorded.only("BufferAllocation");
        assertThat(Recorded.fields(allocation))
                .isEqualTo(Map.of(
                        "runtime",
                        runtime.name(),
                        "buffer",
                        made[0].id(),
                        "byteSize",
                        5_000_000L,
                        "pageBytes",
                        8192L,
                        "spanBytes",
                        2L << 20,
                        "budget",
                        "runtime/cache"));
        assertThat(allocation.getDuration()).isPositive();
        assertThat(allocation.getStackTrace()).isNotNull();
        assertThat(Recorded.fields(recorded.only("BufferClose")))
                .isEqualTo(Map.of(
                        "runtime", runtime.name(),
                        "buffer", made[0].id(),
                        "byteSize", 5_000_000L));
    }

    @Test
    void runtime_thatClosesItsBuffers_tellsOfEach() throws Exception {
        PageRuntime runtime = open(DeviceKind.COHERENT);
        PageBuffer first = runtime.allocate(PAGE);
        PageBuffer second = runtime.allocate(PAGE);

        Recorded recorded = Recorded.during(runtime, runtime::close, "BufferClose");

        assertThat(recorded.all("BufferClose").stream().map(event -> event.getLong("buffer")))
                .containsExactlyInAnyOrder(first.id(), second.id());
    }

    @ParameterizedTest
    @EnumSource
    void pin_inAnyWay_isToldOfOnce_andItsEndToo(DeviceKind kind) throws Exception {
        PageRuntime runtime = open(kind);
        PageBuffer buffer = Scene.of(runtime, "HDBH").buffer;
        Terms named = Pin.longTerm().owner("somebody");
        List<Recorded.Action> ways = List.of(
                () -> buffer.range(PAGE, 2 * PAGE).pin(named).close(),
                () -> ((PinAttempt.Pinned) buffer.range(PAGE, 2 * PAGE).tryPin(named))
                        .pin()
                        .close(),
                () -> buffer.range(PAGE, 2 * PAGE).pinPossible(named).close(),
                () -> buffer.range(PAGE, 2 * PAGE).pinAsync(named).get().close());
        for (Recorded.Action way : ways) {
            Recorded recorded = Recorded.during(runtime, way, HOLDERS);

            RecordedEvent pin = recorded.only("Pin");
            assertThat(Recorded.fields(pin, "strength"))
                    .isEqualTo(holder(buffer, "somebody", "READ_WRITE"));
            assertThat(pin.getString("strength")).isEqualTo("RUNTIME");
            assertThat(pin.getDuration()).isPositive();
            assertThat(pin.getStackTrace()).isNotNull();
            RecordedEvent unpin = recorded.only("Unpin");
            assertThat(Recorded.fields(unpin, "heldTime"))
                    .isEqualTo(holder(buffer, "somebody", "READ_WRITE"));
            assertThat(unpin.getDuration("heldTime")).isPositive();
            assertThat(unpin.getStartTime().plusNanos(1_000_000))
                    .isAfter(pin.getStartTime().plus(unpin.getDuration("heldTime")));
            assertThat(recorded.count("Rejection")).isZero();
        }
    }

    @Test
    void pinOfTheWholeBuffer_unnamedOrBare_isToldOf() throws Exception {
        PageRuntime runtime = open(DeviceKind.COHERENT);
        PageBuffer buffer = Scene.of(runtime, "HH").buffer;
        Recorded recorded = Recorded.during(
                runtime,
                () -> {
                    try (Pin pin = buffer.pin(Terms.defaults().mode(AccessMode.READ))) {
                        Thread.sleep(2);
                    }
                    buffer.pin(Terms.defaults().bare()).close();
                },
                HOLDERS);

        assertThat(recorded.all("Pin").stream().map(event -> event.getString("mode")))
                .containsExactly("READ", "READ_WRITE");
        assertThat(recorded.all("Pin").stream().map(event -> event.getString("owner")))
                .containsOnly("");
        List<RecordedEvent> ends = recorded.all("Unpin");
        assertThat(ends.getFirst().getDuration("heldTime")).isGreaterThan(Duration.ofMillis(1));
        assertThat(ends.getLast().getLong("heldTime")).as("nobody notes it").isZero();
    }

    @Test
    void pin_thatWasTakenBeforeAnybodyRecorded_saysNotHowLong() throws Exception {
        PageRuntime runtime = open(DeviceKind.COHERENT);
        PageBuffer buffer = Scene.of(runtime, "HH").buffer;
        Pin before = buffer.pin(Pin.longTerm().owner("somebody"));

        Recorded recorded = Recorded.during(runtime, before::close, HOLDERS);

        assertThat(recorded.only("Unpin").getLong("heldTime")).isZero();
    }

    @Test
    void partialPin_isToldOfPieceByPiece_andWhatItCouldNotHave() throws Exception {
        PageRuntime runtime = open(DeviceKind.COHERENT);
        PageBuffer buffer = Scene.of(runtime, "HHDHH").buffer;
        try (DeviceAccess way =
                buffer.range(2 * PAGE, PAGE).access(runtime.device(), AccessMode.READ_WRITE)) {
            Recorded recorded = Recorded.during(
                    runtime,
                    () -> {
                        PartialPin partial = buffer.pinPossible(Pin.longTerm().owner("most"));
                        partial.close();
                    },
                    HOLDERS);

            assertThat(recorded.all("Pin").stream().map(event -> event.getLong("offset")))
                    .containsExactly(0L, 3 * PAGE);
            assertThat(recorded.count("Unpin")).isEqualTo(2);
            RecordedEvent refused = recorded.only("Rejection");
            assertThat(refused.getLong("page")).isEqualTo(2);
            assertThat(refused.getString("reason")).isEqualTo("ACCESSED");
        }
    }

    @ParameterizedTest
    @EnumSource
    void access_inAnyWay_isToldOfOnce_andItsEndToo(DeviceKind kind) throws Exception {
        PageRuntime runtime = open(kind);
        PageBuffer buffer = Scene.of(runtime, "HDBH").buffer;
        Terms named = Terms.defaults().owner("kernel");
        List<Recorded.Action> ways = List.of(
                () -> buffer.range(PAGE, 2 * PAGE)
                        .access(named, runtime.device())
                        .close(),
                () -> buffer.range(PAGE, 2 * PAGE)
                        .accessAsync(named, runtime.device())
                        .get()
                        .close(),
                () -> buffer.range(PAGE, 2 * PAGE)
                        .access(named.mode(AccessMode.WRITE), runtime.device())
                        .close());
        for (int way = 0; way < ways.size(); way++) {
            Recorded recorded = Recorded.during(runtime, ways.get(way), HOLDERS);

            String mode = way == 2 ? "WRITE" : "READ_WRITE";
            RecordedEvent access = recorded.only("Access");
            assertThat(Recorded.fields(access, "device")).isEqualTo(holder(buffer, "kernel", mode));
            assertThat(access.getString("device")).isEqualTo(runtime.device().name());
            assertThat(access.getDuration()).isPositive();
            RecordedEvent end = recorded.only("AccessEnd");
            assertThat(Recorded.fields(end, "device", "heldTime"))
                    .isEqualTo(holder(buffer, "kernel", mode));
            assertThat(end.getString("device")).isEqualTo(runtime.device().name());
            assertThat(end.getDuration("heldTime")).isPositive();
            assertThat(recorded.count("Pin") + recorded.count("Unpin")).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusal_inAnyWay_tellsThePageThatItWasFor(DeviceKind kind) throws Exception {
        PageRuntime runtime = open(kind);
        PageBuffer buffer = Scene.of(runtime, "HHDH").buffer;
        Terms named = Pin.longTerm().owner("late");
        try (DeviceAccess way =
                buffer.range(2 * PAGE, PAGE).access(runtime.device(), AccessMode.READ_WRITE)) {
            List<Recorded.Action> ways = List.of(
                    () -> busy(() -> buffer.pin(named)),
                    () -> assertThat(buffer.tryPin(named)).isInstanceOf(PinAttempt.Refused.class),
                    () -> assertThatThrownBy(() -> buffer.pinAsync(named).get())
                            .hasCauseInstanceOf(PagesBusyException.class));
            for (Recorded.Action refusal : ways) {
                RecordedEvent event = Recorded.during(runtime, refusal, HOLDERS).only("Rejection");
                assertThat(event.getString("device")).isNull();
                assertThat(Recorded.fields(event, "device"))
                        .isEqualTo(Map.of(
                                "runtime",
                                runtime.name(),
                                "buffer",
                                buffer.id(),
                                "operation",
                                "long-term pin",
                                "firstPage",
                                0L,
                                "pages",
                                4L,
                                "owner",
                                "late",
                                "mode",
                                "READ_WRITE",
                                "page",
                                2L,
                                "reason",
                                "ACCESSED"));
                assertThat(event.getStackTrace()).isNotNull();
            }
        }
        try (Pin way = buffer.range(PAGE, PAGE).pin(Pin.longTerm())) {
            for (AccessMode mode : List.of(AccessMode.READ_WRITE, AccessMode.WRITE)) {
                RecordedEvent event = Recorded.during(
                                runtime,
                                () -> busy(() -> buffer.access(
                                        Terms.defaults().owner("kernel").mode(mode),
                                        runtime.device())),
                                HOLDERS)
                        .only("Rejection");
                assertThat(event.getString("operation")).isEqualTo("device access");
                assertThat(event.getString("owner")).isEqualTo("kernel");
                assertThat(event.getString("mode")).isEqualTo(mode.name());
                assertThat(event.getString("device")).isEqualTo(runtime.device().name());
                assertThat(event.getLong("page")).isEqualTo(1);
                assertThat(event.getString("reason")).isEqualTo("PINNED");
            }
        }
    }

    @Test
    void holdAndReadOfPagesThatAreAccessed_areRefusalsToo() throws Exception {
        PageRuntime runtime = open(DeviceKind.PRIVATE);
        PageBuffer buffer = Scene.of(runtime, "HD").buffer;
        try (DeviceAccess way =
                buffer.range(PAGE, PAGE).access(runtime.device(), AccessMode.READ_WRITE)) {
            Recorded recorded = Recorded.during(
                    runtime,
                    () -> {
                        busy(buffer::hold);
                        busy(() -> buffer.fill((byte) 1));
                    },
                    HOLDERS);
            assertThat(recorded.all("Rejection").stream()
                            .map(event -> event.getString("operation")))
                    .containsExactly("hold", "hold");
            assertThat(recorded.all("Rejection").stream().map(event -> event.getString("mode")))
                    .containsOnly("READ_WRITE");
        }
    }

    private static void busy(org.assertj.core.api.ThrowableAssert.ThrowingCallable action) {
        assertThatThrownBy(action).isInstanceOf(PagesBusyException.class);
    }

    @Test
    void nothing_ofOperationsThatFailOtherwise() throws Exception {
        PageRuntime runtime = open(DeviceKind.COHERENT);
        PageBuffer buffer = Scene.of(runtime, "HD").buffer;
        buffer.close();

        Recorded recorded = Recorded.during(
                runtime,
                () -> assertThatThrownBy(() -> buffer.pin(Pin.longTerm()))
                        .isInstanceOf(IllegalStateException.class),
                HOLDERS);

        for (String name : HOLDERS) {
            assertThat(recorded.count(name)).as(name).isZero();
        }
        assertThat(runtime).isInstanceOf(Highpage.class);
    }
}
