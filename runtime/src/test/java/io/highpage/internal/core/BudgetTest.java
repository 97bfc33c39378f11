// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Budget;
import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.host.HostDevice;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.internal.outcome.BudgetShare;
import io.highpage.internal.outcome.BudgetSnapshot;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.BudgetInfo;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.Residency;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.Faults.Call;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** What budgets refuse, and say then; how they count, and end. */
class BudgetTest {
    private static final long PAGE = Scene.PAGE;

    @RegisterExtension
    final AtRest rest = new AtRest();

    private PageRuntime runtime;
    private Device device;

    private Rig open(DeviceKind kind) {
        Rig rig = rest.open(Scene.device(kind));
        runtime = rig.runtime();
        device = runtime.device();
        return rig;
    }

    private static void refused(Runnable action, String... words) {
        assertThatThrownBy(action::run)
                .isInstanceOf(OutOfPageMemoryException.class)
                .satisfies(error -> assertThat(error.getMessage()).contains(words));
    }

    @ParameterizedTest
    @EnumSource
    void deviceMemory_thatABudgetHasNot_isRefusedByName(DeviceKind kind) {
        open(kind);
        Budget cache = runtime.budget("cache", 3 * PAGE);
        PageBuffer first = cache.allocate(2 * PAGE);
        PageBuffer second = cache.allocate(2 * PAGE);
        PageBuffer elsewhere = runtime.allocate(2 * PAGE);
        try (DeviceAccess open = first.access(device, AccessMode.READ_WRITE)) {
            assertThat(cache.usedBytes(device)).isEqualTo(2 * PAGE);
            refused(
                    () -> second.access(device, AccessMode.READ_WRITE),
                    "no memory on device " + device.name() + " (tier 1)",
                    "budget runtime/cache: requested " + 2 * PAGE,
                    "in use " + 2 * PAGE + " of " + 3 * PAGE,
                    "raise the limit");
            MoveReport report = second.prefetch(device);
            assertThat(report.outcomes().of(0)).isEqualTo(PageOutcome.NO_DEVICE_MEMORY);
            assertThat(elsewhere.prefetch(device).complete())
                    .as("others have room")
                    .isTrue();
            assertThat(cache.usedBytes(device)).isEqualTo(2 * PAGE);
            assertThat(runtime.budget().usedBytes(device)).isEqualTo(4 * PAGE);
            assertThat(device.usedBytes()).isEqualTo(4 * PAGE);
        }
        first.close();
        assertThat(second.prefetch(device).complete()).isTrue();
        second.evict();
        assertThat(cache.usedBytes(device)).isZero();
    }

    @Test
    void deviceMemory_thatNoBudgetOnTheWayUpEverHas_neverFits() {
        open(DeviceKind.COHERENT);
        runtime.budget().deviceMemory(device, 4 * PAGE);
        Budget cache = runtime.budget("cache", 8 * PAGE);
        PageBuffer buffer = cache.allocate(5 * PAGE);
        refused(
                () -> buffer.access(device, AccessMode.READ),
                "cannot hold " + 5 * PAGE + " bytes in one piece: the most is " + 4 * PAGE,
                "budget runtime (asked by runtime/cache)",
                "Allocation.spanBytes");
        runtime.budget().deviceMemory(device, 100 * PAGE);
        Budget small = cache.budget("small", 0);
        refused(
                () -> small.allocate(1).access(device, AccessMode.READ),
                "it has room for nothing (limit 0 of budget runtime/cache/small, in use 0)");
    }

    /** A program that is not to use a device says so by its limit; all else works as before. */
    @ParameterizedTest
    @EnumSource
    void deviceMemoryOfNothing_leavesAllAtHome_andSaysWhatToDo(DeviceKind kind) {
        Highpage.Builder builder = Highpage.builder().device(Scene.device(kind)).deviceMemory(0);
        try (Highpage hp = builder.writeBackAhead(0.5, 1).open();
                PageBuffer buffer = hp.allocate(3 * PAGE)) {
            assertThat(hp.device().limitBytes()).isZero();
            buffer.fill((byte) 5);
            MoveReport report = buffer.prefetch(hp.device());
            assertThat(report.outcomes().count(PageOutcome.NO_DEVICE_MEMORY)).isEqualTo(3);
            String words = "cannot hold " + 3 * PAGE + " bytes: it has room for nothing"
                    + " (limit 0 of budget runtime, in use 0); raise the limit";
            assertThat(report.failure().orElseThrow())
                    .isInstanceOfSatisfying(
                            OutOfPageMemoryException.class,
                            never -> assertThat(never.isRetryable()).isFalse())
                    .hasMessageContaining(words);
            refused(() -> buffer.access(hp.device(), AccessMode.READ_WRITE), words);
            buffer.prefer(hp.device());
            try (Pin pin = buffer.pin(Pin.longTerm())) {
                assertThat(pin.verify().isConfirmed()).isTrue();
            }
            assertThat(buffer.residency()).hasToString("HHH");

            hp.budget().deviceMemory(hp.device(), 3 * PAGE);
            assertThat(buffer.prefetch(hp.device()).complete()).isTrue();
        }
    }

    @Test
    void refusal_byALooseBudgetUnderATighterOne_namesBoth() {
        open(DeviceKind.COHERENT);
        Budget cache = runtime.budget("cache", 6 * PAGE);
        PageBuffer first = cache.allocate(5 * PAGE);
        PageBuffer second = cache.allocate(2 * PAGE);
        try (DeviceAccess open = first.access(device, AccessMode.READ_WRITE)) {
            runtime.budget().deviceMemory(device, 3 * PAGE); // takes nothing from the access
            refused(
                    () -> second.access(device, AccessMode.READ),
                    "budget runtime/cache: requested",
                    "budget runtime allows only " + 3 * PAGE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void hostMemory_thatABudgetHasNot_isRefusedByName_andPagesAreWhereTheyWere(DeviceKind kind) {
        open(kind);
        Budget cache = runtime.budget("cache", 1L << 20).hostMemory(2 * PAGE);
        PageBuffer buffer = cache.allocate(4 * PAGE);
        buffer.range(0, 2 * PAGE).fill((byte) 7);
        assertThat(cache.hostUsedBytes()).isEqualTo(2 * PAGE);
        refused(
                () -> buffer.range(2 * PAGE, 1).fill((byte) 8),
                "no host memory in budget runtime/cache: requested " + PAGE,
                "in use " + 2 * PAGE + " of " + 2 * PAGE);
        refused(
                () -> buffer.pin(Pin.longTerm()),
                "page 2 is where it was, there is no host memory");
        refused(
                () -> cache.allocate(3 * PAGE).hold(),
                "no host memory for " + 3 * PAGE + " bytes at a time: the most is " + 2 * PAGE);
        assertThat(buffer.residency()).hasToString("HH..");
        assertThat(cache.hostUsedBytes()).isEqualTo(2 * PAGE);
        runtime.allocate(PAGE).fill((byte) 1); // others have room
        cache.hostMemory(4 * PAGE);
        try (Pin pin = buffer.pin(Pin.longTerm())) {
            cache.hostMemory(0);
            assertThat(pin.segment().get(java.lang.foreign.ValueLayout.JAVA_BYTE, PAGE))
                    .isEqualTo((byte) 7);
        }
        assertThat(cache.hostUsedBytes()).isEqualTo(4 * PAGE);
        buffer.close();
        assertThat(cache.hostUsedBytes()).isZero();
    }

    /** What was never at home needs room there, what was is there already. */
    @Test
    void evict_intoAFullHome_movesWhatHasAHome() {
        open(DeviceKind.PRIVATE);
        PageBuffer fresh = runtime.allocate(PAGE);
        fresh.prefetch(device);
        PageBuffer kept = Scene.of(runtime, "D").buffer;
        runtime.budget().hostMemory(runtime.budget().hostUsedBytes());
        try (DeviceAccess open = kept.access(device, AccessMode.READ)) { // its home is not given up
            MoveReport report = fresh.evict();
            assertThat(report.outcomes().of(0)).isEqualTo(PageOutcome.NO_HOST_MEMORY);
            assertThat(fresh.residency().of(0)).isEqualTo(Residency.DEVICE);
        }
        assertThat(kept.evict().complete()).isTrue();
    }

    @Test
    void deviceMemory_keptForLaterUse_isGivenUpWhenTheRuntimesLimitFalls() {
        Rig rig = open(DeviceKind.COHERENT);
        PageBuffer large = runtime.allocate(17 << 20);
        assertThat(large.range(0, 1).prefetch(device).complete()).isTrue();
        large.evict();
        Budget cache = runtime.budget("cache", 1L << 30);
        cache.deviceMemory(device, PAGE); // others may use it
        assertThat(rig.device().openExtents()).isEqualTo(1);
        runtime.budget().deviceMemory(device, PAGE);
        assertThat(rig.device().openExtents()).isZero();
    }

    @Test
    void deviceMemory_inUseWhenTheRuntimesLimitFalls_goesBackToTheDriverOnceItIsFree() {
        Rig rig = open(DeviceKind.COHERENT);
        PageBuffer large = runtime.allocate(17 << 20);
        PageBuffer small = runtime.allocate(PAGE);
        assertThat(large.range(0, 1).prefetch(device).complete()).isTrue();
        assertThat(small.prefetch(device).complete()).isTrue();
        runtime.budget().deviceMemory(device, 0);
        assertThat(rig.device().openExtents()).isEqualTo(2);
        large.evict();
        assertThat(rig.device().openExtents()).isEqualTo(1);
        small.close();
        assertThat(rig.device().openExtents()).isZero();
    }

    /** Whoever frees something, or lowers the limit, waits for nobody; it is not forgotten. */
    @ParameterizedTest
    @ValueSource(strings = {"works", "FAIL", "ERROR"})
    void deviceMemory_freeWhileTheDriverIsAsked_goesBackWhenItHasAnswered(String how)
            throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        PageBuffer large = runtime.allocate(17 << 20);
        assertThat(large.range(0, 1).prefetch(device).complete()).isTrue();
        PageBuffer larger = runtime.allocate(20 << 20);
        try (Blocked asks = new Blocked(rig, how, larger)) {
            runtime.budget().deviceMemory(device, 0);
            large.evict();
            assertThat(rig.device().openExtents()).isEqualTo(1);
            asks.goOn();
        }
        assertThat(rig.device().openExtents()).isEqualTo(how.equals("ERROR") ? 0 : 1);
        larger.evict();
        assertThat(rig.device().openExtents()).isZero();
    }

    /** A thread that asks the driver for memory, whose call does not return until it may. */
    private final class Blocked implements AutoCloseable {
        private final CountDownLatch goOn = new CountDownLatch(1);
        private final Thread thread;

        Blocked(Rig rig, String how, PageBuffer moved) throws InterruptedException {
            CountDownLatch blocked = new CountDownLatch(1);
            Faults.Action then = call -> {
                blocked.countDown();
                awaitQuietly(goOn);
                switch (how) {
                    case "FAIL" -> Faults.FAIL.instead(call);
                    case "ERROR" -> Faults.ERROR.instead(call);
                    default -> {}
                }
            };
            rig.faults().arm(1, then, EnumSet.of(Call.ALLOCATE));
            thread = Thread.ofPlatform().start(() -> moved.range(0, 1).prefetch(device));
            blocked.await();
        }

        void goOn() throws InterruptedException {
            goOn.countDown();
            thread.join();
        }

        @Override
        public void close() throws InterruptedException {
            goOn();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException nobodyDoes) {
            throw new AssertionError(nobodyDoes);
        }
    }

    /** What another budget has is of no use to one that is full, at home and on a device. */
    @ParameterizedTest
    @EnumSource
    void room_isMadeByWhatCountsInTheBudgetThatIsFull(DeviceKind kind) {
        open(kind);
        Budget mine = runtime.budget("mine", 4 * PAGE);
        Budget other = runtime.budget("other", 4 * PAGE);
        PageBuffer theirs = Scene.of(other, device, "DDDD").buffer; // keeps its homes
        Scene first = Scene.of(mine, device, "DD");
        Scene second = Scene.of(mine, device, "HH");
        assertThat(mine.hostUsedBytes()).isEqualTo(4 * PAGE);
        Scene third = Scene.of(mine, device, "..");
        third.buffer.range(0, 2 * PAGE).fill((byte) 0);
        assertThat(first.buffer.residency()).as("without homes").hasToString("DD");
        assertThat(mine.hostUsedBytes()).isEqualTo(4 * PAGE);
        assertThat(other.hostUsedBytes()).isEqualTo(4 * PAGE);
        refused(() -> first.buffer.pin(Pin.longTerm()), "no host memory", "runtime/mine");
        mine.hostMemory(100 * PAGE);
        second.buffer.access(device, AccessMode.READ_WRITE).close();
        third.buffer.access(device, AccessMode.READ_WRITE).close();
        assertThat(mine.usedBytes(device)).isEqualTo(4 * PAGE);
        assertThat(third.buffer.residency()).as("one of mine has left").hasToString("DD");
        assertThat(theirs.residency()).hasToString("DDDD");
        first.checkBytes("first");
        second.checkBytes("second");
    }

    /** A driver that turns out not to have memory at its first use is asked once more. */
    @Test
    void homes_ofACopyThatIsRepeated_areChargedOnce() {
        Rig rig = open(DeviceKind.COHERENT);
        PageBuffer fresh = runtime.allocate(2 * PAGE);
        assertThat(fresh.prefetch(device).complete()).isTrue();
        PageBuffer large = runtime.allocate(17 << 20); // in a slab of its own
        large.range(0, 1).prefetch(device);
        large.evict(); // which is empty now, to be given up
        long before = runtime.budget().hostUsedBytes();
        rig.faults()
                .arm(
                        1,
                        call -> {
                            throw new OutOfPageMemoryException("injected", true, 1, null);
                        },
                        EnumSet.of(Call.COPY_OUT));
        assertThat(fresh.evict().complete()).as("the second time").isTrue();
        assertThat(rig.faults().hit()).isEqualTo(Call.COPY_OUT);
        assertThat(runtime.budget().hostUsedBytes()).isEqualTo(before + 2 * PAGE);
    }

    @Test
    void budgets_promiseMoreThanThereIs_andNoneGetsIt() {
        open(DeviceKind.COHERENT);
        runtime.budget().hostMemory(3 * PAGE);
        Budget a = runtime.budget("a", 2 * PAGE);
        Budget b = runtime.budget("b", 2 * PAGE);
        a.allocate(2 * PAGE).fill((byte) 1);
        PageBuffer second = b.allocate(2 * PAGE);
        second.range(0, 1).fill((byte) 2);
        refused(
                () -> second.range(PAGE, 1).fill((byte) 2),
                "no host memory in budget runtime (asked by runtime/b)",
                "in use " + 3 * PAGE + " of " + 3 * PAGE);
        assertThat(b.hostUsedBytes()).isEqualTo(PAGE);
    }

    @Test
    void info_tellsTheTree_fromTheMachineDown() {
        open(DeviceKind.COHERENT);
        runtime.budget().hostMemory(50 * PAGE).deviceMemory(device, 40 * PAGE);
        Budget cache = runtime.budget("cache", 30 * PAGE);
        Budget images = cache.budget("images", 20 * PAGE).deviceMemory(device, 10 * PAGE);
        images.allocate(3 * PAGE).fill((byte) 1);
        images.allocate(2 * PAGE).prefetch(device);
        String name = device.name();
        BudgetInfo own = runtime.budget().info();
        BudgetInfo inImages = new BudgetSnapshot(
                "images",
                new BudgetShare("host memory", 20 * PAGE, 3 * PAGE),
                List.of(new BudgetShare(name, 10 * PAGE, 2 * PAGE)),
                List.of());
        assertThat(own)
                .isEqualTo(new BudgetSnapshot(
                        "runtime",
                        new BudgetShare("host memory", 50 * PAGE, 3 * PAGE),
                        List.of(new BudgetShare(name, 40 * PAGE, 2 * PAGE)),
                        List.of(new BudgetSnapshot(
                                "cache",
                                new BudgetShare("host memory", 30 * PAGE, 3 * PAGE),
                                List.of(new BudgetShare(name, 30 * PAGE, 2 * PAGE)),
                                List.of(inImages)))));
        assertThat(own.toString()).contains("\n    images: host memory: 12288 of 81920, ");
        BudgetInfo all = runtime.budgets();
        assertThat(all.budgets()).containsExactly(own);
        assertThat(all.devices()).containsExactly(new BudgetShare(name, 1L << 30, 2 * PAGE));
        assertThat(all.host().limitBytes()).isGreaterThan(all.host().usedBytes());
        assertThat(device.limitBytes()).as("as before").isEqualTo(40 * PAGE);
        runtime.budget().deviceMemory(device, Long.MAX_VALUE);
        assertThat(device.limitBytes()).as("what the device has").isEqualTo(1L << 30);
    }

    @Test
    void badArguments_areRefused() {
        open(DeviceKind.COHERENT);
        Budget root = runtime.budget();
        assertThatThrownBy(() -> runtime.budget(" ", 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> runtime.budget(null, 1)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> runtime.budget("a", -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bytes=-1 is negative");
        assertThatThrownBy(() -> root.hostMemory(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> root.deviceMemory(device, -1))
                .isInstanceOf(IllegalArgumentException.class);
        Device stranger = rest.open(Scene.device(DeviceKind.PRIVATE)).runtime().device();
        assertThatThrownBy(() -> root.usedBytes(stranger))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("belongs to another runtime than budget runtime");
        assertThatThrownBy(() -> Highpage.builder().hostMemory(-1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(root.info().budgets()).isEmpty();
    }

    @Test
    void close_withABufferOrABudgetOpen_isRefused_andNamesThem() {
        open(DeviceKind.COHERENT);
        Budget cache = runtime.budget("cache", PAGE);
        Budget images = cache.budget("images", PAGE);
        PageBuffer buffer = images.allocate(PAGE);
        assertThat(images.parent()).contains(cache);
        assertThat(cache.parent()).contains(runtime.budget());
        assertThat(runtime.budget().parent()).isEmpty();
        assertThatThrownBy(cache::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("budget runtime/cache cannot close: open in it: budget"
                        + " runtime/cache/images");
        assertThatThrownBy(images::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("buffer " + buffer.id());
        buffer.close();
        images.close();
        images.close();
        assertThat(images.isOpen()).isFalse();
        assertThatThrownBy(() -> images.allocate(PAGE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("budget runtime/cache/images is closed");
        assertThatThrownBy(() -> images.hostMemory(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> images.budget("late", 1))
                .isInstanceOf(IllegalStateException.class);
        cache.close();
        assertThat(runtime.budget().info().budgets()).isEmpty();
        assertThatThrownBy(runtime.budget()::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ends with its runtime");
        assertThat(runtime.buffers()).as("nothing is left of what was refused").isEmpty();
    }

    @Test
    void runtime_thatCloses_endsAllBudgets() {
        Budget cache;
        try (Highpage hp = Highpage.builder()
                .device(HostDevice.coherent(1 << 20))
                .hostMemory(PAGE)
                .open()) {
            cache = hp.budget("cache", PAGE);
            cache.allocate(PAGE).fill((byte) 1);
            assertThat(hp.budget().hostLimitBytes()).isEqualTo(PAGE);
            assertThatThrownBy(() -> hp.allocate(1).fill((byte) 1))
                    .isInstanceOf(OutOfPageMemoryException.class);
        }
        assertThat(cache.isOpen()).isFalse();
        assertThat(cache.hostUsedBytes()).isZero();
        assertThatThrownBy(() -> cache.allocate(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> cache.budget("late", 1)).isInstanceOf(IllegalStateException.class);
        cache.close(); // nothing is in it
    }
}
