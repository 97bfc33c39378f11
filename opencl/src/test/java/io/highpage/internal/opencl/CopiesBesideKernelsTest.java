// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

/**
 * OpenCL leaves undefined what copies through a buffer do while kernels use sub-buffers of it. A
 * driver looks for it.
 */
class CopiesBesideKernelsTest {
    @TempDir
    private Path folder;

    @Test
    void copies_besideKernelsOnTheSameMemoryObject_areNothingThatIsUndefined() throws Exception {
        String output = JavaProcess.outcome(JavaProcess.mortal(
                CopiesBesideKernelsMain.class,
                ShimDriver.alone(
                        folder,
                        "SHIM_ALIGN_BITS=4096",
                        "SHIM_DELAY=20000",
                        "SHIM_FLUSH=1",
                        "SHIM_CHECK=1",
                        "SHIM_REPORT=-")));
        assertThat(output)
                .doesNotContain("COMPLAINT", "NOT EQUAL", "STILL LIVE")
                .contains("copied home " + 4 * 2 * 8 * 4096)
                .contains("ints 101010d 1010101 101010d 1010101", "memory all freed")
                .endsWith("exit 0\n");
    }
}
