// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Budget;
import io.highpage.DeviceAccess;
import io.highpage.EvictionPolicy;
import io.highpage.PageBuffer;
import io.highpage.device.DeviceKind;
import io.highpage.internal.migrate.PageSizes;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.Terms;

import jdk.jfr.consumer.RecordedEvent;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;
import java.util.Map;

/** Events of scarce memory say what was refused, and who left. */
class ScarcityEventsTest {
    private static final long PAGE = Scene.PAGE;
    private static final String[] SCARCE = {"Eviction", "BudgetReached", "Migration", "Rejection"};

    @RegisterExtension
    final AtRest rest = new AtRest();

    private static Map<String, Object> refusal(
            PageRuntime runtime,
            String budget,
            String tier,
            long requested,
            long used,
            long limit) {
        return Map.of(
                "runtime", runtime.name(),
                "budget", budget,
                "tier", tier,
                "requestedBytes", requested,
                "usedBytes", used,
                "limitBytes", limit);
    }

    @ParameterizedTest
    @EnumSource
    void budget_thatHasNoRoomNow_isToldOfWithTheNumbersOfTheError(DeviceKind kind)
            throws Exception {
        PageRuntime runtime = rest.open(Scene.device(kind)).runtime();
        String device = runtime.device().name();
        Budget cache = runtime.budget("cache", 3 * PAGE);
        PageBuffer first = cache.allocate(2 * PAGE);
        PageBuffer second = cache.allocate(2 * PAGE);
        try (DeviceAccess open = first.access(runtime.device(), AccessMode.READ_WRITE)) {
            Recorded recorded = Recorded.during(
                    runtime,
                    () -> assertThatThrownBy(() -> second.access(
                                    Terms.defaults().owner("second"), runtime.device()))
                            .isInstanceOfSatisfying(
                                    OutOfPageMemoryException.class,
                                    full -> assertThat(full.requestedBytes()).isEqualTo(2 * PAGE))
                            .hasMessageContaining("requested " + 2 * PAGE)
                            .hasMessageContaining("in use " + 2 * PAGE + " of " + 3 * PAGE),
                    SCARCE);

            assertThat(Recorded.fields(recorded.only("BudgetReached")))
                    .isEqualTo(refusal(
                            runtime, "runtime/cache", device, 2 * PAGE, 2 * PAGE, 3 * PAGE));
            RecordedEvent refused = recorded.only("Rejection");
            assertThat(refused.getString("reason")).isEqualTo("NO_DEVICE_MEMORY");
            assertThat(refused.getString("owner")).isEqualTo("second");
            assertThat(refused.getLong("page")).isZero();
            assertThat(recorded.count("Migration")).isZero();
            assertThat(recorded.count("Eviction")).isZero();
        }
    }

    @Test
    void budget_thatNeverHasSoMuch_isToldOfToo() throws Exception {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        runtime.budget().deviceMemory(runtime.device(), 4 * PAGE);
        PageBuffer buffer = runtime.budget("cache", 8 * PAGE).allocate(5 * PAGE);
        Budget host = runtime.budget("host", 1L << 30);
        host.hostMemory(2 * PAGE);
        PageBuffer large = host.allocate(3 * PAGE);
        Recorded recorded = Recorded.during(
                runtime,
                () -> {
                    assertThatThrownBy(() -> buffer.access(runtime.device(), AccessMode.READ))
                            .hasMessageContaining("the most is " + 4 * PAGE);
                    assertThatThrownBy(() -> large.pin(Terms.defaults()))
                            .hasMessageContaining("the most is " + 2 * PAGE);
                },
                SCARCE);

        List<RecordedEvent> reached = recorded.all("BudgetReached");
        assertThat(reached.stream().map(Recorded::fields))
                .containsExactly(
                        refusal(runtime, "runtime", runtime.device().name(), 5 * PAGE, 0, 4 * PAGE),
                        refusal(runtime, "runtime/host", "home", 3 * PAGE, 0, 2 * PAGE));
        assertThat(recorded.all("Rejection").stream().map(event -> event.getString("reason")))
                .containsExactly("NO_DEVICE_MEMORY", "NO_HOST_MEMORY");
    }

    /** Picks the span with the highest address. */
    private static final EvictionPolicy LAST = snapshot -> snapshot.candidates().isEmpty()
            ? List.of()
            : List.of(snapshot.candidates().getLast());

    @ParameterizedTest
    @EnumSource
    void span_thatLeavesToMakeRoom_isToldOf_withWhoWantedIt(DeviceKind kind) throws Exception {
        for (EvictionPolicy policy : List.of(PageRuntime.OWN_POLICY, LAST)) {
            PageRuntime runtime =
                    rest.open(4 * PAGE, policy, Scene.device(kind)).runtime();
            String device = runtime.device().name();
            PageBuffer spans = runtime.allocate(8 * PAGE, PageSizes.of(PAGE, 2 * PAGE));
            spans.fill((byte) 1);
            access(runtime, spans, 0); // dirty
            assertThat(spans.range(2 * PAGE, 2 * PAGE)
                            .prefetch(runtime.device())
                            .complete())
                    .isTrue();
            access(runtime, spans, 0);
            spans.range(2 * PAGE, 2 * PAGE)
                    .access(runtime.device(), AccessMode.READ)
                    .close(); // clean, and used less
            PageBuffer other = runtime.allocate(2 * PAGE);

            Recorded recorded = Recorded.during(runtime, () -> access(runtime, other, 0), SCARCE);

            RecordedEvent eviction = recorded.only("Eviction");
            boolean clean = eviction.getBoolean("clean");
            assertThat(Recorded.fields(eviction, "worth", "firstPage", "clean", "copiedBytes"))
                    .isEqualTo(Map.of(
                            "runtime",
                            runtime.name(),
                            "buffer",
                            spans.id(),
                            "tier",
                            device,
                            "pages",
                            2L,
                            "bytes",
                            2 * PAGE,
                            "order",
                            policy == LAST ? "policy" : "highpage",
                            "forBuffer",
                            other.id(),
                            "operation",
                            "device access"));
            assertThat(eviction.getLong("firstPage")).isEqualTo(clean ? 2 : 0);
            assertThat(eviction.getLong("copiedBytes")).isEqualTo(clean ? 0 : 2 * PAGE);
            assertThat(eviction.getDouble("worth")).isPositive();
            assertThat(recorded.all("Migration").stream()
                            .filter(batch -> batch.getString("to").equals("home"))
                            .map(batch -> batch.getString("reason")))
                    .containsExactlyElementsOf(clean ? List.of() : List.of("making room"));
            assertThat(recorded.only("BudgetReached").getLong("limitBytes")).isEqualTo(4 * PAGE);
        }
    }

    private static void access(PageRuntime runtime, PageBuffer buffer, long offset) {
        buffer.range(offset, 2 * PAGE)
                .access(runtime.device(), AccessMode.READ_WRITE)
                .close();
    }

    @Test
    void homes_thatAreGivenUp_areToldOf() throws Exception {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.PRIVATE)).runtime();
        PageBuffer away = Scene.of(runtime, "DD").buffer;
        runtime.budget().hostMemory(runtime.budget().hostUsedBytes());
        PageBuffer fresh = runtime.allocate(2 * PAGE);

        Recorded recorded = Recorded.during(runtime, () -> fresh.fill((byte) 1), SCARCE);

        RecordedEvent eviction = recorded.only("Eviction");
        assertThat(Recorded.fields(eviction, "worth"))
                .isEqualTo(Map.ofEntries(
                        Map.entry("runtime", runtime.name()),
                        Map.entry("buffer", away.id()),
                        Map.entry("tier", "home"),
                        Map.entry("firstPage", 0L),
                        Map.entry("pages", 2L),
                        Map.entry("bytes", 2 * PAGE),
                        Map.entry("copiedBytes", 0L),
                        Map.entry("clean", true),
                        Map.entry("order", "highpage"),
                        Map.entry("forBuffer", fresh.id()),
                        Map.entry("operation", "hold")));
        assertThat(recorded.only("Migration").getLong("buffer"))
                .as("what is given up does not move")
                .isEqualTo(fresh.id());
        assertThat(recorded.only("BudgetReached").getString("tier")).isEqualTo("home");
    }
}
