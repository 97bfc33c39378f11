// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.Devices;
import io.highpage.outcome.AccessMode;
import io.highpage.uring.FixedBuffer;
import io.highpage.uring.RegisteredBuffer;
import io.highpage.uring.Ring;
import io.highpage.uring.RingFile;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;

/** Files are read into pins of a buffer that a ring has once, between a driver's copies of it. */
class RegisteredBufferOnOpenClTest {
    private static final int BYTES = 1 << 20;
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"opencl", "opencl-private", "opencl-buffer"})
    void bytesOfAFile_comeAndGoWithTheirPages(String device) throws IOException {
        Cli.assumeDevice(device);
        assumeTrue(Ring.isAvailable(), "NOT tested: there can be no ring here");
        byte[] content = new byte[BYTES / 2];
        new Random(BYTES).nextBytes(content);
        Path in = Files.write(folder.resolve("in"), content);
        try (Highpage runtime =
                        Highpage.builder().device(Devices.named(device).open()).open();
                PageBuffer buffer = runtime.allocate(BYTES);
                Ring ring = Ring.open("opencl", 4);
                RegisteredBuffer whole = ring.register(buffer);
                RingFile file = RingFile.open(in)) {
            for (int round = 0; round < 3; round++) {
                buffer.fill((byte) round);
                buffer.access(runtime.device(), AccessMode.READ_WRITE).close(); // only there
                try (Pin pin = buffer.range(5000, content.length).pin(Pin.longTerm());
                        FixedBuffer fixed = whole.register(pin)) {
                    assertThat(bytes(pin)).containsOnly(round);
                    ring.readFully(file, 0, fixed, 0, content.length, SOON);
                }
                buffer.access(runtime.device(), AccessMode.READ_WRITE).close();
                try (Pin pin = buffer.range(5000, content.length).pin(Pin.longTerm())) {
                    assertThat(bytes(pin)).isEqualTo(content);
                }
            }
        }
    }

    private static byte[] bytes(Pin pin) {
        return pin.segment().toArray(ValueLayout.JAVA_BYTE);
    }
}
