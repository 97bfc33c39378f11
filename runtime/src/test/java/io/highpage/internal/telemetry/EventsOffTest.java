// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.outcome.Terms;
import io.highpage.testkit.Eventually;

import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** While nobody records there are no events. */
class EventsOffTest {
    /** What a pin and its segment take; the smallest event takes half as much again. */
    private static final long PIN_BYTES_MAX = 200;

    private static final int PINS = 10_000;

    @Test
    void noEvent_isMade() {
        List<Told> made = new ArrayList<>(Arrays.asList(
                AccessEndEvent.made(),
                AccessEvent.begun(),
                BudgetReachedEvent.made(),
                BufferAllocationEvent.begun(),
                BufferCloseEvent.begun(),
                EvictionEvent.begun(),
                MigrationEvent.begun(),
                MoveEvent.begun(),
                PinEvent.begun(),
                RejectionEvent.made(),
                UnpinEvent.made(),
                WaitEvent.begun()));
        made.removeIf(event -> event == null);
        assertThat(made).isEmpty();
    }

    @Test
    void pin_takesNoMemoryForEvents() {
        try (Highpage hp =
                        Highpage.builder().device(HostDevice.coherent(1 << 20)).open();
                PageBuffer buffer = hp.allocate(1 << 16)) {
            buffer.fill((byte) 1);
            PageRange range = buffer.range(0, 4096);
            Terms terms = Pin.longTerm();
            // Once it is compiled: before that it takes more.
            Eventually.becomes(
                    "at most " + PIN_BYTES_MAX + " bytes a pin",
                    () -> bytesOf(range, terms) <= PIN_BYTES_MAX * PINS);
        }
    }

    private static long bytesOf(PageRange range, Terms terms) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < PINS; i++) {
            range.pin(terms).close();
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }
}
