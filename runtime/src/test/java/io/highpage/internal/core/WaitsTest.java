// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;
import io.highpage.host.HostDevice;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.internal.core.Promises.Step;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Residency;
import io.highpage.outcome.Terms;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.Faults.Call;
import io.highpage.testkit.faults.ForwardingDevice;
import io.highpage.testkit.faults.ForwardingExtent;
import io.highpage.testkit.faults.Gate;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Every wait of the table in docs/concurrency.md, promised and measured: with a driver that does
 * not answer, one that is slow, one whose device dies, and beside 20,000 virtual threads. What is
 * measured is printed.
 */
@Timeout(300)
class WaitsTest {
    private static final int PAGE = Scene.PAGE;
    private static final Duration DEADLINE = Duration.ofMillis(50);
    private static final Terms TERMS = Terms.defaults().deadline(DEADLINE);
    private static final Duration NOTHING = Duration.ZERO;
    private static final Duration BRIEFLY = Duration.ofMillis(100);
    private static final Duration SECOND = Duration.ofSeconds(1);

    @RegisterExtension
    final AtRest rest = AtRest.unchecked();

    @RegisterExtension
    final Promises promises = new Promises();

    private final ExecutorService stuck = Executors.newCachedThreadPool();

    @AfterEach
    void endStuck() {
        stuck.close();
    }

    /** Measures a step that must end within what is promised, and a moment. */
    private void within(Duration promised, String what, Step step) throws Exception {
        long start = System.nanoTime();
        step.run();
        Duration measured = Duration.ofNanos(System.nanoTime() - start);
        print(what, promised, measured);
        promises.measured(promised, what, measured);
    }

    private static void print(String what, Duration promised, Duration measured) {
        System.out.printf(
                "waits: %s: promised %d ms, measured %.1f ms%n",
                what, promised.toMillis(), measured.toNanos() / 1e6);
    }

    private void refusedWithin(Duration promised, String what, PageOutcome reason, Step step)
            throws Exception {
        within(
                promised,
                what,
                () -> assertThatThrownBy(step::run)
                        .as(what)
                        .isInstanceOfSatisfying(
                                PagesBusyException.class,
                                busy -> assertThat(busy.reason()).isEqualTo(reason)));
    }

    // ---- a driver that does not answer ----

    @ParameterizedTest
    @EnumSource
    void allocateThatDoesNotReturn_keepsOnlyThoseWhoNeedThatMemory(DeviceKind kind)
            throws Exception {
        Rig rig = rest.open(64L << 20, Scene.device(kind), Scene.device(kind));
        PageRuntime runtime = rig.runtime();
        Device device = runtime.device();
        Device second = runtime.devices().getLast();
        Scene there = Scene.of(runtime, "DHDH"); // its slab has room for many small windows
        Scene small = Scene.of(runtime, "HHHH");
        PageBuffer large = runtime.allocate(32L << 20); // needs a slab of its own
        PageBuffer another = runtime.allocate(8L << 20);
        PageBuffer closes = runtime.allocate(PAGE);
        large.range(0, PAGE).fill((byte) 1);
        Gate gate = new Gate();
        rig.faults().arm(1, gate, EnumSet.of(Call.ALLOCATE));
        Future<?> hanging = stuck.submit(() -> large.prefetch(device));
        gate.awaitEntered();
        try {
            within(NOTHING, "usedBytes", () -> assertThat(device.usedBytes()).isEqualTo(4L * PAGE));
            within(NOTHING, "close of another buffer", closes::close);
            within(NOTHING, "allocate", () -> runtime.allocate(PAGE).close());
            within(
                    NOTHING,
                    "pin of another buffer",
                    () -> there.buffer.range(0, 1).pin(TERMS).close());
            within(
                    NOTHING,
                    "evict",
                    () -> assertThat(there.buffer.evict().complete()).isTrue());
            within(
                    NOTHING,
                    "prefetch into a slab that is there",
                    () -> assertThat(small.buffer.prefetch(device).complete()).isTrue());
            within(
                    NOTHING,
                    "access on another device",
                    () -> large.range(1 << 20, 1)
                            .access(TERMS.mode(AccessMode.READ), second)
                            .close());
            within(
                    NOTHING,
                    "pin of the same buffer",
                    () -> large.range(0, 1).pin(TERMS).close());
            refusedWithin(
                    DEADLINE,
                    "access that needs the memory",
                    PageOutcome.MOVING,
                    () -> another.range(0, 1)
                            .access(TERMS.mode(AccessMode.READ), device)
                            .close());
            refusedWithin(
                    DEADLINE,
                    "access of the same buffer",
                    PageOutcome.MOVING,
                    () -> large.range(0, 1)
                            .access(TERMS.mode(AccessMode.READ), device)
                            .close());
            refusedWithin(
                    SECOND,
                    "access that needs the memory, by default",
                    PageOutcome.MOVING,
                    () -> another.access(device, AccessMode.READ).close());
            within(
                    BRIEFLY,
                    "prefetch that needs the memory",
                    () -> assertThat(another.prefetch(device).failure())
                            .containsInstanceOf(PagesBusyException.class));
            within(
                    SECOND,
                    "close of the same buffer",
                    () -> assertThatThrownBy(large::close)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("memory of a device is being taken"));
            within(
                    SECOND,
                    "close of the runtime",
                    () -> assertThatThrownBy(runtime::close)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("memory of a device is being taken"));
        } finally {
            gate.open();
            hanging.get();
        }
        assertThat(large.residency().of(0)).isEqualTo(Residency.DEVICE);
        there.checkBytes("after");
        small.checkBytes("after");
    }

    @ParameterizedTest
    @EnumSource
    void pageThatDoesNotArrive_isWaitedForAsLongAsIsPromised(DeviceKind kind) throws Exception {
        Rig rig = rest.open(Scene.device(kind));
        PageRuntime runtime = rig.runtime();
        Device device = runtime.device();
        Scene scene = Scene.of(runtime, "D");
        Scene other = Scene.of(runtime, "D");
        Gate gate = new Gate();
        rig.faults().arm(1, gate, EnumSet.of(Call.COPY_OUT));
        Future<?> hanging = stuck.submit(() -> scene.buffer.evict());
        gate.awaitEntered();
        try {
            refusedWithin(
                    DEADLINE,
                    "pin of a moving page",
                    PageOutcome.MOVING,
                    () -> scene.buffer.range(0, 1).pin(TERMS).close());
            refusedWithin(
                    DEADLINE,
                    "hold of a moving page",
                    PageOutcome.MOVING,
                    () -> scene.buffer.range(0, 1).hold(TERMS).close());
            List<Future<?>> defaults = new ArrayList<>();
            for (Step step : List.<Step>of(
                    () -> scene.buffer.pin(Pin.longTerm()).close(),
                    () -> scene.buffer.access(device, AccessMode.READ).close(),
                    () -> scene.buffer.hold().close(),
                    () -> scene.buffer.read(0, MemorySegment.ofArray(new byte[1])),
                    () -> scene.buffer.range(0, 1).fill((byte) 0))) {
                defaults.add(stuck.submit(() -> {
                    long start = System.nanoTime();
                    refusedWithin(SECOND, "a moving page, by default", PageOutcome.MOVING, step);
                    assertThat(Duration.ofNanos(System.nanoTime() - start))
                            .isGreaterThanOrEqualTo(SECOND);
                    return null;
                }));
            }
            long start = System.nanoTime();
            within(
                    SECOND,
                    "close of a buffer with a moving page",
                    () -> assertThatThrownBy(scene.buffer::close)
                            .isInstanceOf(IllegalStateException.class));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(SECOND);
            for (Future<?> each : defaults) {
                each.get();
            }
            within(NOTHING, "prefetch of a moving page", () -> scene.buffer.prefetch(device));
            within(NOTHING, "evict of a moving page", () -> scene.buffer.evict());
            within(NOTHING, "evict of another buffer", () -> other.buffer.evict());
            within(
                    SECOND,
                    "close of the runtime",
                    () -> assertThatThrownBy(runtime::close)
                            .isInstanceOf(IllegalStateException.class));
        } finally {
            gate.open();
            hanging.get();
        }
        scene.checkBytes("after");
        other.checkBytes("after");
    }

    @ParameterizedTest
    @EnumSource
    void roomThatOthersHave_isWaitedForAsLongAsIsPromised(DeviceKind kind) throws Exception {
        Rig rig = rest.open(2L * PAGE, Scene.device(kind));
        PageRuntime runtime = rig.runtime();
        Device device = runtime.device();
        Scene free = Scene.of(runtime, "D");
        Scene taken = Scene.of(runtime, "H");
        Scene wants = Scene.of(runtime, "H");
        Terms reads = TERMS.mode(AccessMode.READ);
        CountDownLatch open = new CountDownLatch(1);
        CountDownLatch close = new CountDownLatch(1);
        Future<?> other = stuck.submit(() -> {
            try (DeviceAccess access = taken.buffer.access(device, AccessMode.READ)) {
                open.countDown();
                close.await();
            }
            return null;
        });
        open.await();
        within(
                NOTHING,
                "access that takes from who holds nothing",
                () -> wants.buffer.access(Terms.defaults(), device).close());
        DeviceAccess own = wants.buffer.access(Terms.defaults(), device);
        noRoomWithin(
                NOTHING,
                "access while all the room is held, by default",
                () -> free.buffer.access(device, AccessMode.READ).close());
        noRoomWithin(
                DEADLINE,
                "the same with a deadline",
                () -> free.buffer.access(reads, device).close());
        within(
                NOTHING,
                "prefetch while all the room is held",
                () -> assertThat(free.buffer.prefetch(device).failure())
                        .containsInstanceOf(OutOfPageMemoryException.class));
        close.countDown();
        other.get();
        PageBuffer both = runtime.allocate(2 * PAGE);
        noRoomWithin(
                NOTHING,
                "access that needs what its own thread holds",
                () -> both.access(reads.deadline(Duration.ofSeconds(10)), device)
                        .close());
        own.close();
        both.access(reads, device).close();
        both.evict();
        Scene.bring(free.buffer, device);
        Scene.bring(taken.buffer, device);
        Gate gate = new Gate();
        rig.faults().arm(1, gate, EnumSet.of(Call.COPY_OUT));
        Future<?> making =
                stuck.submit(() -> both.access(device, AccessMode.READ).close());
        gate.awaitEntered(); // a span is on its way home, and the driver does not answer
        try {
            within(
                    NOTHING,
                    "access that takes from another span meanwhile",
                    () -> wants.buffer.access(reads, device).close());
            own = wants.buffer.access(Terms.defaults(), device);
            noRoomWithin(
                    SECOND,
                    "access while a span is leaving, by default",
                    () -> runtime.allocate(PAGE).access(device, AccessMode.READ).close());
            within(
                    BRIEFLY,
                    "prefetch while a span is leaving",
                    () -> assertThat(runtime.allocate(PAGE).prefetch(device).failure())
                            .containsInstanceOf(OutOfPageMemoryException.class));
            own.close();
        } finally {
            gate.open();
            making.get();
        }
        free.checkBytes("after");
        taken.checkBytes("after");
        wants.checkBytes("after");
    }

    private void noRoomWithin(Duration promised, String what, Step step) throws Exception {
        within(
                promised,
                what,
                () -> assertThatThrownBy(step::run)
                        .as(what)
                        .isInstanceOf(OutOfPageMemoryException.class));
    }

    @Test
    void pageLockThatDoesNotReturn_keepsOnlyThoseWhoPageLockTheSameBuffer() throws Exception {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        PageRuntime runtime = rig.runtime();
        Scene scene = Scene.of(runtime, "HHHH");
        Scene other = Scene.of(runtime, "H");
        Terms locking = Pin.longTerm().pageLocked().shared();
        Pin earlier = scene.buffer.range(0, PAGE).pin(locking);
        Gate gate = new Gate();
        rig.faults().arm(1, gate, EnumSet.of(Call.LOCK));
        Future<Pin> hanging =
                stuck.submit(() -> scene.buffer.range(2 * PAGE, PAGE).pin(locking));
        gate.awaitEntered();
        try {
            refusedWithin(
                    DEADLINE,
                    "page-locked pin of the same buffer",
                    PageOutcome.MOVING,
                    () -> scene.buffer
                            .range(PAGE, PAGE)
                            .pin(locking.deadline(DEADLINE))
                            .close());
            within(
                    NOTHING,
                    "pageLockedBytes",
                    () -> assertThat(runtime.pageLockedBytes()).isEqualTo(PAGE));
            within(NOTHING, "close of a page-locked pin", earlier::close);
            assertThat(runtime.pageLockedBytes()).isZero();
            within(
                    NOTHING,
                    "pin of the same buffer",
                    () -> scene.buffer.range(PAGE, PAGE).pin(TERMS).close());
            within(
                    NOTHING,
                    "page-locked pin of another buffer",
                    () -> other.buffer.pin(locking).close());
        } finally {
            gate.open();
            hanging.get().close();
        }
        assertThat(runtime.pageLockedBytes()).isZero();
    }

    @Test
    void runtimeThatTriesToClose_isWaitedForASecondAtMost() throws Exception {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        PageRuntime runtime = rig.runtime();
        Scene scene = Scene.of(runtime, "D");
        PageBuffer other = runtime.allocate(PAGE);
        Gate gate = new Gate();
        rig.faults().arm(1, gate, EnumSet.of(Call.COPY_OUT));
        Future<?> hanging = stuck.submit(() -> scene.buffer.evict());
        gate.awaitEntered();
        try {
            Future<?> closing = stuck.submit(() ->
                    assertThatThrownBy(runtime::close).isInstanceOf(IllegalStateException.class));
            Thread.sleep(100); // it has its turn by then, most likely, and waits for the page
            within(
                    SECOND,
                    "allocate while the runtime tries to close",
                    () -> runtime.allocate(PAGE).close());
            within(SECOND, "close of a buffer meanwhile", other::close);
            closing.get();
        } finally {
            gate.open();
            hanging.get();
        }
        scene.checkBytes("after");
    }

    /**
     * The driver does not come back from the end of the device: everything else is over, and says
     * so.
     */
    @Test
    void deviceThatDoesNotClose_keepsOnlyWhoClosesIt() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        class Endless extends ForwardingDevice {
            Endless() {
                super(Scene.device(DeviceKind.COHERENT));
            }

            @Override
            public void close() {
                entered.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException interrupted) {
                    throw new AssertionError(interrupted);
                }
                super.close();
            }
        }
        PageRuntime runtime = rest.openPlain(new Endless());
        Scene scene = Scene.of(runtime, "DH");
        Future<?> closing = stuck.submit(() -> runtime.close());
        entered.await();
        try {
            within(NOTHING, "close of a closed buffer", scene.buffer::close);
            within(
                    NOTHING,
                    "allocate on a closed runtime",
                    () -> assertThatThrownBy(() -> runtime.allocate(PAGE))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("closed"));
            within(
                    NOTHING,
                    "usedBytes",
                    () -> assertThat(runtime.device().usedBytes()).isZero());
            within(
                    SECOND,
                    "second close of the runtime",
                    () -> assertThatThrownBy(runtime::close)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("another thread"));
        } finally {
            goOn.countDown();
            closing.get();
        }
        runtime.close();
    }

    // ---- asynchronous operations ----

    /** {@return what a future has; throws what ended it} */
    private static <T> T got(CompletableFuture<T> future) throws Exception {
        try {
            return future.get(1, TimeUnit.MINUTES);
        } catch (ExecutionException failed) {
            throw (Exception) failed.getCause();
        }
    }

    @ParameterizedTest
    @EnumSource
    void asynchronousOperation_endsWhenItsSynchronousFormWould(DeviceKind kind) throws Exception {
        Rig rig = rest.open(Scene.device(kind));
        PageRuntime runtime = rig.runtime();
        Scene scene = Scene.of(runtime, "DH");
        PageRange moving = scene.buffer.range(0, PAGE);
        Gate gate = new Gate();
        rig.faults().arm(1, gate, EnumSet.of(Call.COPY_OUT));
        Future<?> hanging = stuck.submit(() -> moving.evict());
        gate.awaitEntered();
        try {
            AtomicReference<CompletableFuture<Pin>> waits = new AtomicReference<>();
            Terms patient = Terms.defaults().deadline(Duration.ofMinutes(5));
            within(NOTHING, "pinAsync", () -> waits.set(moving.pinAsync(patient)));
            within(
                    NOTHING,
                    "cancelling it while it waits",
                    () -> assertThat(waits.get().cancel(true)).isTrue());
            refusedWithin(
                    DEADLINE,
                    "the future of a pin of a moving page",
                    PageOutcome.MOVING,
                    () -> got(moving.pinAsync(TERMS)).close());
            refusedWithin(
                    SECOND,
                    "the same, by default",
                    PageOutcome.MOVING,
                    () -> got(moving.pinAsync(Pin.longTerm())).close());
            within(
                    NOTHING,
                    "the future of an evict of a moving page",
                    () -> assertThat(got(moving.evictAsync()).complete()).isFalse());
            within(
                    NOTHING,
                    "the future of a pin of another page",
                    () -> got(scene.buffer.range(PAGE, PAGE).pinAsync(TERMS)).close());
        } finally {
            gate.open();
            hanging.get();
        }
        scene.checkBytes("after");
    }

    @ParameterizedTest
    @EnumSource
    void asynchronousOperation_thatAThreadIsAt_keepsACloseForASecond(DeviceKind kind)
            throws Exception {
        Rig rig = rest.open(Scene.device(kind));
        PageRuntime runtime = rig.runtime();
        Scene scene = Scene.of(runtime, "D");
        Gate gate = new Gate();
        rig.faults().arm(1, gate, EnumSet.of(Call.COPY_OUT));
        CompletableFuture<MoveReport> hanging = scene.buffer.evictAsync();
        gate.awaitEntered();
        try {
            within(
                    SECOND,
                    "close of a buffer with an asynchronous operation",
                    () -> assertThatThrownBy(scene.buffer::close)
                            .isInstanceOf(IllegalStateException.class));
            within(
                    SECOND,
                    "close of its runtime",
                    () -> assertThatThrownBy(runtime::close)
                            .isInstanceOf(IllegalStateException.class));
        } finally {
            gate.open();
        }
        assertThatThrownBy(() -> got(hanging)).isInstanceOf(IllegalStateException.class);
        scene.checkBytes("after");
    }

    @ParameterizedTest
    @EnumSource
    void prefetchAsync_thatNeedsMemoryThatIsBeingTaken_saysSoBriefly(DeviceKind kind)
            throws Exception {
        Rig rig = rest.open(64L << 20, Scene.device(kind));
        Device device = rig.runtime().device();
        PageBuffer large = rig.runtime().allocate(32L << 20);
        PageBuffer another = rig.runtime().allocate(8L << 20);
        Gate gate = new Gate();
        rig.faults().arm(1, gate, EnumSet.of(Call.ALLOCATE));
        Future<?> hanging = stuck.submit(() -> large.prefetch(device));
        gate.awaitEntered();
        try {
            within(
                    BRIEFLY,
                    "the future of a prefetch that needs the memory",
                    () -> assertThat(got(another.prefetchAsync(device)).failure())
                            .containsInstanceOf(PagesBusyException.class));
        } finally {
            gate.open();
            hanging.get();
        }
    }

    @Test
    void closeAsync_returnsWhileTheWorkGoesOn() throws Exception {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "H");
        ToldWork work = new ToldWork();
        DeviceAccess access =
                scene.buffer.access(Terms.defaults().shared(), rig.runtime().device());
        access.completesWith(work);
        AtomicReference<CompletableFuture<Void>> closing = new AtomicReference<>();
        within(NOTHING, "closeAsync", () -> closing.set(access.closeAsync()));
        assertThat(closing.get()).isNotDone();
        work.end();
        work.tell();
        got(closing.get());
    }

    // ---- the constants ----

    @Test
    void hold_ofAWantedPage_givesWayTenMilliseconds() throws Exception {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        Scene scene = Scene.of(runtime, "D");
        Duration shortest = SECOND;
        // A busy machine wakes it late now and then; a longer pause is always longer.
        for (int n = 0; n < 5 || n < 50 && shortest.compareTo(BRIEFLY) >= 0; n++) {
            Hold hold = scene.buffer.hold();
            Future<?> waiting = stuck.submit(() -> scene.buffer
                    .pin(Pin.longTerm().deadline(SECOND.multipliedBy(30)))
                    .close());
            while (!io.highpage.internal.page.PageWord.is(
                    ((ManagedBuffer) scene.buffer).word(0),
                    io.highpage.internal.page.PageWord.WANTED)) {
                Thread.onSpinWait();
            }
            Duration taken = stuck.submit(() -> {
                        long start = System.nanoTime();
                        scene.buffer.hold().close();
                        return Duration.ofNanos(System.nanoTime() - start);
                    })
                    .get();
            assertThat(taken).isGreaterThanOrEqualTo(Duration.ofMillis(10));
            shortest = taken.compareTo(shortest) < 0 ? taken : shortest;
            hold.close();
            waiting.get();
            Scene.bring(scene.buffer, runtime.device());
        }
        print("hold of a wanted page, the shortest", Duration.ofMillis(10), shortest);
        assertThat(shortest).isLessThan(BRIEFLY);
    }

    @Test
    void batches_areOf32MiB() {
        AtomicLong largest = new AtomicLong();
        class Measured extends ForwardingDevice {
            Measured() {
                super(Scene.device(DeviceKind.PRIVATE));
            }

            @Override
            public Extent allocate(long byteSize) {
                return new ForwardingExtent(super.allocate(byteSize)) {
                    @Override
                    public void copyIn(long base, MemorySegment window, PageRuns runs) {
                        largest.accumulateAndGet(runs.totalBytes(), Math::max);
                        super.copyIn(base, window, runs);
                    }

                    @Override
                    public void copyOut(long base, MemorySegment window, PageRuns runs) {
                        largest.accumulateAndGet(runs.totalBytes(), Math::max);
                        super.copyOut(base, window, runs);
                    }
                };
            }
        }
        PageRuntime runtime = rest.open(new Measured()).runtime();
        PageBuffer buffer = runtime.allocate(80L << 20, 2L << 20);
        buffer.fill((byte) 1);
        assertThat(buffer.prefetch(runtime.device()).complete()).isTrue();
        assertThat(largest.getAndSet(0)).as("most bytes in one copy in").isEqualTo(32L << 20);
        Scene.bring(buffer, runtime.device());
        assertThat(buffer.evict().complete()).isTrue();
        assertThat(largest.getAndSet(0)).as("most bytes in one copy out").isEqualTo(32L << 20);
        Scene.bring(buffer, runtime.device());
        buffer.pin(Pin.longTerm()).close();
        assertThat(largest.getAndSet(0)).as("most bytes in one copy of a pin").isEqualTo(32L << 20);
        Scene.bring(buffer, runtime.device());
        largest.set(0);
        try (Arena arena = Arena.ofConfined()) {
            buffer.read(0, arena.allocate(buffer.byteSize()));
        }
        assertThat(largest.get()).as("most bytes under one hold of a read").isEqualTo(16L << 20);
    }

    // ---- a device that dies ----

    @ParameterizedTest
    @EnumSource
    void deviceThatDied_makesNobodyWait(DeviceKind kind) throws Exception {
        Rig rig = rest.open(Scene.device(kind));
        PageRuntime runtime = rig.runtime();
        Scene scene = Scene.of(runtime, "DHDH");
        Gate gate = new Gate();
        rig.faults()
                .arm(
                        1,
                        call -> {
                            gate.instead(call);
                            rig.faults().lose(rig.device());
                            Faults.LOSE.instead(call);
                        },
                        EnumSet.of(Call.COPY_OUT));
        Future<?> dying = stuck.submit(() -> scene.buffer.range(0, PAGE).evict());
        gate.awaitEntered();
        gate.open();
        dying.get();
        within(
                NOTHING,
                "pin of a lost page",
                () -> assertThatThrownBy(() -> scene.buffer.range(0, 1).pin(TERMS))
                        .isInstanceOf(DeviceLostException.class));
        within(
                NOTHING,
                "pin at home",
                () -> scene.buffer.range(PAGE, 1).pin(TERMS).close());
        within(NOTHING, "prefetch", () -> scene.buffer.prefetch(runtime.device()));
        within(NOTHING, "evict", () -> scene.buffer.evict());
        within(NOTHING, "close of the buffer", scene.buffer::close);
        within(NOTHING, "close of the runtime", runtime::close);
    }

    // ---- beside 20,000 virtual threads ----

    /** A driver each of whose calls takes its time, without a carrier meanwhile. */
    private static final class Slow extends ForwardingDevice {
        Slow(DeviceKind kind) {
            super(
                    kind == DeviceKind.COHERENT
                            ? HostDevice.coherent(1L << 30)
                            : HostDevice.privateMemory(1L << 30));
        }

        private static void takesTime() {
            LockSupport.parkNanos(200_000);
        }

        @Override
        public Extent allocate(long byteSize) {
            takesTime();
            return new ForwardingExtent(super.allocate(byteSize)) {
                @Override
                public io.highpage.device.DeviceView view(long offset, long bytes) {
                    takesTime();
                    return super.view(offset, bytes);
                }

                @Override
                public void copyIn(long base, MemorySegment window, PageRuns runs) {
                    takesTime();
                    super.copyIn(base, window, runs);
                }

                @Override
                public void copyOut(long base, MemorySegment window, PageRuns runs) {
                    takesTime();
                    super.copyOut(base, window, runs);
                }
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void deadlines_besideTwentyThousandVirtualThreads_hold(DeviceKind kind) throws Exception {
        PageRuntime runtime = rest.openPlain(new Slow(kind));
        Device device = runtime.device();
        List<PageBuffer> shared = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            PageBuffer buffer = runtime.allocate(64L * PAGE);
            buffer.fill((byte) i);
            shared.add(buffer);
        }
        AtomicReference<Throwable> wrong = new AtomicReference<>();
        long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
        List<Thread> virtual = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            int n = i;
            virtual.add(Thread.ofVirtual().start(() -> {
                while (System.nanoTime() < end && wrong.get() == null) {
                    LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(500_000_000));
                    use(shared.get(n % 8), device, n, wrong);
                }
            }));
        }
        List<Future<?>> platform = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            int n = t;
            platform.add(stuck.submit(() -> {
                besides(runtime, shared.get(n), device, kind, end);
                return null;
            }));
        }
        for (Future<?> each : platform) {
            each.get();
        }
        for (Thread each : virtual) {
            each.join();
        }
        assertThat(wrong.get()).isNull();
        assertThat(device.usedBytes()).isLessThanOrEqualTo(8 * 64L * PAGE);
    }

    private static void use(
            PageBuffer buffer, Device device, int n, AtomicReference<Throwable> wrong) {
        long at = (n / 8) % 64 * (long) PAGE;
        try {
            switch (n % 5) {
                case 0, 1 -> buffer.range(at, PAGE).prefetch(device);
                case 2 -> buffer.range(at, PAGE).evict();
                case 3 -> buffer.range(at, 1).pin(TERMS).close();
                default -> {
                    try (DeviceAccess access =
                            buffer.range(at, 1).access(TERMS.mode(AccessMode.READ), device)) {
                        Thread.yield();
                    }
                }
            }
        } catch (PagesBusyException busy) {
            // As it should be.
        } catch (Throwable failure) {
            wrong.set(failure);
        }
    }

    private void besides(
            PageRuntime runtime, PageBuffer buffer, Device device, DeviceKind kind, long end)
            throws Exception {
        long[] longest = new long[6];
        int[] late = new int[6];
        int rounds = 0;
        String[] names = {"pin", "evict", "prefetch", "access", "usedBytes", "allocate and close"};
        Duration[] promised = {DEADLINE, NOTHING, BRIEFLY, DEADLINE, NOTHING, NOTHING};
        for (; rounds == 0 || System.nanoTime() < end; rounds++) {
            Step[] steps = {
                () -> buffer.range(0, 1).pin(TERMS).close(),
                () -> buffer.range(0, PAGE).evict(),
                () -> buffer.range(0, PAGE).prefetch(device),
                () -> buffer.range(0, 1)
                        .access(TERMS.mode(AccessMode.READ), device)
                        .close(),
                () -> device.usedBytes(),
                () -> runtime.allocate(PAGE).close()
            };
            for (int i = 0; i < steps.length; i++) {
                long start = System.nanoTime();
                try {
                    steps[i].run();
                } catch (PagesBusyException busy) {
                    // Within its deadline, that is measured.
                }
                long nanos = System.nanoTime() - start;
                longest[i] = Math.max(longest[i], nanos);
                late[i] += Promises.isLate(promised[i], Duration.ofNanos(nanos)) ? 1 : 0;
            }
        }
        for (int i = 0; i < longest.length; i++) {
            String what = names[i] + " beside 20,000 virtual threads, " + kind;
            print(what, promised[i], Duration.ofNanos(longest[i]));
            if (late[i] * 4 > rounds) { // 20,000 threads that get to run keep others from it, too
                promises.measured(promised[i], what, Duration.ofNanos(longest[i]));
            }
        }
    }
}
