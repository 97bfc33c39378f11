// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What the commands say on a machine without an OpenCL driver: a JVM of its own that is shown none.
 */
class WithoutOpenClTest {
    private static final String PACKAGE = "pocl-opencl-icd";

    @TempDir
    private Path folder;

    private Path data;

    @BeforeEach
    void data() throws IOException {
        data = Files.write(folder.resolve("data"), new byte[10_000]);
    }

    @Test
    void devicesSaysWhatToInstall() throws Exception {
        Cli result = run("devices");
        assertThat(result.exitCode()).isZero();
        assertThat(result.out())
                .contains("host-private", "Missing: ", PACKAGE)
                .doesNotContain("opencl:0");
    }

    @Test
    void doctorSaysWhatItCosts() throws Exception {
        Cli result = run("doctor");
        assertThat(result.exitCode()).isZero();
        assertThat(result.out())
                .contains("less   OpenCL", PACKAGE, "costs: only the built-in host device")
                .doesNotContain("OpenCL open", "opening OpenCL");
    }

    @Test
    void demoRunsOnTheHostDeviceAndSaysSo() throws Exception {
        Cli result = run("demo", data.toString());
        assertThat(result.exitCode()).isZero();
        assertThat(result.out())
                .contains(
                        "On the built-in host device, because of: ",
                        PACKAGE,
                        "device   host, coherent");
        assertThat(result.lastLine()).isEqualTo("verified");
    }

    @Test
    void whatNeedsOpenClFailsAndSaysWhatToInstall() throws Exception {
        run(
                        "run",
                        data.toString(),
                        "--kernel",
                        "k",
                        "--in",
                        data.toString(),
                        "--out",
                        folder.resolve("out").toString())
                .fails(1, "kernels in OpenCL C need an OpenCL device", PACKAGE);
        run("devices", "--discovery").fails(1, "need an OpenCL device", PACKAGE);
        run("devices", "--discovery", "--device", "opencl:0")
                .fails(1, "--device opencl:0: ", PACKAGE);
        run("demo", data.toString(), "--device", "opencl").fails(1, "--device opencl: ", PACKAGE);
        run("replay", "--device", "opencl", ReplayCommandTest.traces("coherent").toString())
                .fails(1, "--device opencl: ", PACKAGE);
    }

    private Cli run(String... arguments) throws IOException, InterruptedException {
        // Where the loader looks for drivers.
        return CliProcess.run(
                folder, Map.of("OCL_ICD_VENDORS", folder.resolve("none").toString()), (Object[])
                        arguments);
    }
}
