// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.device.DeviceMemory;
import io.highpage.host.HostDevice;
import io.highpage.internal.budget.Account;
import io.highpage.internal.budget.BudgetNode;
import io.highpage.testkit.faults.ForwardingDevice;

import org.junit.jupiter.api.Test;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;

class DeviceWindowTest {
    private static final long BYTES = 1 << 20;

    private final BudgetNode budget = BudgetNode.root("all", 2);

    /** A close that has begun would else give back a window that is being taken, or leave it. */
    @Test
    void window_ofABufferThatIsClosing_isNotTaken() {
        DeviceSlot device = new DeviceSlot(1, "device", HostDevice.coherent(BYTES), budget, 4096);
        DeviceWindow window = new DeviceWindow(device, new Account(budget), null, 0, BYTES);
        assertThat(window.trySeal(() -> false)).isTrue();
        assertThatThrownBy(() -> window.retain(1, () -> false)).isInstanceOf(StillBusy.class);
        assertThat(device.usedBytes()).isZero();
        window.unseal();
        window.retain(1, () -> false);
        assertThat(device.usedBytes()).isEqualTo(BYTES);
        assertThat(window.trySeal(() -> false)).isTrue();
        assertThat(window.drop()).isNull();
        assertThat(window.isGone()).isTrue();
        assertThatThrownBy(() -> window.retain(1, () -> false))
                .isInstanceOf(IllegalStateException.class);
        assertThat(device.close()).isNull();
    }

    /**
     * Two threads bring pages of one buffer to the device at once: the room that one of them has
     * got for the window must not be in the way of the other.
     */
    @Test
    void window_thatAnotherThreadTakesAtTheSameMoment_isWaitedFor() throws Exception {
        AtomicReference<Runnable> asked = new AtomicReference<>(() -> {});
        DeviceMemory memory = new ForwardingDevice(HostDevice.coherent(BYTES)) {
            @Override
            public long maxExtentBytes() {
                asked.getAndSet(() -> {}).run(); // room is being asked for
                return super.maxExtentBytes();
            }
        };
        DeviceSlot device = new DeviceSlot(1, "device", memory, budget, 4096);
        DeviceWindow window = new DeviceWindow(device, new Account(budget), null, 0, BYTES);
        CountDownLatch seen = new CountDownLatch(1);
        FutureTask<Void> other = new FutureTask<>(
                () -> window.retain(1, () -> {
                    seen.countDown();
                    Thread.onSpinWait();
                    return true;
                }),
                null);
        asked.set(() -> {
            Thread.ofPlatform().daemon().start(() -> {
                other.run();
                seen.countDown();
            });
            try {
                seen.await(); // it has the window, or waits for it
            } catch (InterruptedException unexpected) {
                throw new AssertionError(unexpected);
            }
        });
        window.retain(1, () -> true);
        other.get();
        assertThat(device.usedBytes()).isEqualTo(BYTES);
        window.release(2);
        assertThat(device.usedBytes()).isZero();
        assertThat(window.drop()).isNull();
        assertThat(device.close()).isNull();
    }
}
