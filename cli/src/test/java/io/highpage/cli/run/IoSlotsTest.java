// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.Highpage;
import io.highpage.host.HostDevice;
import io.highpage.uring.Ring;

import org.junit.jupiter.api.Test;

class IoSlotsTest {
    private static final int MORE_THAN_A_RING_TAKES = 32_769;

    @Test
    void open_whereNothingCanBeRegistered_saysWhy_andKeepsNothing() {
        assumeTrue(Ring.isAvailable(), "no io_uring here");
        try (Highpage runtime =
                Highpage.builder().device(HostDevice.coherent(1 << 20)).open()) {
            assertThatThrownBy(() -> IoSlots.open(runtime, "slots", MORE_THAN_A_RING_TAKES, 1, 1))
                    .isExactlyInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("entries=" + MORE_THAN_A_RING_TAKES)
                    .hasNoSuppressedExceptions();
            assertThat(runtime.holders()).isEmpty();
            assertThat(runtime.buffers()).isEmpty();
        }
    }
}
