// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.cli.kernel.OpenClDevices;
import io.highpage.device.DeviceInfo;
import io.highpage.device.DeviceKind;
import io.highpage.device.Devices;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * The commands on one device, which {@code highpage test --device NAME} names; the best one found
 * if it does not.
 */
@Tag("device")
class OneDeviceTest {
    private static final int BYTES = 40_000_001;

    @TempDir
    private Path folder;

    private DeviceInfo device;
    private Path data;

    @BeforeEach
    void device() throws IOException {
        String name = System.getProperty("highpage.device");
        device = name == null ? Devices.find().getFirst() : Devices.named(name);
        byte[] bytes = new byte[BYTES];
        new Random(7).nextBytes(bytes);
        data = Files.write(folder.resolve("data"), bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"4K", "64K", "2M"})
    void demoIsVerified(String pageSize) {
        Cli result = Cli.run("demo", data, "--device", device.name(), "--page-size", pageSize)
                .succeeds();
        assertThat(result.lastLine()).isEqualTo("verified");
    }

    @Test
    void demoIsVerifiedWhereADeviceHasRoomForAPart() {
        Cli result = Cli.run("demo", data, "--device", device.name(), "--device-memory", "16M")
                .succeeds();
        assertThat(result.out()).contains("20 spans of 2 MiB; the device has room for 16 MiB");
        assertThat(result.lastLine()).isEqualTo("verified");
    }

    @Test
    void everyTraceOfItsKindPasses() {
        String kind = device.kind() == DeviceKind.COHERENT ? "coherent" : "private";
        Cli result = Cli.run("replay", "--device", device.name(), ReplayCommandTest.traces(kind))
                .succeeds();
        assertThat(result.lastLine()).endsWith(" passed, 0 failed");
    }

    @Test
    void aKernelRunsOverAFileInPieces() throws IOException {
        if (!OpenClDevices.isOpenCl(device)) {
            return; // 'run' is for OpenCL devices
        }
        Path kernel = Files.writeString(folder.resolve("invert.cl"), """
                kernel void invert(global const uchar *in, global uchar *out) {
                    size_t i = get_global_id(0);
                    out[i] = ~in[i];
                }
                """);
        Path out = folder.resolve("out");
        Cli.run(
                        "run",
                        kernel,
                        "--kernel",
                        "invert",
                        "--in",
                        data,
                        "--out",
                        out,
                        "--chunk",
                        "16M",
                        "--device",
                        device.name())
                .succeeds();
        byte[] expected = Files.readAllBytes(data);
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (byte) ~expected[i];
        }
        assertThat(Files.readAllBytes(out)).isEqualTo(expected);
    }
}
