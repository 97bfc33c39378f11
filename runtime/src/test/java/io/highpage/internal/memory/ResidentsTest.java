// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.highpage.host.HostDevice;
import io.highpage.internal.budget.Account;
import io.highpage.internal.budget.BudgetNode;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.stream.LongStream;

class ResidentsTest {
    private static final long PAGE = 4096;
    private static final int MANY = 200; // more than there are seats at first

    private final BudgetNode budget = BudgetNode.root("all", 2);
    private final DeviceSlot device =
            new DeviceSlot(1, "device", HostDevice.coherent(MANY * PAGE), budget, PAGE);

    private DeviceWindow window(long page) {
        return new DeviceWindow(device, new Account(budget), null, page, PAGE);
    }

    private List<DeviceWindow> windows() {
        return LongStream.range(0, MANY).mapToObj(this::window).toList();
    }

    private static void take(DeviceWindow window) {
        window.retain(1, () -> false);
    }

    @Test
    void windows_thatComeAndGo_areFoundWhileTheyHaveMemory() {
        List<DeviceWindow> windows = windows();
        assertThat(device.windows()).isEmpty();
        windows.forEach(ResidentsTest::take);
        assertThat(device.windows()).containsExactlyElementsOf(windows);
        assertThat(device.heap().placeCount()).isEqualTo(MANY);
        windows.subList(0, MANY / 2).forEach(window -> window.release(1));
        assertThat(device.windows()).containsExactlyElementsOf(windows.subList(MANY / 2, MANY));
        assertThat(device.heap().placeCount()).isEqualTo(MANY / 2);
        windows.subList(0, MANY / 2).forEach(ResidentsTest::take);
        assertThat(device.windows()).containsExactlyElementsOf(windows);
    }

    @Test
    void windows_ofClosedBuffers_leaveTheirSeatsToOthers() {
        List<DeviceWindow> before = windows();
        before.forEach(ResidentsTest::take);
        before.forEach(window -> assertThat(window.drop()).isNull());
        assertThat(device.windows()).isEmpty();
        List<DeviceWindow> after = windows();
        after.forEach(ResidentsTest::take);
        assertThat(device.windows()).containsExactlyInAnyOrderElementsOf(after);
        after.forEach(window -> assertThat(window.drop()).isNull());
        assertThat(device.heap().placeCount()).isZero();
        assertThat(device.close()).isNull();
    }

    @Test
    void window_thatGotNoMemory_isNotFound() {
        DeviceWindow large =
                new DeviceWindow(device, new Account(budget), null, 0, 2 * MANY * PAGE);
        assertThat(catchThrowable(() -> take(large))).isNotNull();
        assertThat(device.windows()).isEmpty();
        assertThat(large.drop()).isNull();
    }
}
