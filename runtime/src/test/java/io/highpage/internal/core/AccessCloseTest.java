// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.device.Completion;
import io.highpage.device.DeviceKind;
import io.highpage.host.HostDevice;
import io.highpage.internal.close.Closes;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceWaitException;
import io.highpage.outcome.Terms;
import io.highpage.testkit.faults.ForwardingDevice;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** The close of an access, and the work that may still use its memory. */
class AccessCloseTest {
    private static final Terms SHARED = Terms.defaults().shared();

    /**
     * How long a close is watched that must not end: what waits for nothing ends in microseconds.
     */
    private static final long WATCHED_MILLIS = 100;

    @RegisterExtension
    final AtRest rest = new AtRest();

    private final ExecutorService other = Executors.newCachedThreadPool();

    @AfterEach
    void endThreads() throws InterruptedException {
        other.shutdownNow();
        assertThat(other.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException failed) {
            throw new AssertionError(failed);
        }
    }

    private static void assertGoesOn(Future<?> closing) {
        assertThatThrownBy(() -> closing.get(WATCHED_MILLIS, TimeUnit.MILLISECONDS))
                .as("the close has ended")
                .isInstanceOf(TimeoutException.class);
    }

    // ---- kernels of the host device ----

    @ParameterizedTest
    @CsvSource({"COHERENT, false", "COHERENT, true", "PRIVATE, false", "PRIVATE, true"})
    void close_whileAKernelRuns_waitsForItsLastByte(DeviceKind kind, boolean interrupted)
            throws Exception {
        HostDevice device = (HostDevice) Scene.device(kind);
        PageRuntime runtime = rest.openPlain(device);
        Scene scene = Scene.of(runtime, "DHD");
        DeviceAccess access =
                scene.buffer.range(0, 3 * Scene.PAGE).access(SHARED, runtime.device());
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Future<?> kernel = other.submit(() -> device.launch(access, memory -> {
            running.countDown();
            await(end);
            memory.fill((byte) 7);
        }));
        running.await();
        Future<?> closing = other.submit(() -> {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            access.close();
            assertThat(Thread.interrupted()).isEqualTo(interrupted);
            runtime.close();
        });
        try {
            assertGoesOn(closing);
            assertThat(access.isOpen()).isTrue();
            assertThatThrownBy(scene.buffer::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("1 open: access of bytes 0..12288");
            assertThatThrownBy(() -> device.launch(access, memory -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is being closed");
        } finally {
            end.countDown();
        }
        kernel.get();
        closing.get();
        assertThat(access.isOpen()).isFalse();
        assertThatThrownBy(() -> device.launch(access, memory -> {}))
                .hasMessageContaining("is closed");
    }

    @ParameterizedTest
    @EnumSource
    void close_byTheKernelItself_isRefused(DeviceKind kind) {
        HostDevice device = (HostDevice) Scene.device(kind);
        PageRuntime runtime = rest.openPlain(device);
        Scene scene = Scene.of(runtime, "DH");
        DeviceAccess access =
                scene.buffer.range(0, Scene.PAGE).access(runtime.device(), AccessMode.READ_WRITE);
        DeviceAccess inner = scene.buffer
                .range(Scene.PAGE, Scene.PAGE)
                .access(runtime.device(), AccessMode.READ_WRITE);
        device.launch(access, memory -> {
            device.launch(inner, more -> {
                for (AutoCloseable each : List.of(access, inner, scene.buffer, runtime)) {
                    assertThatThrownBy(each::close)
                            .as("%s", each)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("cannot close");
                }
                more.fill((byte) 5);
            });
            inner.close(); // its kernel has ended
            memory.set(ValueLayout.JAVA_BYTE, 3, (byte) 9);
        });
        access.close();
        assertThat(scene.buffer.evict().complete()).isTrue();
        scene.bytes[3] = 9;
        Arrays.fill(scene.bytes, Scene.PAGE, 2 * Scene.PAGE, (byte) 5);
        scene.checkBytes("after");
    }

    @Test
    void launch_thatFails_leavesAnAccessThatCanBeClosed() {
        HostDevice device = (HostDevice) Scene.device(DeviceKind.COHERENT);
        PageRuntime runtime = rest.openPlain(device);
        DeviceAccess access = runtime.allocate(1).access(runtime.device(), AccessMode.READ);
        for (Throwable failure :
                List.of(new IllegalStateException("mine"), new StackOverflowError())) {
            assertThatThrownBy(() -> device.launch(access, memory -> Closes.rethrow(failure)))
                    .isSameAs(failure);
        }
        access.close();
    }

    // ---- work that it is told of ----

    /**
     * Whatever is accepted has ended when the close has: a check of the state, and then the act,
     * would not do.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void completesWith_whileAnotherThreadCloses_isAwaitedOrRefused(boolean shared)
            throws Exception {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        Scene scene = Scene.of(runtime, "D");
        int rounds = 2_000;
        DeviceAccess[] accesses = new DeviceAccess[rounds];
        AtomicInteger met = new AtomicInteger();
        AtomicInteger accepted = new AtomicInteger();
        AtomicInteger awaited = new AtomicInteger();
        AtomicInteger opened = new AtomicInteger();
        Future<?> teller = other.submit(() -> {
            for (int i = 0; i < rounds; i++) {
                while (opened.get() <= i) {
                    if (Thread.interrupted()) {
                        return; // the other failed
                    }
                    Thread.onSpinWait();
                }
                met.set(i + 1);
                try {
                    for (int more = 0; more < 3; more++) {
                        accesses[i].completesWith(awaited::incrementAndGet);
                        accepted.incrementAndGet();
                    }
                } catch (IllegalStateException refused) {
                    assertThat(refused).hasMessageContaining("closed");
                }
            }
        });
        for (int i = 0; i < rounds; i++) {
            Terms terms = shared && i % 50 == 0 ? SHARED : Terms.defaults();
            accesses[i] =
                    scene.buffer.range(0, 1).access(terms.mode(AccessMode.READ), runtime.device());
            opened.set(i + 1);
            while (met.get() <= i && !teller.isDone()) {
                Thread.onSpinWait();
            }
            for (int spin = i % 40; spin > 0; spin--) {
                Thread.onSpinWait();
            }
            accesses[i].close();
        }
        teller.get();
        assertThat(awaited.get()).as("awaited of what was accepted").isEqualTo(accepted.get());
        assertThat(accepted.get()).isPositive();
    }

    /**
     * Two threads that close wait for the same work, each until it has ended; and it is awaited
     * once.
     */
    @Test
    void close_byTwoThreads_waitsInBothAndAwaitsOnce() throws Exception {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        Scene scene = Scene.of(runtime, "D");
        DeviceAccess access =
                scene.buffer.range(0, 1).access(SHARED.mode(AccessMode.READ), runtime.device());
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger awaited = new AtomicInteger();
        access.completesWith(() -> {
            await(end);
            awaited.incrementAndGet();
        });
        List<Future<?>> closing = List.of(other.submit(access::close), other.submit(access::close));
        closing.forEach(AccessCloseTest::assertGoesOn);
        end.countDown();
        for (Future<?> each : closing) {
            each.get();
        }
        assertThat(awaited).hasValue(1);
        assertThat(scene.buffer.evict().complete()).isTrue();
    }

    @Test
    void close_byTheWorkThatItWaitsFor_isRefused() {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        DeviceAccess access = runtime.allocate(1).access(runtime.device(), AccessMode.READ);
        access.completesWith(access::close);
        assertThatThrownBy(access::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is being closed by this thread");
        assertThat(access.isOpen()).isFalse();
    }

    // ---- waits that fail ----

    /** Fails a number of times before it ends. */
    private static final class Unsure implements Completion {
        private final Throwable failure;
        private int left;
        int ended;

        Unsure(Throwable failure, int times) {
            this.failure = failure;
            this.left = times;
        }

        @Override
        public void await() {
            if (left-- > 0) {
                Closes.rethrow(failure);
            }
            ended++;
        }
    }

    /**
     * Not known to have ended, or an error that says nothing of the work: all stays as it was, and
     * the next close goes on.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void close_whoseWaitFails_leavesTheAccessWholeAndGoesOnTheNextTime(boolean known) {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        Scene scene = Scene.of(runtime, "DHD");
        Throwable failure = known
                ? new DeviceWaitException("clWaitForEvents failed", null)
                : new StackOverflowError();
        DeviceException failed = new DeviceException("the kernel failed", null);
        DeviceAccess access = scene.buffer.access(runtime.device(), AccessMode.READ_WRITE);
        List<Unsure> told = List.of(
                new Unsure(failed, 1),
                new Unsure(null, 0),
                new Unsure(failure, 2),
                new Unsure(null, 0));
        told.forEach(access::completesWith);

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(access::close).isSameAs(failure);
            assertThat(access.isOpen()).isTrue();
            assertThat(access.segment().get(ValueLayout.JAVA_BYTE, 3)).isEqualTo(scene.bytes[3]);
            assertThat(runtime.holders()).hasSize(1);
            assertThat(scene.buffer.evict().complete()).isFalse();
            assertThatThrownBy(scene.buffer::close).isInstanceOf(IllegalStateException.class);
        }
        Unsure late = new Unsure(null, 0);
        access.completesWith(late);

        assertThatThrownBy(access::close).as("what failed before is told").isSameAs(failed);

        assertThat(told).extracting(work -> work.ended).containsExactly(0, 1, 1, 1);
        assertThat(late.ended).isEqualTo(1);
        assertThat(access.isOpen()).isFalse();
        assertThat(runtime.holders()).isEmpty();
        assertThat(scene.buffer.evict().complete()).isTrue();
        scene.checkBytes("after");
    }

    @Test
    void close_whoseDeviceCannotTellWhetherItsQueueIsIdle_leavesTheAccessWhole() {
        List<RuntimeException> answers =
                new ArrayList<>(List.of(new DeviceWaitException("clFinish failed", null)));
        PageRuntime runtime = rest.open(new ForwardingDevice(Scene.device(DeviceKind.PRIVATE)) {
                    @Override
                    public void quiesce() {
                        if (!answers.isEmpty()) {
                            throw answers.removeFirst();
                        }
                    }
                })
                .runtime();
        Scene scene = Scene.of(runtime, "BH");
        DeviceAccess access = scene.buffer.access(runtime.device(), AccessMode.READ_WRITE);
        assertThatThrownBy(access::close).isInstanceOf(DeviceWaitException.class);
        assertThat(access.isOpen()).isTrue();
        assertThat(runtime.holders()).hasSize(1);
        access.close();
        assertThat(access.isOpen()).isFalse();
        scene.checkBytes("after");
    }

    /**
     * A close that a native call stops has waited for nothing in vain, and refuses no work
     * afterwards.
     */
    @Test
    void close_refusedByACallThatUsesItsSegment_takesMoreWork() throws Exception {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        Scene scene = Scene.of(runtime, "D");
        DeviceAccess access =
                scene.buffer.range(0, 2).access(SHARED.mode(AccessMode.READ), runtime.device());
        AtomicInteger awaited = new AtomicInteger();
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        access.completesWith(awaited::incrementAndGet);
        Future<?> using = other.submit(() -> NativeCall.during(access.segment(), () -> {
            inside.countDown();
            await(end);
        }));
        inside.await();
        assertThatThrownBy(access::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("stays open");
        access.completesWith(awaited::incrementAndGet);
        end.countDown();
        using.get();
        access.close();
        assertThat(awaited).hasValue(2);
    }

    @Test
    void close_thatFails_isNotTakenForOneByAnotherThread()
            throws ExecutionException, InterruptedException {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        Scene scene = Scene.of(runtime, "D");
        DeviceAccess access =
                scene.buffer.range(0, 1).access(SHARED.mode(AccessMode.READ), runtime.device());
        CountDownLatch waiting = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Unsure unsure = new Unsure(new DeviceWaitException("unknown", null), 1);
        access.completesWith(() -> {
            waiting.countDown();
            await(end);
            unsure.await();
        });
        Future<?> first = other.submit(access::close);
        waiting.await();
        Future<?> second = other.submit(access::close);
        end.countDown();
        assertThatThrownBy(first::get).hasCauseInstanceOf(DeviceWaitException.class);
        second.get(); // waits again
        assertThat(unsure.ended).isEqualTo(1);
        assertThat(access.isOpen()).isFalse();
    }
}
