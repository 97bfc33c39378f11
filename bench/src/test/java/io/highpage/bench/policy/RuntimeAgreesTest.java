// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.bench.policy.Trace.Limit;
import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.DeviceTraffic;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** What the simulator says is what a device that is full does. */
class RuntimeAgreesTest {
    private static final long SPAN_BYTES = 2L << 20;
    private static final long ROOM_BYTES = 16 * SPAN_BYTES;
    private static final int SPANS = 24;

    /** Loops, then a few spans more often than the others. */
    private static Trace trace(AccessMode mode) {
        Random random = new Random(1);
        List<Integer> spans = new ArrayList<>();
        for (int i = 0; i < 4 * SPANS; i++) {
            spans.add(i % SPANS);
        }
        for (int i = 0; i < 100; i++) {
            spans.add(random.nextInt(random.nextBoolean() ? 4 : SPANS));
        }
        return new Trace(
                "made here",
                ROOM_BYTES,
                Limit.NONE,
                Collections.nCopies(SPANS, SPAN_BYTES),
                spans,
                Collections.nCopies(spans.size(), mode));
    }

    private static long moved(Trace trace) {
        try (Highpage hp = Highpage.builder()
                        .device(HostDevice.coherent(2 * ROOM_BYTES))
                        .deviceMemory(ROOM_BYTES)
                        .open();
                PageBuffer buffer = hp.allocate(
                        SPANS * SPAN_BYTES, Allocation.defaults().spanBytes(SPAN_BYTES))) {
            buffer.fill((byte) 1);
            for (int i = 0; i < trace.spans().size(); i++) {
                long offset = trace.spans().get(i) * SPAN_BYTES;
                try (DeviceAccess access = buffer.range(offset, SPAN_BYTES)
                        .access(hp.device(), trace.modes().get(i))) {
                    assertThat(access.byteSize()).isEqualTo(SPAN_BYTES);
                }
            }
            buffer.evict();
            DeviceTraffic traffic = hp.device().traffic();
            return traffic.bytesIn() + traffic.bytesOut();
        }
    }

    @ParameterizedTest
    @EnumSource
    void bytesThatMove_areThoseOfTheSimulation(AccessMode mode) {
        Trace trace = trace(mode);

        assertThat(moved(trace)).isEqualTo(Policy.HIGHPAGE.moved(trace));
        assertThat(Policy.LRU.moved(trace)).isNotEqualTo(Policy.HIGHPAGE.moved(trace));
    }
}
