// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Budget;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.internal.migrate.PageSizes;
import io.highpage.internal.os.ContainerMemory;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.Residency;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/**
 * Budgets in a container that has less than they allow, or that fills up meanwhile: it is asked
 * beyond every budget, and what it refuses counts in none.
 */
class ContainerTest {
    private static final long PAGE = Scene.PAGE;

    /** A sixteenth is left to the rest of the process. */
    private static final long LIMIT = 16 * PAGE;

    private static final long MOST = LIMIT - PAGE;

    @TempDir
    private Path root;

    private PageRuntime open(DeviceKind kind, ContainerMemory memory) {
        return PageRuntime.open(List.of(Scene.device(kind)), Long.MAX_VALUE, memory);
    }

    @ParameterizedTest
    @EnumSource
    void container_thatHasLessThanTheBudget_refuses_andIsNamed(DeviceKind kind) {
        try (PageRuntime runtime = open(kind, new ContainerMemory(root, LIMIT))) {
            runtime.budget().hostMemory(2 * LIMIT);
            Budget cache = runtime.budget("cache", 3 * LIMIT);
            PageBuffer buffer = cache.allocate(2 * LIMIT);
            buffer.range(0, MOST).fill((byte) 1);
            assertThatThrownBy(() -> buffer.range(MOST, PAGE).fill((byte) 1))
                    .isInstanceOfSatisfying(OutOfPageMemoryException.class, full -> {
                        assertThat(full.device()).isFalse();
                        assertThat(full.getMessage())
                                .contains("of the " + LIMIT + " bytes of its container")
                                .contains("0 can be had");
                    });
            assertThat(cache.hostUsedBytes()).isEqualTo(MOST);
            Invariants.checkAtRest(runtime);
            cache.hostMemory(PAGE); // now the budget is the tighter one
            assertThatThrownBy(() -> buffer.range(MOST, PAGE).fill((byte) 1))
                    .isInstanceOf(OutOfPageMemoryException.class)
                    .hasMessageContaining("budget runtime/cache: requested " + PAGE
                            + " bytes, in use " + MOST + " of " + PAGE);
            buffer.close();
            assertThat(cache.hostUsedBytes()).isZero();
        }
    }

    /** Homes that no page needs are given up before anything is refused. */
    @ParameterizedTest
    @EnumSource
    void container_thatIsFullOfHomesThatAreNotNeeded_hasRoom(DeviceKind kind) {
        try (PageRuntime runtime = open(kind, new ContainerMemory(root, LIMIT))) {
            PageBuffer away = runtime.allocate(MOST);
            away.fill((byte) 3);
            assertThat(away.prefetch(runtime.device()).complete()).isTrue(); // keeps its home
            assertThat(runtime.budget().hostUsedBytes()).isEqualTo(MOST);
            PageBuffer buffer = runtime.allocate(MOST);
            buffer.range(0, 4 * PAGE).fill((byte) 4);
            assertThat(runtime.budget().hostUsedBytes()).isLessThanOrEqualTo(MOST);
            assertThat(away.residency().count(Residency.DEVICE)).isEqualTo(MOST / PAGE);
            Invariants.checkAtRest(runtime);
            byte[] bytes = new byte[(int) PAGE];
            buffer.read(3 * PAGE, MemorySegment.ofArray(bytes));
            assertThat(bytes).containsOnly(4);
            buffer.close();
            away.read(MOST - PAGE, MemorySegment.ofArray(bytes));
            assertThat(bytes).containsOnly(3);
        }
    }

    /** Others fill the container while a pin brings one batch after the other home. */
    @ParameterizedTest
    @EnumSource
    void pressure_whilePagesComeHome_leavesNothingPinnedAndEveryByte(DeviceKind kind) {
        ContainerMemory memory = new ContainerMemory(root, LIMIT);
        try (PageRuntime runtime = open(kind, memory)) {
            PageBuffer buffer = runtime.allocate(8 * PAGE, PageSizes.of(PAGE, 2 * PAGE));
            assertThat(buffer.prefetch(runtime.device()).complete()).isTrue(); // without homes
            memory.pressure(3); // a batch of 2 pages takes 8 of the 15 that can be had
            assertThatThrownBy(() -> buffer.pin(Pin.longTerm()))
                    .isInstanceOfSatisfying(OutOfPageMemoryException.class, full -> {
                        assertThat(full.getMessage()).contains("its container");
                        assertThat(full.outcomes().orElseThrow().of(4))
                                .isEqualTo(PageOutcome.NO_HOST_MEMORY);
                    });
            assertThat(buffer.residency()).hasToString("HHHHDDDD");
            assertThat(runtime.budget().hostUsedBytes()).isEqualTo(4 * PAGE);
            Invariants.checkAtRest(runtime);
            memory.use(-12 * PAGE); // the others give theirs back
            memory.pressure(0);
            try (Pin pin = buffer.pin(Pin.longTerm())) {
                assertThat(pin.segment()
                                .mismatch(MemorySegment.ofArray(new byte[(int) (8 * PAGE)])))
                        .isEqualTo(-1);
            }
            Invariants.checkAtRest(runtime);
        }
    }
}
