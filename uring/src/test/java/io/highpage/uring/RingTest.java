// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Random;

/** What tests of rings share: a runtime, a buffer of 1 MiB, files. */
@ExtendWith(WithIoUring.class)
@Timeout(300)
abstract class RingTest {
    static final long BYTES = 1 << 20;
    static final Duration SOON = Duration.ofSeconds(60);
    static final Duration SHORT = Duration.ofMillis(50);

    @TempDir
    Path folder;

    Highpage hp;
    PageBuffer buffer;

    @BeforeEach
    void openRuntime() {
        hp = Highpage.builder().device(HostDevice.coherent(4 * BYTES)).open();
        buffer = hp.allocate(BYTES);
    }

    /** Fails if a pin was left open: the buffer then refuses. */
    @AfterEach
    void closeRuntime() {
        buffer.close();
        hp.close();
    }

    static byte[] random(int byteSize) {
        byte[] bytes = new byte[byteSize];
        new Random(byteSize).nextBytes(bytes);
        return bytes;
    }

    Path file(byte[] content) throws IOException {
        Path path = folder.resolve("in");
        Files.write(path, content);
        return path;
    }

    /** {@return a pipe that is open at both ends, so that a read of it waits} */
    RingFile pipe() throws IOException, InterruptedException {
        return pipe("pipe");
    }

    RingFile pipe(String name) throws IOException, InterruptedException {
        Path path = folder.resolve(name);
        assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor())
                .isZero();
        return RingFile.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    static byte[] bytes(Pin pin, long offset, long byteSize) {
        return pin.segment().asSlice(offset, byteSize).toArray(ValueLayout.JAVA_BYTE);
    }

    static void put(Pin pin, byte[] bytes) {
        MemorySegment.copy(bytes, 0, pin.segment(), ValueLayout.JAVA_BYTE, 0, bytes.length);
    }
}
