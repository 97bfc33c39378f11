// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.testkit.Example;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Compiles and runs the example of the module's README, and keeps the two equal. */
class ReadmeRingTest extends RingTest {
    private static final long HALF = BYTES / 2;

    @Test
    void example_runs() throws IOException {
        byte[] content = random((int) BYTES);
        example(buffer, file(content));
        byte[] read = new byte[content.length];
        buffer.read(0, MemorySegment.ofArray(read));
        assertThat(read).isEqualTo(content);
    }

    @Test
    void example_isTheOneInTheDocuments() throws IOException {
        for (String document : List.of("README.md", "../docs/adopting/io-uring.md")) {
            assertThat(Files.readString(Path.of(document)))
                    .contains(Example.block(ReadmeRingTest.class));
        }
    }

    private static void example(PageBuffer buffer, Path path) throws IOException {
        // example
        try (Pin pin = buffer.pin(Pin.longTerm().owner("reader"));
                Ring ring = Ring.open("reader", 64);
                FixedBuffer fixed = ring.register(pin); // the kernel keeps the memory from here on
                RingFile file = RingFile.openDirect(path)) {
            RingOperation first = ring.readFixed(file, 0, fixed, 0, HALF);
            RingOperation second = ring.readFixed(file, HALF, fixed, HALF, HALF);
            ring.submit(); // both in one system call
            long bytes = first.await(Duration.ofSeconds(5)) + second.await(Duration.ofSeconds(5));
            System.out.println(bytes + " bytes, verified: " + pin.verify());
        }
        // end of example
    }
}
