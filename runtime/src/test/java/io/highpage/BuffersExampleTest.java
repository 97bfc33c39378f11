// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.outcome.AccessMode;
import io.highpage.testkit.Example;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/** Compiles and runs the example of docs/adopting/buffers.md, and keeps the two equal. */
class BuffersExampleTest {
    @TempDir
    Path folder;

    @Test
    void example_runs() throws IOException {
        Path file = folder.resolve("out");
        example(MemorySegment.ofArray(new byte[] {1, 2, 3}), file);
        assertThat(Files.readAllBytes(file)).startsWith(1, 2, 3);
    }

    @Test
    void example_isTheOneInTheDocument() throws IOException {
        assertThat(Files.readString(Path.of("../docs/adopting/buffers.md")))
                .contains(Example.block(BuffersExampleTest.class));
    }

    private static void example(MemorySegment data, Path file) throws IOException {
        // example
        try (Highpage hp = Highpage.open(); // the best device found, else the host device
                PageBuffer buffer = hp.allocate(256L << 20)) { // pages are absent until written
            buffer.write(0, data);
            buffer.prefetch(hp.device()); // best effort; returns what moved, and why not the rest
            try (DeviceAccess access = buffer.access(hp.device(), AccessMode.READ_WRITE)) {
                MemorySegment argument = access.segment(); // what to give to a kernel
            } // waits for the device
            PageRange part = buffer.range(0, 1 << 20); // checked once, used as often as you like
            try (Pin pin = part.pin(
                            Pin.longTerm().owner("writer").deadline(Duration.ofMillis(50)));
                    FileChannel out = FileChannel.open(
                            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                MemorySegment stays = pin.segment(); // in host memory, in place until the close
                out.write(stays.asByteBuffer());
            }
        }
        // end of example
    }

    @Test
    void pinnedBytes_areReadableAsLongs() {
        try (Highpage hp = Highpage.open();
                PageBuffer buffer = hp.allocate(8);
                Pin pin = buffer.pin(Pin.longTerm())) {
            assertThat(pin.segment().get(ValueLayout.JAVA_LONG, 0)).isZero();
        }
    }
}
