// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.device.Extent;
import io.highpage.opencl.JvmSignals;
import io.highpage.opencl.OpenClDevice;
import io.highpage.opencl.OpenClMemoryMode;
import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.util.Map;

/** The JVM's signals after a driver has come. */
@Tag("opencl")
class OpenClSignalsTest {
    @Test
    void division_byZero_afterAKernelRan_throws() {
        ClDeviceFacts facts = FirstDevice.device();
        assertThat(JvmSignals.now().isLibjsigLoaded())
                .as("tests run with LD_PRELOAD=<java.home>/lib/libjsig.so")
                .isTrue();
        try (OpenClDevice device =
                        OpenClDevice.open("test", facts.device(), OpenClMemoryMode.BUFFER);
                TestKernel kernel = TestKernel.compile(device, TestKernel.ADD, "add")) {
            Extent extent = device.allocate(TestRuns.PAGE);
            var view = extent.view(0, TestRuns.PAGE);
            kernel.add(view, 1, 1);
            view.release().run();
            extent.free();
        }
        assertThat(SignalsMain.divide(1, 0)).isEqualTo("threw");
        assertThat(JvmSignals.now().taken()).isEmpty();
        assertThat(JvmSignals.now().warning()).isEmpty();
    }

    @Test
    void withoutLibjsig_theWarningSaysWhoTookWhat_once() throws Exception {
        ClDeviceFacts facts = FirstDevice.device();
        assumeTrue(
                facts.platformName().equals("Portable Computing Language"),
                "other drivers take other signals");
        int major = Integer.parseInt(facts.driverVersion().replaceFirst("\\D.*", ""));
        assumeTrue(major < 4, "from 4.0 on PoCL leaves the division by zero alone");
        String output = JavaProcess.outcome(JavaProcess.mortal(SignalsMain.class, Map.of()));
        assertThat(output)
                .contains("before libjsig is not loaded, signals taken: []")
                .contains("ran libjsig is not loaded, signals taken: [SIGFPE")
                .contains("warning true")
                .containsOnlyOnce("the JVM no longer handles SIGFPE")
                .containsOnlyOnce(
                        "LD_PRELOAD=" + System.getProperty("java.home") + "/lib/libjsig.so")
                .contains("libpocl.so")
                .contains("division gave") // the wrong result that the warning is about
                .endsWith("exit 0\n");
    }

    @Test
    void withLibjsig_nothingIsLogged() throws Exception {
        FirstDevice.device();
        String libjsig = System.getProperty("java.home") + "/lib/libjsig.so";
        String output = JavaProcess.outcome(
                JavaProcess.mortal(SignalsMain.class, Map.of("LD_PRELOAD", libjsig)));
        assertThat(output)
                .contains("ran libjsig is loaded, signals taken: []")
                .contains("warning false")
                .contains("division threw")
                .doesNotContain("WARNING", "no longer handles")
                .endsWith("exit 0\n");
    }
}
