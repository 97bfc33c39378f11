// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.host.HostDevice;
import io.highpage.testkit.Example;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32;

/** Compiles and runs the example of asynchronous operations, and keeps it the one in the docs. */
class AsyncExampleTest {
    @Test
    void example_runs() {
        try (Highpage hp =
                        Highpage.builder().device(HostDevice.coherent(1L << 30)).open();
                PageBuffer buffer = hp.allocate(2L << 20)) {
            buffer.write(0, MemorySegment.ofArray(new byte[] {1, 2, 3}));
            assertThat(example(hp, buffer).join()).isNotZero();
            assertThat(hp.holders()).isEmpty();
        }
    }

    @Test
    void example_isTheOneInTheDocs() throws IOException {
        assertThat(Files.readString(Path.of("../docs/adopting/asynchronously.md")))
                .contains(Example.block(AsyncExampleTest.class));
    }

    private static CompletableFuture<Long> example(Highpage hp, PageBuffer buffer) {
        // example
        PageRange part = buffer.range(0, 1 << 20);
        PageRange next = buffer.range(1 << 20, 1 << 20);
        next.prefetchAsync(hp.device()); // meanwhile; nobody needs to wait for it
        CompletableFuture<Long> checked = part.pinAsync(
                        Pin.longTerm().deadline(Duration.ofSeconds(10)))
                .thenApplyAsync(pin -> {
                    try (pin) { // this stage has it now, and closes it
                        CRC32 sum = new CRC32();
                        sum.update(pin.asByteBuffer());
                        return sum.getValue();
                    }
                });
        // end of example
        return checked;
    }
}
