// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.internal.opencl.FirstDevice;
import io.highpage.internal.opencl.ShimDriver;
import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Map;

/** The first use of OpenCL in a process by several threads at once, in JVMs of their own. */
class FirstUseTest {
    private static final int JVMS = 6;
    private static final Map<String, String> LIBJSIG =
            Map.of("LD_PRELOAD", System.getProperty("java.home") + "/lib/libjsig.so");

    @Test
    void everyThreadThatOpensFirst_getsTheDevice() throws Exception {
        FirstDevice.device();
        for (int i = 0; i < JVMS; i++) {
            String output =
                    JavaProcess.outcome(JavaProcess.mortal(FirstUseMain.class, LIBJSIG, "threads"));
            assertThat(output).isEqualTo("opencl:0\n".repeat(FirstUseMain.THREADS) + "exit 0\n");
        }
    }

    @Test
    void everyClassLoaderThatOpensFirst_getsTheDevice() throws Exception {
        FirstDevice.device();
        for (int i = 0; i < JVMS; i++) {
            String output =
                    JavaProcess.outcome(JavaProcess.mortal(FirstUseMain.class, LIBJSIG, "loaders"));
            assertThat(output).isEqualTo("opencl:0\n".repeat(FirstUseMain.THREADS) + "exit 0\n");
        }
    }

    /** ... for a while. */
    @Test
    void threadWhoseDriverDoesNotAnswer_letsOthersWait(@TempDir Path folder) throws Exception {
        String output = JavaProcess.outcome(JavaProcess.mortal(
                FirstUseMain.class, ShimDriver.alone(folder, "SHIM_DRIVER=none"), "patience"));
        assertThat(output)
                .contains(
                        "OpenCL does not answer: Thread[",
                        ",asks,",
                        "] has been asking its drivers for more than 0 s")
                .endsWith("then it answers\nexit 0\n");
    }
}
