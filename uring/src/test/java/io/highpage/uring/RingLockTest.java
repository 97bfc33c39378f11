// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;

class RingLockTest {
    /** It would take a whole core while it waits, and a virtual one its carrier. */
    @Test
    void rest_ofAnInterruptedThread_isARest_andLeavesItInterrupted() {
        long nanos = Duration.ofMillis(2).toNanos();
        Thread.currentThread().interrupt();
        long start = System.nanoTime();
        long next = RingLock.rest(nanos);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(nanos);
        assertThat(next)
                .as("the longest rest")
                .isEqualTo(Duration.ofNanos(500_000).toNanos());
        assertThat(Thread.interrupted()).isTrue();
    }
}
