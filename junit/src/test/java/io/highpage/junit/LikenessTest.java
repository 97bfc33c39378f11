// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.DeviceInfo;
import io.highpage.device.Devices;
import io.highpage.outcome.AccessMode;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a program on each likeness, as a user's build is. */
class LikenessTest {
    private static final String DRIVER = "/META-INF/highpage/likeness/linux-x86_64/libclshim.so";

    /** A program that moves a page to the first OpenCL device and home. */
    static final class Program {
        private Program() {}

        public static void main(String[] args) {
            DeviceInfo device = Devices.named("opencl:0");
            try (Highpage hp = Highpage.builder().device(device.open()).open();
                    PageBuffer buffer = hp.allocate(4096)) {
                buffer.fill((byte) 7);
                buffer.access(hp.device(), AccessMode.READ_WRITE).close();
                try (Pin pin = buffer.pin(Pin.longTerm())) {
                    System.out.println(device.description() + "; "
                            + hp.device().kind() + "; "
                            + pin.segment().get(ValueLayout.JAVA_BYTE, 4095));
                }
            }
        }
    }

    private static List<String> java(String... rest) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "--enable-native-access=ALL-UNNAMED",
                "-Dhighpage.opencl.copy=straight",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(List.of(rest));
        return command;
    }

    private static String said(List<String> command, int code) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(code);
        return said;
    }

    private static boolean isBuilt() {
        return LikenessTest.class.getResource(DRIVER) != null;
    }

    @ParameterizedTest
    @CsvSource({"nvidia, PRIVATE", "intel, COHERENT", "opencl12, PRIVATE", "lazy, PRIVATE"})
    void program_onALikeness_findsThatDriverAlone(String like, String kind) throws Exception {
        assumeTrue(isBuilt(), "the OpenCL driver for tests is not built");
        if (Devices.find().stream().noneMatch(found -> found.name().startsWith("opencl"))) {
            abort("no OpenCL device: " + Devices.missing());
        }
        List<String> command = java(Likeness.class.getName(), like);
        command.addAll(java(Program.class.getName()));
        assertThat(said(command, 0)).contains("like " + like).contains("; " + kind + "; 7");
    }

    @Test
    void command_thatFails_givesItsExitCode() throws Exception {
        assumeTrue(isBuilt(), "the OpenCL driver for tests is not built");
        said(java(Likeness.class.getName(), "nvidia", "sh", "-c", "exit 7"), 7);
        assertThat(said(java(Likeness.class.getName(), "nvidia", "no-such-command"), 1))
                .contains("likeness nvidia: ")
                .contains("no-such-command");
    }

    @Test
    void wrongName_isToldWithAllThereAre() throws InterruptedException {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Likeness.run(List.of("amd", "mvn"), new PrintStream(err));
        assertThat(code).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("Usage: ")
                .contains(Likeness.NAMES.keySet());
    }
}
