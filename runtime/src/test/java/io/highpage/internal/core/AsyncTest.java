// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Holder;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.Completion;
import io.highpage.device.DeviceKind;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;
import io.highpage.internal.async.Workers;
import io.highpage.internal.close.Closes;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.internal.log.ThreadWords;
import io.highpage.internal.page.PageWord;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HolderInfo;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Strength;
import io.highpage.outcome.Terms;
import io.highpage.testkit.Eventually;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.Faults.Call;
import io.highpage.testkit.faults.ForwardingDevice;
import io.highpage.testkit.faults.ForwardingExtent;
import io.highpage.testkit.faults.Gate;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/** Asynchronous operations: what they do, whom they wait for, and how they end. */
@Timeout(300)
class AsyncTest {
    private static final Terms PATIENT = Terms.defaults().deadline(Duration.ofMinutes(5));
    private static final long MINUTE = 60;

    @RegisterExtension
    final AtRest rest = new AtRest();

    private Rig open(DeviceKind kind) {
        return rest.open(64L << 20, Scene.device(kind));
    }

    private static <T> T got(CompletableFuture<T> future) throws Exception {
        return future.get(MINUTE, TimeUnit.SECONDS);
    }

    /** Waits until an operation waits for a page: it is marked as wanted then. */
    private static void awaitWaiting(PageBuffer buffer, long page) {
        Eventually.becomes("page " + page + " is wanted", () -> isWanted(buffer, page));
    }

    private static boolean isWanted(PageBuffer buffer, long page) {
        return (((ManagedBuffer) buffer).word(page) & PageWord.WANTED) != 0;
    }

    /** Waits until no thread is at an operation any more. */
    private static void awaitIdle(PageRuntime runtime) {
        Eventually.becomes("idle", () -> runtime.workers().underWay() == 0);
    }

    private static void assertCancelled(CompletableFuture<?> future) {
        assertThat(future).isCancelled();
        assertThatThrownBy(future::join).isInstanceOf(CancellationException.class);
        assertThatThrownBy(future::get).isInstanceOf(CancellationException.class);
    }

    private static Throwable failure(CompletableFuture<?> future) {
        Throwable thrown = catchThrowable(() -> got(future));
        assertThat(thrown).isInstanceOf(ExecutionException.class);
        return thrown.getCause();
    }

    /** A device whose copies wait until they are let go. */
    private static final class Slow extends ForwardingDevice {
        final Semaphore inside = new Semaphore(0);
        final CountDownLatch open = new CountDownLatch(1);

        Slow(DeviceKind kind) {
            super(Scene.device(kind));
        }

        @Override
        public Extent allocate(long byteSize) {
            return new ForwardingExtent(super.allocate(byteSize)) {
                @Override
                public void copyIn(long base, MemorySegment window, PageRuns runs) {
                    inside.release();
                    try {
                        open.await();
                    } catch (InterruptedException interrupted) {
                        throw new AssertionError("nobody interrupts it", interrupted);
                    }
                    super.copyIn(base, window, runs);
                }
            };
        }

        /** Waits until all threads of a runtime are inside. */
        void awaitAllInside() {
            inside.acquireUninterruptibly(Workers.threads());
        }
    }

    /** Has all threads of a runtime copy, and not come back. */
    private static List<CompletableFuture<MoveReport>> fill(PageRuntime runtime, Slow slow) {
        List<CompletableFuture<MoveReport>> filling = new ArrayList<>();
        for (int i = 0; i < Workers.threads(); i++) {
            PageBuffer buffer = runtime.allocate(Scene.PAGE);
            buffer.fill((byte) i);
            filling.add(buffer.prefetchAsync(runtime.device()));
        }
        slow.awaitAllInside();
        return filling;
    }

    // ---- each does what its synchronous form does ----

    @ParameterizedTest
    @EnumSource
    void moves_bringPagesThereAndBack(DeviceKind kind) throws Exception {
        Rig rig = open(kind);
        Scene scene = Scene.of(rig.runtime(), "HDBH.D");
        Device device = rig.runtime().device();
        assertThat(got(scene.buffer.prefetchAsync(device)).complete()).isTrue();
        assertThat(scene.places()).isEqualTo("BDBBDD");
        scene.checkBytes("prefetched");
        MoveReport home = got(scene.buffer.range(0, 2 * Scene.PAGE).evictAsync());
        assertThat(home.outcomes().count(PageOutcome.MOVED)).isPositive();
        assertThat(scene.places()).startsWith("HH");
        scene.checkBytes("evicted");
    }

    @ParameterizedTest
    @EnumSource
    void holders_areSharedAndKeepPages(DeviceKind kind) throws Exception {
        Rig rig = open(kind);
        Scene scene = Scene.of(rig.runtime(), "DHDB.D");
        Device device = rig.runtime().device();
        try (Pin pin = got(scene.buffer.pinAsync(Terms.defaults()))) {
            assertThat(scene.places()).isEqualTo("HHHHHH");
            assertThat(pin.segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(scene.bytes);
            assertThat(pin.verify().isConfirmed()).isTrue();
            Thread other = Thread.ofPlatform().start(pin::close);
            other.join();
            assertThat(pin.isOpen()).isFalse();
        }
        for (AccessMode mode : AccessMode.values()) {
            DeviceAccess access =
                    got(scene.buffer.accessAsync(Terms.defaults().mode(mode), device));
            assertThat(scene.places()).doesNotContain("H");
            assertThat(rig.runtime().holders()).hasSize(1);
            access.close();
        }
        // What an overwriting access leaves is undefined.
    }

    @Test
    void pins_canBePageLockedAndBare() throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        Scene scene = Scene.of(rig.runtime(), "DHDB");
        try (Pin pin = got(scene.buffer.pinAsync(Terms.defaults().pageLocked()))) {
            assertThat(pin.strength()).isEqualTo(Strength.PAGE_LOCKED);
            assertThat(rig.runtime().pageLockedBytes()).isEqualTo(4L * Scene.PAGE);
        }
        got(scene.buffer.pinAsync(Terms.defaults().bare())).close();
        CompletableFuture<Pin> dropped = scene.buffer.pinAsync(Terms.defaults().pageLocked());
        Eventually.becomes("done", dropped::isDone);
        assertThat(dropped.cancel(true)).isTrue();
        assertThat(rig.runtime().pageLockedBytes()).isZero();
    }

    @Test
    void wrongArguments_areThrownAtOnce() {
        Rig rig = open(DeviceKind.COHERENT);
        Rig another = open(DeviceKind.COHERENT);
        PageBuffer buffer = rig.runtime().allocate(Scene.PAGE);
        Device foreign = another.runtime().device();
        assertThatThrownBy(() -> buffer.pinAsync(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> buffer.prefetchAsync(null))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> buffer.prefetchAsync(foreign))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> buffer.accessAsync(Terms.defaults(), foreign))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> buffer.accessAsync(
                        Terms.defaults().bare(), rig.runtime().device()))
                .isInstanceOf(IllegalArgumentException.class);
        buffer.close();
        assertThatThrownBy(buffer::evictAsync).isInstanceOf(IllegalStateException.class);
        assertThat(rig.runtime().workers().underWay()).isZero();
    }

    // ---- waiting ----

    @ParameterizedTest
    @EnumSource
    void whatIsKept_isWaitedForWithoutAThread(DeviceKind kind) throws Exception {
        Rig rig = open(kind);
        PageRuntime runtime = rig.runtime();
        Scene scene = Scene.of(runtime, "HHDD");
        Scene other = Scene.of(runtime, "DH");
        DeviceAccess mine =
                scene.buffer.range(2 * Scene.PAGE, 1).access(runtime.device(), AccessMode.READ);
        List<CompletableFuture<Pin>> waiting = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            waiting.add(scene.buffer.pinAsync(PATIENT.mode(AccessMode.READ)));
        }
        awaitWaiting(scene.buffer, 2);
        // The threads are free for others.
        got(other.buffer.pinAsync(Terms.defaults())).close();
        assertThat(waiting).noneMatch(CompletableFuture::isDone);
        mine.close();
        for (CompletableFuture<Pin> each : waiting) {
            got(each).close();
        }
        scene.checkBytes("pinned");
        assertThat(isWanted(scene.buffer, 2)).isFalse();
    }

    @Test
    void accessWaitsForRoom_thatTheCallerHolds() throws Exception {
        Rig rig = rest.open(4L * Scene.PAGE, Scene.device(DeviceKind.COHERENT));
        Device device = rig.runtime().device();
        Scene full = Scene.of(rig.runtime(), "HHHH");
        Scene next = Scene.of(rig.runtime(), "HHHH");
        DeviceAccess mine = full.buffer.access(device, AccessMode.READ);
        CompletableFuture<DeviceAccess> later = next.buffer.accessAsync(PATIENT, device);
        Eventually.becomes("counted", () -> rig.runtime().workers().underWay() == 1);
        Terms brief = Terms.defaults().deadline(Duration.ofMillis(20));
        // Its last look may fall into one of the other's, and is then told of that.
        Eventually.becomes(
                "told who has the room",
                () -> failure(next.buffer.accessAsync(brief, device))
                        .getMessage()
                        .contains("access of bytes 0.."));
        assertThat(later).isNotDone();
        mine.close();
        got(later).close();
        next.checkBytes("accessed");
    }

    @Test
    void deadline_endsWithTheSameError() throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        Scene scene = Scene.of(rig.runtime(), "HHDD");
        Terms named = Terms.defaults().mode(AccessMode.READ_WRITE).owner("kernel 7");
        try (DeviceAccess access = scene.buffer
                .range(3 * Scene.PAGE, 1)
                .access(named, rig.runtime().device())) {
            for (Terms terms :
                    List.of(Terms.defaults(), Terms.defaults().deadline(Duration.ofMillis(20)))) {
                Throwable failure = failure(scene.buffer.pinAsync(terms));
                assertThat(failure)
                        .isInstanceOf(PagesBusyException.class)
                        .hasMessageContaining("kernel 7");
                PagesBusyException busy = (PagesBusyException) failure;
                assertThat(busy.page()).isEqualTo(3);
                assertThat(busy.reason()).isEqualTo(PageOutcome.ACCESSED);
                Throwable same = catchThrowable(() -> scene.buffer.pin(terms));
                assertThat(failure.getMessage().replaceAll("\\d+ ms", ""))
                        .isEqualTo(same.getMessage().replaceAll("\\d+ ms", ""));
            }
        }
        awaitIdle(rig.runtime());
    }

    @Test
    void pagesThatMove_areWaitedFor() throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        Scene scene = Scene.of(rig.runtime(), "HHHH");
        Gate gate = new Gate();
        rig.faults().arm(1, gate, EnumSet.of(Call.COPY_IN));
        CompletableFuture<MoveReport> copies =
                scene.buffer.prefetchAsync(rig.runtime().device());
        gate.awaitEntered();
        CompletableFuture<Pin> pin = scene.buffer.pinAsync(PATIENT);
        MoveReport skipped = got(scene.buffer.evictAsync());
        assertThat(skipped.outcomes().count(PageOutcome.MOVING)).isEqualTo(4);
        assertThat(pin).isNotDone();
        gate.open();
        assertThat(got(copies).complete()).isTrue();
        got(pin).close();
        scene.checkBytes("pinned");
    }

    @Test
    void moreThanTheMost_areRefusedAndCanBeAskedForAgain() throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        Scene scene = Scene.of(rig.runtime(), "HHDD");
        DeviceAccess mine = scene.buffer.access(rig.runtime().device(), AccessMode.READ_WRITE);
        List<CompletableFuture<Pin>> waiting = new ArrayList<>();
        for (int i = 0; i < Workers.OPERATIONS_MAX; i++) {
            waiting.add(scene.buffer.pinAsync(PATIENT));
        }
        CompletableFuture<MoveReport> more = scene.buffer.evictAsync();
        assertThat(more).isCompletedExceptionally();
        assertThat(failure(more))
                .isInstanceOf(PagesBusyException.class)
                .hasMessageContaining("4096 are under way");
        waiting.forEach(each -> assertThat(each.cancel(true)).isTrue());
        awaitIdle(rig.runtime());
        mine.close();
        assertThat(got(scene.buffer.evictAsync()).complete()).isTrue();
    }

    @Test
    void virtualThreadsThatWait_haveNoCarrier() throws Exception {
        Slow slow = new Slow(DeviceKind.COHERENT);
        Rig rig = rest.open(64L << 20, slow);
        PageRuntime runtime = rig.runtime();
        int many = 4 * Runtime.getRuntime().availableProcessors() + 16;
        List<CompletableFuture<MoveReport>> futures = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            PageBuffer buffer = runtime.allocate(Scene.PAGE);
            buffer.fill((byte) i);
            futures.add(buffer.prefetchAsync(runtime.device()));
        }
        slow.awaitAllInside();
        CountDownLatch waiting = new CountDownLatch(many);
        List<Thread> threads = new ArrayList<>();
        for (CompletableFuture<MoveReport> each : futures) {
            threads.add(Thread.startVirtualThread(() -> {
                waiting.countDown();
                each.join();
            }));
        }
        waiting.await();
        // Each has begun to wait, and there are more than carriers: this one needs another.
        Thread another = Thread.startVirtualThread(() -> {});
        another.join();
        slow.open.countDown();
        for (Thread each : threads) {
            each.join();
        }
    }

    // ---- cancelling, at every step ----

    @Test
    void cancelledWhileQueued_neverBegins() throws Exception {
        Slow slow = new Slow(DeviceKind.COHERENT);
        Rig rig = rest.open(64L << 20, slow);
        Scene scene = Scene.of(rig.runtime(), "HHHH");
        List<CompletableFuture<MoveReport>> filling = fill(rig.runtime(), slow);
        CompletableFuture<DeviceAccess> queued =
                scene.buffer.accessAsync(PATIENT, rig.runtime().device());
        assertThat(queued.cancel(true)).isTrue();
        assertCancelled(queued);
        slow.open.countDown();
        for (CompletableFuture<MoveReport> each : filling) {
            assertThat(got(each).complete()).isTrue();
        }
        awaitIdle(rig.runtime());
        assertThat(scene.places()).isEqualTo("HHHH");
    }

    @Test
    void cancelledWhileItWaits_endsAtOnce() throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        Scene scene = Scene.of(rig.runtime(), "HHDD");
        DeviceAccess mine = scene.buffer
                .range(3 * Scene.PAGE, 1)
                .access(rig.runtime().device(), AccessMode.READ_WRITE);
        CompletableFuture<Pin> waits = scene.buffer.pinAsync(PATIENT);
        awaitWaiting(scene.buffer, 3);
        ManagedBuffer buffer = (ManagedBuffer) scene.buffer;
        assertThat(PageWord.pins(buffer.word(0))).isEqualTo(1);
        // Until it is put aside a thread is at it, which then gives back; a moment at most.
        assertThat(waits.cancel(true)).isTrue();
        assertCancelled(waits);
        awaitIdle(rig.runtime());
        assertThat(PageWord.pins(buffer.word(0))).isZero();
        assertThat(isWanted(buffer, 3)).isFalse();
        mine.close();
    }

    @Test
    void cancelledWhileItCopies_givesEverythingBack() throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        Scene scene = Scene.of(rig.runtime(), "HHHH");
        Gate gate = new Gate();
        rig.faults().arm(1, gate, EnumSet.of(Call.COPY_IN));
        CompletableFuture<DeviceAccess> copies =
                scene.buffer.accessAsync(PATIENT, rig.runtime().device());
        gate.awaitEntered();
        assertThat(copies.cancel(true)).isTrue();
        assertCancelled(copies);
        gate.open();
        awaitIdle(rig.runtime());
        Eventually.becomes("given back", () -> rig.runtime().holders().isEmpty());
        scene.checkBytes("cancelled");
        scene.buffer.close();
    }

    @Test
    void cancelledWhenItIsThere_givesItsHolderBack() throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        Scene scene = Scene.of(rig.runtime(), "HHDD");
        CompletableFuture<Pin> done = scene.buffer.pinAsync(PATIENT);
        CompletableFuture.allOf(done).get(MINUTE, TimeUnit.SECONDS);
        assertThat(rig.runtime().holders()).hasSize(1);
        assertThat(done.cancel(true)).isTrue();
        assertCancelled(done);
        assertThat(rig.runtime().holders()).isEmpty();
        assertThat(done.cancel(true)).isTrue();
    }

    /** Where the stack ends a cancel does nothing, or all. */
    @Test
    void cancelledWhereTheStackEnds_leavesNothing() throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        Scene scene = Scene.of(rig.runtime(), "HHDD");
        for (int i = 0; i < 20; i++) {
            CompletableFuture<Pin> pin = scene.buffer.range(0, Scene.PAGE).pinAsync(PATIENT);
            CompletableFuture.allOf(pin).get(MINUTE, TimeUnit.SECONDS);
            // The first one loads classes, which takes more stack than anything else.
            Runnable cancel = i == 0 ? () -> pin.cancel(true) : () -> cancelFromTheEnd(pin);
            Thread deep = new Thread(null, cancel, "deep", 256 << 10);
            deep.start();
            deep.join();
            assertCancelled(pin);
            // By a thread with a stack of its own, where that one's was too short for a close.
            Eventually.becomes("given back", () -> rig.runtime().holders().isEmpty());
        }
    }

    private static void cancelFromTheEnd(CompletableFuture<?> future) {
        try {
            cancelFromTheEnd(future);
        } catch (StackOverflowError end) {
            // Here, then, or where there is more room.
        }
        if (!future.isCancelled()) {
            boolean ignored = future.cancel(true);
        }
    }

    @Test
    void cancelledWhenItWasTaken_staysTheCallers() throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        Scene scene = Scene.of(rig.runtime(), "HHDD");
        CompletableFuture<Pin> done = scene.buffer.pinAsync(PATIENT);
        Pin pin = got(done);
        assertThat(done.cancel(true)).isFalse();
        assertThat(done).isNotCancelled();
        assertThat(pin.isOpen()).isTrue();
        assertThat(done.join()).isSameAs(pin);
        assertThatThrownBy(scene.buffer::close).isInstanceOf(IllegalStateException.class);
        pin.close();
    }

    @Test
    void timeout_endsIt() throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        Scene scene = Scene.of(rig.runtime(), "HHDD");
        DeviceAccess mine = scene.buffer.access(rig.runtime().device(), AccessMode.READ_WRITE);
        CompletableFuture<Pin> late =
                scene.buffer.pinAsync(PATIENT).orTimeout(10, TimeUnit.MILLISECONDS);
        assertThat(failure(late)).isInstanceOf(TimeoutException.class);
        awaitIdle(rig.runtime());
        assertThat(rig.runtime().holders()).hasSize(1);
        mine.close();
    }

    // ---- closing ----

    @Test
    void futureThatNobodyAwaits_isNamedAndGivenBackByTheClose() {
        Rig rig = open(DeviceKind.COHERENT);
        Scene scene = Scene.of(rig.runtime(), "HHDD");
        CompletableFuture<Pin> forgotten = scene.buffer.pinAsync(PATIENT.owner("forgotten pin"));
        Eventually.becomes("done", forgotten::isDone);
        HolderInfo info = rig.runtime().holders().getFirst();
        assertThat(info.toString())
                .contains("forgotten pin")
                .contains("by thread " + ThreadWords.of(Thread.currentThread()) + " ")
                .endsWith(" ms ago, in a future that nobody has taken");
        assertThat(info.thread()).isEqualTo(Thread.currentThread().getName());
        scene.buffer.close();
        assertThatThrownBy(forgotten::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void holderThatWasTaken_isNamedAfterWhoAskedForIt() throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        Scene scene = Scene.of(rig.runtime(), "HHDD");
        try (Pin pin = got(scene.buffer.pinAsync(PATIENT))) {
            assertThat(rig.runtime().holders().getFirst().toString())
                    .contains("by thread " + Thread.currentThread().getName() + " ")
                    .contains("#" + Thread.currentThread().threadId());
            assertThatThrownBy(scene.buffer::close)
                    .hasMessageContaining("by thread " + Thread.currentThread().getName() + " ");
        }
    }

    private enum Closing {
        BUFFER,
        RUNTIME
    }

    @ParameterizedTest
    @EnumSource
    void close_endsFuturesInEveryState(Closing what) throws Exception {
        Slow slow = new Slow(DeviceKind.COHERENT);
        Rig rig = rest.open(64L << 20, slow, Scene.device(DeviceKind.COHERENT));
        PageRuntime runtime = rig.runtime();
        Device second = runtime.devices().getLast();
        Scene scene = Scene.of(runtime, second, "HHDD");
        CompletableFuture<Pin> untaken = scene.buffer.range(0, 1).pinAsync(PATIENT);
        CompletableFuture.allOf(untaken).get(MINUTE, TimeUnit.SECONDS);
        // It waits for the pin that nobody takes.
        CompletableFuture<DeviceAccess> waits = scene.buffer.accessAsync(PATIENT, second);
        awaitWaiting(scene.buffer, 0);
        List<CompletableFuture<MoveReport>> filling = fill(runtime, slow);
        CompletableFuture<MoveReport> queued = scene.buffer.evictAsync();
        if (what == Closing.RUNTIME) {
            // Its pages move, so it is refused; but all have ended.
            assertThatThrownBy(runtime::close).isInstanceOf(IllegalStateException.class);
        } else {
            scene.buffer.close();
            assertThat(filling).noneMatch(CompletableFuture::isDone);
        }
        for (CompletableFuture<?> each : List.of(untaken, waits, queued)) {
            assertThat(failure(each))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
        slow.open.countDown();
        awaitIdle(runtime);
        runtime.close();
    }

    @Test
    void closeThatSomebodysHolderRefuses_endsNoFuture() throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        Scene scene = Scene.of(rig.runtime(), "HHDD");
        DeviceAccess mine = scene.buffer
                .range(3 * Scene.PAGE, 1)
                .access(rig.runtime().device(), AccessMode.READ_WRITE);
        CompletableFuture<Pin> untaken = scene.buffer.range(0, 1).pinAsync(PATIENT);
        CompletableFuture.allOf(untaken).get(MINUTE, TimeUnit.SECONDS);
        CompletableFuture<Pin> waits = scene.buffer.pinAsync(PATIENT);
        assertThatThrownBy(scene.buffer::close).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(rig.runtime()::close).isInstanceOf(IllegalStateException.class);
        mine.close();
        got(untaken).close();
        got(waits).close();
    }

    @Test
    void closedRuntime_endsWhatComesLate() throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        Scene scene = Scene.of(rig.runtime(), "HH");
        CompletableFuture<Void> event = new CompletableFuture<>();
        CompletableFuture<DeviceAccess> later = ((ManagedBuffer) scene.buffer)
                .range(0, 1)
                .accessAsync(PATIENT, rig.runtime().device(), work(event));
        rig.runtime().close();
        assertThat(failure(later)).isInstanceOf(IllegalStateException.class);
        event.complete(null); // a callback that comes after the close
        assertThat(failure(later)).isInstanceOf(IllegalStateException.class);
        assertThat(rig.runtime().workers().underWay()).isZero();
    }

    // ---- what fails ----

    /** Asks for something of a whole scene. */
    private enum Asking {
        PREFETCH {
            @Override
            CompletableFuture<?> ask(Scene scene, Device device) {
                return scene.buffer.prefetchAsync(device);
            }
        },
        EVICT {
            @Override
            CompletableFuture<?> ask(Scene scene, Device device) {
                return scene.buffer.evictAsync();
            }
        },
        PIN {
            @Override
            CompletableFuture<?> ask(Scene scene, Device device) {
                return scene.buffer.pinAsync(Terms.defaults().pageLocked());
            }
        },
        ACCESS {
            @Override
            CompletableFuture<?> ask(Scene scene, Device device) {
                return scene.buffer.accessAsync(Terms.defaults(), device);
            }
        };

        abstract CompletableFuture<?> ask(Scene scene, Device device);
    }

    @ParameterizedTest
    @EnumSource
    void everyCall_thatFails_leavesNothingBehind(Asking asking) throws Exception {
        Set<Call> hit = new TreeSet<>();
        for (Faults.Action action : List.of(Faults.FAIL, Faults.LOSE, Faults.THROW_ERROR)) {
            boolean more = true;
            for (int n = 1; more; n++) {
                Rig rig = rest.open(64L << 20, Scene.device(DeviceKind.PRIVATE));
                Scene scene = Scene.of(rig.runtime(), "HD.DH.DB");
                rig.faults().arm(n, action);
                CompletableFuture<?> future = asking.ask(scene, rig.runtime().device());
                Throwable failed = catchThrowable(() -> got(future));
                rig.faults().disarm();
                if (failed != null) {
                    assertThat(failed).isInstanceOf(ExecutionException.class);
                } else if (future.get() instanceof Holder holder) {
                    holder.close();
                }
                Call at = rig.faults().hit();
                more = at != null;
                if (more) {
                    hit.add(at);
                }
                assertThat(rig.runtime().workers().underWay()).isZero();
                assertThat(rig.runtime().holders()).isEmpty();
                if (action != Faults.LOSE) {
                    scene.checkBytes(asking + " at " + at);
                }
                rest.settle();
            }
        }
        assertThat(hit).isNotEmpty();
    }

    @Test
    void waitingMove_holdsNoThreadAndCanBeCancelled() throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        PageRuntime runtime = rig.runtime();
        Scene scene = Scene.of(runtime, "HHHH");
        Scene other = Scene.of(runtime, "HHHH");
        Gate gate = new Gate();
        rig.faults().arm(1, gate, EnumSet.of(Call.ALLOCATE));
        CompletableFuture<MoveReport> gets = scene.buffer.prefetchAsync(runtime.device());
        gate.awaitEntered();
        // It gets no memory of the device while another operation does; a tenth of a second.
        List<CompletableFuture<MoveReport>> wait = new ArrayList<>();
        for (int i = 0; i < 10 * Workers.threads(); i++) {
            wait.add(other.buffer.prefetchAsync(runtime.device()));
        }
        assertThat(wait.getLast().cancel(true)).isTrue();
        got(other.buffer.evictAsync());
        for (CompletableFuture<MoveReport> each : wait.subList(0, wait.size() - 1)) {
            assertThat(got(each).failure()).isPresent();
        }
        gate.open();
        assertThat(got(gets).complete()).isTrue();
        assertThat(got(other.buffer.prefetchAsync(runtime.device())).complete()).isTrue();
        scene.checkBytes("prefetched");
        other.checkBytes("prefetched");
    }

    @Test
    void whatAThreadMadeForFutures_isNotItsOwn() throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        Scene scene = Scene.of(rig.runtime(), "HH");
        List<CompletableFuture<Pin>> pins = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            pins.add(scene.buffer.pinAsync(PATIENT));
        }
        CompletableFuture.allOf(pins.toArray(CompletableFuture[]::new))
                .get(MINUTE, TimeUnit.SECONDS);
        CompletableFuture<DeviceAccess> waits =
                scene.buffer.accessAsync(PATIENT, rig.runtime().device());
        awaitWaiting(scene.buffer, 0);
        // Each thread has looked, and had pins of its own making in the way.
        for (int i = 0; i < 100; i++) {
            got(scene.buffer.evictAsync());
        }
        assertThat(waits).isNotDone();
        for (CompletableFuture<Pin> each : pins) {
            each.join().close();
        }
        got(waits).close();
    }

    @Test
    void accessThatOverwrites_isSuspendedToo() throws Exception {
        Rig rig = open(DeviceKind.PRIVATE);
        Scene scene = Scene.of(rig.runtime(), "HHHH");
        Pin mine = scene.buffer.range(2 * Scene.PAGE, 1).pin(Terms.defaults());
        CompletableFuture<DeviceAccess> waits = scene.buffer.accessAsync(
                PATIENT.mode(AccessMode.WRITE), rig.runtime().device());
        awaitWaiting(scene.buffer, 2);
        assertThat(rig.runtime().holders()).hasSize(1);
        mine.close();
        try (DeviceAccess access = got(waits)) {
            assertThat(scene.places()).isEqualTo("DDDD");
            assertThat(access.mode()).isEqualTo(AccessMode.WRITE);
        }
    }

    // ---- after an event ----

    private static Completion work(CompletableFuture<Void> event) {
        return new Completion() {
            @Override
            public void await() {
                Throwable failed = event.handle((none, failure) -> failure).join();
                Closes.rethrow(failed);
            }

            @Override
            public boolean whenEnded(Runnable handOver) {
                event.whenComplete((none, failure) -> handOver.run());
                return true;
            }
        };
    }

    @Test
    void accessAfterAnEvent_beginsWhenItComes() throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        Scene scene = Scene.of(rig.runtime(), "HH");
        ManagedRange range = ((ManagedBuffer) scene.buffer).range(0, 1);
        Device device = rig.runtime().device();
        CompletableFuture<Void> event = new CompletableFuture<>();
        CompletableFuture<DeviceAccess> later = range.accessAsync(PATIENT, device, work(event));
        CompletableFuture<DeviceAccess> cancelled = range.accessAsync(PATIENT, device, work(event));
        assertThat(cancelled.cancel(true)).isTrue();
        assertThat(later).isNotDone();
        assertThat(scene.places()).isEqualTo("HH");
        event.complete(null);
        got(later).close();
        assertThat(scene.places()).isNotEqualTo("HH");
        CompletableFuture<DeviceAccess> never = range.accessAsync(
                PATIENT,
                device,
                work(CompletableFuture.failedFuture(new ArithmeticException("of the event"))));
        assertThat(failure(never)).isInstanceOf(ArithmeticException.class);
    }

    // ---- threads ----

    @Test
    void stages_runOutsideOfTheThreadsThatCopy() throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        Scene scene = Scene.of(rig.runtime(), "HHHH");
        Gate gate = new Gate();
        rig.faults().arm(1, gate, EnumSet.of(Call.COPY_IN));
        CompletableFuture<String> ran = scene.buffer
                .prefetchAsync(rig.runtime().device())
                .thenApply(report -> Thread.currentThread().getName());
        gate.awaitEntered();
        gate.open();
        assertThat(got(ran)).doesNotContain("async");
    }

    @Test
    void composed_comesAfter() throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        Scene scene = Scene.of(rig.runtime(), "HHHH");
        CompletableFuture<Pin> pin = scene.buffer
                .prefetchAsync(rig.runtime().device())
                .thenCompose(report -> scene.buffer.pinAsync(PATIENT));
        try (Pin got = got(pin)) {
            assertThat(scene.places()).isEqualTo("HHHH");
            assertThat(rig.runtime().holders().getFirst().toString()).doesNotContain("nobody");
            assertThatThrownBy(rig.runtime()::close).isInstanceOf(IllegalStateException.class);
            assertThat(got.isOpen()).isTrue();
        }
    }

    @Test
    void interruptedThread_goesOn() throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        Scene scene = Scene.of(rig.runtime(), "HHHH");
        rig.faults().arm(1, Faults.INTERRUPT, EnumSet.of(Call.COPY_IN));
        AtomicReference<Boolean> seen = new AtomicReference<>();
        CompletableFuture<Void> all = CompletableFuture.allOf(
                scene.buffer.accessAsync(PATIENT, rig.runtime().device()).thenAccept(access -> {
                    seen.set(Thread.currentThread().isInterrupted());
                    access.close();
                }));
        all.get(MINUTE, TimeUnit.SECONDS);
        assertThat(seen).hasValue(false);
        assertThat(got(scene.buffer.evictAsync()).complete()).isTrue();
    }

    @Test
    void threads_leaveWithTheRuntime() throws Exception {
        Rig rig = open(DeviceKind.COHERENT);
        Scene scene = Scene.of(rig.runtime(), "HHHH");
        got(scene.buffer.prefetchAsync(rig.runtime().device()));
        rig.runtime().close();
        Eventually.becomes("without threads", () -> rig.runtime().workers().threadCount() == 0);
    }
}
