// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The commands on drivers that are not PoCL: each in a JVM of its own, on the driver for tests
 * (native/README.md).
 */
class OtherDriversTest {
    private static final Path SHIM = Path.of("../native/target/cmake/plain/libclshim.so")
            .toAbsolutePath()
            .normalize();

    @TempDir
    private Path folder;

    private Path data;

    @BeforeEach
    void data() throws IOException {
        Cli.assumeOpenCl();
        boolean built = Files.exists(SHIM);
        String missing =
                "the OpenCL driver for tests is not built; install: opencl-headers cmake gcc";
        if (Boolean.parseBoolean(System.getenv("HIGHPAGE_REQUIRE_OPENCL"))) {
            assertThat(built).as(missing).isTrue();
        }
        assumeTrue(built, missing);
        byte[] bytes = new byte[300_001];
        new Random(3).nextBytes(bytes);
        data = Files.write(folder.resolve("data"), bytes);
    }

    /**
     * The first columns are what is registered, in this order. {@code P}: PoCL; {@code S}: the
     * driver for tests.
     */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "refuses unknown device types,            S,  SHIM_STRICT=1",
        "OpenCL 1.2,                              S,  SHIM_VERSION=1.2 SHIM_CHECK=1",
        "fails beside PoCL,                       PS, SHIM_DRIVER=none"
                + " SHIM_FAIL=clGetDeviceIDs:1+:-5",
        "fails before PoCL,                       SP, SHIM_DRIVER=none"
                + " SHIM_FAIL=clGetDeviceIDs:1+:-5",
        "has no device and stands before PoCL,    SP, SHIM_DRIVER=none SHIM_STRICT=1",
        "memory out of reach and late commands,   S,  SHIM_SVM=coarse SHIM_DELAY=300"
                + " SHIM_FLUSH=1 SHIM_CHECK=1",
    })
    void demoAndRun(String like, String registered, String settings) throws Exception {
        Map<String, String> environment = environment(registered, settings);
        Cli demo = CliProcess.run(folder, environment, "demo", data, "--device", "opencl");
        assertThat(demo.lastLine()).as("%s", demo).isEqualTo("verified");
        assertThat(demo.err()).doesNotContain("COMPLAINT");

        Path kernel = Files.writeString(
                folder.resolve("invert.cl"),
                "kernel void invert(global const uchar *in, global uchar *out)"
                        + " { out[get_global_id(0)] = ~in[get_global_id(0)]; }");
        for (List<String> more :
                List.of(List.<String>of(), List.of("--chunk", "64K", "--compare"))) {
            Path out = folder.resolve("out" + more.size());
            Cli run = CliProcess.run(folder, environment, run(kernel, out, more));
            assertThat(run.exitCode()).as("%s", run).isZero();
            assertThat(run.err()).doesNotContain("COMPLAINT");
            byte[] expected = Files.readAllBytes(data);
            for (int i = 0; i < expected.length; i++) {
                expected[i] = (byte) ~expected[i];
            }
            assertThat(Files.readAllBytes(out)).isEqualTo(expected);
        }
    }

    @Test
    void theHostDeviceByName_asksNoDriver() throws Exception {
        Map<String, String> environment = environment("S", "SHIM_DRIVER=none SHIM_TRACE=1");
        assertThat(CliProcess.run(folder, environment, "devices").err())
                .contains("shim: clIcdGetPlatformIDsKHR");
        for (String device : List.of("host", "host-private")) {
            Cli demo = CliProcess.run(folder, environment, "demo", data, "--device", device);
            assertThat(demo.lastLine()).as("%s", demo).isEqualTo("verified");
            assertThat(demo.err()).isEmpty();
        }
        CliProcess.run(
                        folder,
                        environment,
                        "replay",
                        "--device",
                        "host",
                        ReplayCommandTest.traces("coherent"))
                .succeeds();
    }

    @Test
    void driverWithoutACompiler_isToldInItsOwnWords_andGetsEverythingBack() throws Exception {
        Path report = folder.resolve("report");
        Map<String, String> environment = environment("S", "SHIM_COMPILER=0 SHIM_REPORT=" + report);
        CliProcess.run(folder, environment, "demo", data, "--device", "opencl")
                .fails(1, "for device opencl:0: CL_COMPILER_NOT_AVAILABLE");
        Path kernel =
                Files.writeString(folder.resolve("k.cl"), "kernel void k(global uchar *in) {}");
        Object[] run = {"run", kernel, "--kernel", "k", "--in", data, "--out", folder.resolve("out")
        };
        CliProcess.run(folder, environment, run)
                .fails(1, "for device opencl:0: CL_COMPILER_NOT_AVAILABLE");
        assertThat(Files.readString(report)).doesNotContain("NOT EQUAL", "STILL LIVE");
    }

    private Object[] run(Path kernel, Path out, List<String> more) {
        Object[] command = {
            "run", kernel, "--kernel", "invert", "--in", data, "--out", out, "--device", "opencl"
        };
        Object[] all = Arrays.copyOf(command, command.length + more.size());
        System.arraycopy(more.toArray(), 0, all, command.length, more.size());
        return all;
    }

    private Map<String, String> environment(String registered, String settings) throws IOException {
        Path vendors = Files.createDirectory(folder.resolve("vendors"));
        for (int i = 0; i < registered.length(); i++) {
            String driver = registered.charAt(i) == 'P' ? "libpocl.so.2" : SHIM.toString();
            Files.writeString(vendors.resolve(i + ".icd"), driver + "\n");
        }
        Map<String, String> environment =
                new HashMap<>(Map.of("OCL_ICD_VENDORS", vendors.toString()));
        for (String setting : settings.split(" ")) {
            environment.put(
                    setting.substring(0, setting.indexOf('=')),
                    setting.substring(setting.indexOf('=') + 1));
        }
        return environment;
    }
}
