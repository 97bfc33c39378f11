// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

class LeakLimitTest {
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5);
    private final LeakLimit limit = new LeakLimit(clock::get);

    private long taken(int times) {
        return IntStream.range(0, times).filter(ignored -> limit.take()).count();
    }

    @Test
    void sixteenAMinute_thenTheyAreCounted() {
        assertThat(taken(20)).isEqualTo(16);
        assertThat(limit.takeUntold()).isEqualTo(4);
        assertThat(limit.takeUntold()).isZero();
        clock.addAndGet(Duration.ofSeconds(59).toNanos());
        assertThat(taken(3)).isZero();
        clock.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(taken(17)).isEqualTo(16);
        assertThat(limit.takeUntold()).isEqualTo(4);
    }
}
