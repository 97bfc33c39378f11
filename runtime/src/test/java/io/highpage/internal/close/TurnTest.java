// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.close;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.function.BooleanSupplier;

/** Waiting for a turn. */
class TurnTest {
    @Test
    void interruptedThread_pausesAllTheSame_andStaysInterrupted() {
        Thread.currentThread().interrupt();
        BooleanSupplier waits = Turn.atMost(300_000_000);
        int looks = 0;
        while (waits.getAsBoolean()) {
            looks++;
        }
        assertThat(Thread.interrupted()).isTrue();
        assertThat(looks)
                .as("looks in 0.3 s, most of them half a millisecond apart")
                .isLessThan(3_000);
    }
}
