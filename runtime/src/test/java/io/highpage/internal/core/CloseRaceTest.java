// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.internal.budget.Account;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.internal.memory.DeviceWindow;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HighpageException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;

/** A buffer closes while other threads begin to use it. */
class CloseRaceTest {
    @RegisterExtension
    final AtRest rest = new AtRest();

    @Test
    void deviceWindow_droppedBetweenRetainAndRelease_isNotTakenAgain() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        var slot = (io.highpage.internal.memory.DeviceSlot) rig.runtime().device();
        DeviceWindow window = new DeviceWindow(
                slot, new Account(((ManagedBudget) rig.runtime().budget()).node()), null, 0, 4096);
        window.retain(3, () -> false);
        assertThat(slot.usedBytes()).isEqualTo(4096);
        window.drop();
        window.release(3);
        window.drop();
        assertThatThrownBy(() -> window.retain(1, () -> false))
                .isInstanceOf(IllegalStateException.class);
        assertThat(slot.usedBytes()).isZero();
    }

    @Test
    void failureOfAnOperation_thatAlsoMetAClose_isKeptAsTheCause() {
        ManagedBuffer buffer = (ManagedBuffer)
                rest.open(Scene.device(DeviceKind.COHERENT)).runtime().allocate(4096);
        var failure = new IllegalStateException("a driver's own");
        assertThat(buffer.translated(failure)).isSameAs(failure);
        buffer.close();
        assertThat(buffer.translated(failure))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("buffer " + buffer.id() + " is closed")
                .hasCause(failure);
    }

    /**
     * What was never written is not looked at, so that the table of a huge buffer, of a GiB, is not
     * made to be there by closing it.
     */
    @Test
    @Timeout(300)
    void close_ofAHugeBufferThatWasHardlyTouched_takesNoMemory() throws IOException {
        PageRuntime runtime = rest.open(Scene.device(DeviceKind.COHERENT)).runtime();
        long byteSize = 512L << 30;
        PageBuffer untouched = runtime.allocate(byteSize);
        PageBuffer touched = runtime.allocate(byteSize);
        touched.range(byteSize / 2, 1).fill((byte) 1);
        long before = AtRest.residentBytes();
        try (Hold hold = touched.range(byteSize / 2, 1).hold()) {
            assertThatThrownBy(touched::close).isInstanceOf(IllegalStateException.class);
            assertThat(hold.segment().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 1);
        }
        touched.range(byteSize - 1, 1).fill((byte) 2); // open again, in another part too
        assertThat(((ManagedBuffer) untouched).trySeal(() -> false)).isTrue();
        assertThat(AtRest.residentBytes() - before).isLessThan(64L << 20);
        ((ManagedBuffer) untouched).unseal();
        untouched.close();
        touched.close();
    }

    private interface Use {
        void of(PageBuffer buffer, PageRuntime runtime);
    }

    private static final List<Use> USES = List.of(
            (buffer, runtime) -> buffer.prefetch(runtime.device()),
            (buffer, runtime) -> buffer.evict(),
            (buffer, runtime) -> buffer.pin(Pin.longTerm()).close(),
            (buffer, runtime) -> buffer.range(1, 1).pin(Pin.longTerm()).close(),
            (buffer, runtime) -> buffer.hold().close(),
            (buffer, runtime) ->
                    buffer.access(runtime.device(), AccessMode.READ).close(),
            (buffer, runtime) -> buffer.range(0, 100).fill((byte) 1),
            (buffer, runtime) -> buffer.read(5, MemorySegment.ofArray(new byte[5000])),
            (buffer, runtime) -> buffer.residency());

    @ParameterizedTest
    @EnumSource
    void close_whileOthersBegin_eitherRefusesOrEndsThem(DeviceKind kind) throws Exception {
        Rig rig = rest.open(Scene.device(kind));
        PageRuntime runtime = rig.runtime();
        AtomicReference<PageBuffer> current = new AtomicReference<>();
        AtomicReference<Throwable> wrong = new AtomicReference<>();
        int threads = 3;
        int rounds = 1500;
        CyclicBarrier round = new CyclicBarrier(threads + 1);
        Thread[] users = new Thread[threads];
        for (int t = 0; t < threads; t++) {
            int first = t;
            users[t] = Thread.ofPlatform().start(() -> {
                for (int i = 0; i < rounds; i++) {
                    await(round);
                    use(current.get(), runtime, USES.get((first * 3 + i) % USES.size()), wrong);
                    // The JVM interrupts a thread that it finds in memory whose shared arena
                    // closes.
                    boolean ignored = Thread.interrupted();
                    await(round);
                }
            });
        }
        int refused = 0;
        for (int i = 0; i < rounds; i++) {
            PageBuffer buffer = runtime.allocate(8 * 4096);
            if (i % 2 == 0) {
                buffer.fill((byte) i);
            }
            current.set(buffer);
            await(round);
            for (int spin = 0; spin < i % 40 * 20; spin++) {
                Thread.onSpinWait();
            }
            try {
                buffer.close();
            } catch (IllegalStateException open) {
                refused++;
            }
            await(round);
            assertThat(wrong.get()).isNull();
            Invariants.checkAtRest(runtime);
            buffer.close();
            assertThat(runtime.device().usedBytes()).isZero();
        }
        for (Thread user : users) {
            user.join();
        }
        assertThat(refused).as("rounds in which the close was refused").isLessThan(rounds);
    }

    /** Uses the buffer until it is closed, or a few times. */
    private static void use(
            PageBuffer buffer, PageRuntime runtime, Use use, AtomicReference<Throwable> wrong) {
        for (int times = 0; times < 20; times++) {
            try {
                use.of(buffer, runtime);
            } catch (HighpageException busy) {
                // another thread's hold, pin or access
            } catch (IllegalStateException closed) {
                if (!closed.getMessage().equals("buffer " + buffer.id() + " is closed")) {
                    wrong.set(closed);
                }
                return;
            } catch (Throwable failure) {
                wrong.set(failure);
                return;
            }
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception broken) {
            throw new AssertionError(broken);
        }
    }
}
