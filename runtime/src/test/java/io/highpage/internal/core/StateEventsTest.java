// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Budget;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Terms;

import jdk.jfr.FlightRecorder;
import jdk.jfr.consumer.RecordedEvent;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;
import java.util.Map;

/** What is told every second is what is so. */
class StateEventsTest {
    private static final long PAGE = Scene.PAGE;
    private static final String[] STATE = {"BufferResidency", "TierUsage", "OpenHolder"};

    static {
        FlightRecorder.getFlightRecorder(); // is in use when runtimes are opened
    }

    @RegisterExtension
    final AtRest rest = new AtRest();

    private static Map<String, Object> residency(
            PageBuffer buffer, String budget, String tier, long pages, long clean) {
        return Map.of(
                "runtime",
                ((ManagedBuffer) buffer).runtimeName(),
                "buffer",
                buffer.id(),
                "byteSize",
                buffer.byteSize(),
                "budget",
                budget,
                "tier",
                tier,
                "bytes",
                pages * PAGE,
                "cleanBytes",
                clean * PAGE);
    }

    private static List<Map<String, Object>> fields(Recorded recorded, String name) {
        return recorded.all(name).stream().map(Recorded::fields).toList();
    }

    @ParameterizedTest
    @EnumSource
    void bytes_areToldByBufferAndTier(DeviceKind kind) throws Exception {
        PageRuntime runtime = rest.open(Scene.device(kind)).runtime();
        String device = runtime.device().name();
        PageBuffer mixed = Scene.of(runtime, ".HHBDDBB").buffer;
        PageBuffer home = runtime.budget("cache", 1 << 30).allocate(PAGE + 1);
        home.fill((byte) 1);
        PageBuffer closed = Scene.of(runtime, "D").buffer;
        closed.close();

        Recorded recorded = Recorded.during(runtime, () -> {}, STATE);

        assertThat(fields(recorded, "BufferResidency"))
                .contains(
                        residency(mixed, "runtime", "home", 5, 3),
                        residency(mixed, "runtime", device, 5, 3));
        assertThat(recorded.all("BufferResidency").stream()
                        .filter(event -> event.getLong("buffer") == home.id())
                        .map(event -> event.getString("tier") + event.getLong("bytes")))
                .as("not more than it has")
                .containsExactly("home" + (PAGE + 1));
        assertThat(recorded.count("BufferResidency")).isEqualTo(3);
    }

    /** So many pages are not looked at one by one. */
    @Test
    void largeBuffer_isEstimated_nearEnough() throws Exception {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        int pages = 40 * StateEvents.SAMPLES;
        PageBuffer buffer = runtime.allocate(pages * PAGE);
        buffer.fill((byte) 1);
        buffer.prefetch(runtime.device());
        buffer.range(0, pages / 4 * PAGE)
                .access(runtime.device(), AccessMode.READ_WRITE)
                .close();

        Recorded recorded = Recorded.during(runtime, () -> {}, STATE);

        RecordedEvent device = recorded.all("BufferResidency").stream()
                .filter(event -> !event.getString("tier").equals("home"))
                .findFirst()
                .orElseThrow();
        assertThat(device.getLong("bytes")).isEqualTo(pages * PAGE);
        assertThat(device.getLong("cleanBytes"))
                .isBetween(pages * PAGE * 7 / 10, pages * PAGE * 8 / 10);
    }

    @Test
    void budgets_areToldByTier() throws Exception {
        PageRuntime runtime =
                rest.open(1L << 20, Scene.device(DeviceKind.COHERENT)).runtime();
        Budget cache = runtime.budget("cache", 100 * PAGE);
        PageBuffer buffer = cache.allocate(2 * PAGE);
        buffer.fill((byte) 1);
        buffer.prefetch(runtime.device());

        Recorded recorded = Recorded.during(runtime, () -> {}, STATE);

        assertThat(recorded.all("TierUsage").stream()
                        .map(event -> event.getString("budget") + " " + event.getString("tier")
                                + " " + event.getLong("usedBytes") / PAGE + " "
                                + event.getLong("limitBytes")))
                .containsExactlyInAnyOrder(
                        "runtime home 2 " + Long.MAX_VALUE,
                        "runtime " + runtime.device().name() + " 2 " + (1L << 20),
                        "runtime/cache home 2 " + 100 * PAGE,
                        "runtime/cache " + runtime.device().name() + " 2 " + 100 * PAGE);
    }

    @Test
    void holders_areToldWithWhatIsKnown() throws Exception {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        PageBuffer buffer = Scene.of(runtime, "HHH").buffer;
        try (Pin named = buffer.range(PAGE, PAGE).pin(Pin.longTerm().owner("ring"));
                Pin unnamed = buffer.range(0, PAGE).pin(Terms.defaults().mode(AccessMode.READ))) {
            Recorded recorded = Recorded.during(runtime, () -> {}, STATE);

            assertThat(recorded.all("OpenHolder").stream()
                            .map(event -> Recorded.fields(event, "age", "holderThread")))
                    .containsExactlyInAnyOrder(
                            holder(buffer, PAGE, "ring", "READ_WRITE"),
                            holder(buffer, 0, "", "READ"));
            assertThat(recorded.all("OpenHolder").stream()
                            .filter(event -> event.getString("owner").equals("ring"))
                            .map(event -> event.getLong("age") > 0))
                    .containsExactly(true);
            assertThat(recorded.all("OpenHolder").stream()
                            .map(event -> event.getString("holderThread")))
                    .containsOnly(Thread.currentThread().getName());
        }
    }

    private static Map<String, Object> holder(
            PageBuffer buffer, long offset, String owner, String mode) {
        return Map.of(
                "runtime",
                ((ManagedBuffer) buffer).runtimeName(),
                "buffer",
                buffer.id(),
                "kind",
                "pin",
                "offset",
                offset,
                "byteSize",
                PAGE,
                "owner",
                owner,
                "mode",
                mode,
                "strength",
                "RUNTIME",
                "keepers",
                "");
    }

    @Test
    void runtimeThatIsClosed_isNotToldOf() throws Exception {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        Recorded recorded = Recorded.during(runtime, runtime::close, STATE);

        for (String name : STATE) {
            assertThat(recorded.count(name)).as(name).isZero();
        }
    }
}
