// SPDX-License-Identifier: Apache-2.0
package io.highpage.arrow;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.testkit.Example;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Runs the program that docs/adopting/arrow.md shows. */
class ArrowExampleTest {
    private static final int ROWS = 10_000;

    @Test
    void example_runs() {
        try (Highpage hp = Highpage.builder()
                        .device(HostDevice.privateMemory(1 << 20))
                        .open();
                PageBuffer buffer = hp.allocate(4L * ROWS)) {
            buffer.write(0, IntStream.range(0, ROWS).toArray());
            buffer.prefetch(hp.device());
            assertThat(sum(buffer)).isEqualTo(ROWS * (ROWS - 1L) / 2);
        }
    }

    @Test
    void example_isTheOneInTheDocument() throws IOException {
        assertThat(Files.readString(Path.of("../docs/adopting/arrow.md")))
                .contains(Example.block(ArrowExampleTest.class));
    }

    private static long sum(PageBuffer buffer) {
        long sum = 0;
        // example
        try (Pin pin = buffer.pin(Pin.longTerm().owner("vector")); // comes home
                BufferAllocator allocator = new RootAllocator();
                ArrowBuf validity = allocator.buffer(ROWS);
                ArrowBuf values = Arrow.buffer(allocator, pin);
                IntVector vector = new IntVector("numbers", allocator)) {
            validity.setOne(0L, validity.capacity()); // every row has a value
            vector.loadFieldBuffers(new ArrowFieldNode(ROWS, 0), List.of(validity, values));
            for (int row = 0; row < ROWS; row++) {
                sum += vector.get(row);
            }
        }
        // end of example
        return sum;
    }
}
