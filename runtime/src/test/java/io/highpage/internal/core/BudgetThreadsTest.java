// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Budget;
import io.highpage.DeviceAccess;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.PinAttempt;
import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HighpageException;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.Faults.Call;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Threads that use, close and allocate buffers of budgets which lack memory, while limits change
 * and calls fail: no budget ever has more than the most that its limit was, none has anything that
 * no buffer has, all are empty when the buffers are closed, and pages keep their bytes.
 */
@Timeout(300)
class BudgetThreadsTest {
    private static final long PAGE = Scene.PAGE;
    private static final long MOST = 12 * PAGE;
    private static final long NANOS_MAX = TimeUnit.SECONDS.toNanos(2);

    @RegisterExtension
    final AtRest rest = new AtRest();

    private static final Set<Call> FAILING =
            EnumSet.of(Call.COPY_OUT, Call.COPY_IN, Call.ALLOCATE, Call.COMMIT);

    private Rig rig;
    private PageRuntime runtime;
    private List<Budget> budgets;

    private void use(RandomGenerator random) {
        Budget budget = budgets.get(random.nextInt(budgets.size()));
        try (PageBuffer buffer = budget.allocate(random.nextInt(1, 7) * PAGE)) {
            byte[] pages = new byte[(int) buffer.pageCount()];
            for (int step = 0; step < 8; step++) {
                try {
                    use(buffer, pages, random);
                } catch (HighpageException refused) {
                    assertThat(refused.getMessage()).isNotEmpty();
                }
            }
            check(buffer, pages);
        }
    }

    /** Pages that cannot be read now, for want of home memory, are passed over. */
    private static void check(PageBuffer buffer, byte[] pages) {
        byte[] read = new byte[(int) PAGE];
        for (int page = 0; page < pages.length; page++) {
            try {
                buffer.read(page * PAGE, MemorySegment.ofArray(read));
                assertThat(read).containsOnly(pages[page]);
            } catch (HighpageException refused) {
                assertThat(refused.getMessage()).isNotEmpty();
            }
        }
    }

    private void use(PageBuffer buffer, byte[] pages, RandomGenerator random) {
        switch (random.nextInt(6)) {
            case 0 -> {
                int page = random.nextInt(pages.length);
                buffer.range(page * PAGE, PAGE).fill((byte) (page + 1));
                pages[page] = (byte) (page + 1);
            }
            case 1 -> buffer.prefetch(runtime.device());
            case 2 -> buffer.evict();
            case 3 -> {
                if (buffer.tryPin(Pin.longTerm()) instanceof PinAttempt.Pinned pinned) {
                    pinned.pin().close();
                }
            }
            case 4 -> {
                try (DeviceAccess access = buffer.access(runtime.device(), AccessMode.READ_WRITE)) {
                    assertThat(access.device()).isEqualTo(runtime.device());
                }
            }
            default -> buffer.hold().close();
        }
    }

    private void disturb(RandomGenerator random) {
        Budget budget = budgets.get(random.nextInt(budgets.size()));
        long limit = random.nextLong(MOST + 1);
        if (random.nextBoolean()) {
            budget.hostMemory(limit);
        } else {
            budget.deviceMemory(runtime.device(), limit);
        }
        rig.faults().arm(random.nextInt(1, 20), Faults.FAIL, FAILING);
        for (Budget one : budgets) {
            assertThat(one.hostUsedBytes()).isBetween(0L, MOST);
            assertThat(one.usedBytes(runtime.device())).isBetween(0L, MOST);
        }
        assertThat(runtime.budget().hostUsedBytes()).isBetween(0L, 2 * MOST);
    }

    @ParameterizedTest
    @EnumSource
    void budgets_thatLackMemory_stayExact(DeviceKind kind) throws Exception {
        rig = rest.open(Scene.device(kind));
        runtime = rig.runtime();
        Budget cache = runtime.budget("cache", MOST);
        budgets = List.of(cache, cache.budget("in cache", MOST), runtime.budget("other", MOST));
        long end = System.nanoTime() + NANOS_MAX;
        try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                boolean uses = thread > 0;
                all.add(pool.submit(() -> {
                    while (System.nanoTime() - end < 0) {
                        if (uses) {
                            use(ThreadLocalRandom.current());
                        } else {
                            disturb(ThreadLocalRandom.current());
                        }
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        rig.faults().disarm();
        for (Budget budget : budgets) {
            assertThat(budget.hostUsedBytes()).as("%s", budget.info()).isZero();
            assertThat(budget.usedBytes(runtime.device()))
                    .as("%s", budget.info())
                    .isZero();
        }
    }
}
