// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Which spans were used, in the order in which they were. */
class AccessTraceTest {
    private static final long SPAN = 2 << 20;

    @TempDir
    private Path folder;

    @Test
    void spansOfARange_areInTheOrderOfTheirBytes_andRangesInThatOfTheirUses() {
        Path file = folder.resolve("accesses");
        long pageBytes;
        try (Highpage hp = Highpage.builder()
                        .device(HostDevice.coherent(1 << 30))
                        .deviceMemory(4 * SPAN)
                        .open();
                AccessTrace trace = AccessTrace.to(Optional.of(file), List.of())) {
            Allocation spans = Allocation.defaults().spanBytes(SPAN);
            PageBuffer one = hp.allocate(20 * SPAN, spans);
            PageBuffer two = hp.allocate(2 * SPAN + 1, spans);
            trace.used(one.range(SPAN + 1, 2 * SPAN), hp.device(), AccessMode.READ);
            trace.used(one.range(0, SPAN), hp.device(), AccessMode.READ);
            trace.used(two, hp.device(), AccessMode.WRITE);
            trace.used(one.range(19 * SPAN, 1), hp.device(), AccessMode.WRITE);
            trace.used(two.range(SPAN, SPAN), hp.device(), AccessMode.READ_WRITE);
            trace.used(one, hp.device(), AccessMode.READ);
            trace.write();
            pageBytes = two.pageBytes();
        }
        assertThat(file).hasContent("""
                highpage-accesses 1
                memory 8388608
                spans 20 2097152
                read 1 2 3 0
                spans 2 2097152
                spans 1 %d
                write 20 21 22 19
                modify 21
                read 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
                read 16 17 18 19
                """.formatted(pageBytes));
    }
}
