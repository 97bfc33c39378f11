// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A device that is lost, hangs or fails late, as GPUs do: in a JVM of its own, with a driver that
 * behaves so.
 */
class DyingDriverTest {
    @TempDir
    private Path folder;

    private String run(String device, String step, String... settings)
            throws IOException, InterruptedException {
        String output = JavaProcess.outcome(JavaProcess.mortal(
                DyingDriverMain.class, ShimDriver.alone(folder, settings), device, step));
        assertThat(output).contains("closed\n").endsWith("exit 0\n");
        assertThat(output.replaceAll("(?s).*took (\\d+) s.*", "$1"))
                .satisfies(seconds ->
                        assertThat(Integer.parseInt(seconds)).as(output).isLessThan(60));
        return output;
    }

    @ParameterizedTest
    @ValueSource(strings = {"opencl-private:0", "opencl-buffer:0"})
    void deviceThatHangs_whileItCopiesHome_isLost_andMayStillRun(String device) throws Exception {
        String output = run(
                device,
                "out",
                "SHIM_SVM=coarse",
                "SHIM_DELAY=100000",
                "SHIM_LOST=clWaitForEvents:2:-9999",
                "SHIM_LOST_EVENT=stuck");
        assertThat(output)
                .contains(
                        "step DeviceLostException (may still run): device " + device + " is lost: ")
                .contains("may still run: clWaitForEvents returned NVIDIA: illegal memory access"
                        + " by a kernel (-9999)")
                .contains("lost true", "residency xxxx HHHH", "home 2, there DeviceLostException")
                .contains("again DeviceLostException: ");
    }

    @Test
    void deviceThatHangs_whileItCopiesIn_isLost_andThePagesStayHome() throws Exception {
        assertThat(run(
                        "opencl:0",
                        "in",
                        "SHIM_SVM=coarse",
                        "SHIM_DELAY=100000",
                        "SHIM_LOST=clWaitForEvents:2:-9999",
                        "SHIM_LOST_EVENT=stuck"))
                .contains("step DeviceLostException (may still run): ")
                .contains("lost true", "residency xxxx HHHH", "home 2, there DeviceLostException");
    }

    @ParameterizedTest
    @CsvSource({
        "-36, CL_INVALID_COMMAND_QUEUE",
        "-5, CL_OUT_OF_RESOURCES",
        "-777, the device does not answer",
        "-9999, NVIDIA"
    })
    void deadContext_isALostDevice_inTheDriversWords(int code, String name) throws Exception {
        assertThat(run(
                        "opencl:0",
                        "out",
                        "SHIM_SVM=coarse",
                        "SHIM_LOST=clEnqueueSVMMemcpy:2:" + code))
                .contains("step DeviceLostException: device opencl:0 is lost: clEnqueueSVMMemcpy"
                        + " from the device failed"
                        + " with " + name)
                .contains("; the driver says: the shim lost its device")
                .contains("lost true", "residency xxxx HHHH", "home 2, there DeviceLostException");
    }

    @Test
    void deadContext_whenAnAccessCloses_isALostDevice() throws Exception {
        assertThat(run("opencl:0", "access", "SHIM_SVM=coarse", "SHIM_LOST=clFinish:1:-36"))
                .contains("close DeviceLostException (may still run): device opencl:0 is lost:"
                        + " clFinish failed with"
                        + " CL_INVALID_COMMAND_QUEUE (-36); the driver says: the shim"
                        + " lost its device")
                .contains("lost true", "residency xxxx HHHH", "home 2, there DeviceLostException");
    }

    @Test
    void waitThatFails_leavesTheAccessOpen_andTheNextCloseWorks() throws Exception {
        String fails = "clFinish:1:-6,clFinish:2:-6";
        assertThat(run("opencl:0", "access", "SHIM_SVM=coarse", "SHIM_FAIL=" + fails))
                .as("a wait that fails for a moment")
                .contains("access closed", "lost false", "home 2, there 1")
                .doesNotContain("close Device");
    }

    @Test
    void copyThatFailsLate_leavesThePagesWhereTheyWere() throws Exception {
        assertThat(run(
                        "opencl:0",
                        "out",
                        "SHIM_SVM=coarse",
                        "SHIM_DELAY=2000",
                        "SHIM_LATE=clEnqueueSVMMemcpy:2:-45"))
                .contains("step DeviceException: ")
                .contains("clEnqueueSVMMemcpy from the device failed with"
                        + " CL_INVALID_PROGRAM_EXECUTABLE (-45), while it ran")
                .contains("lost false", "home 2, there 1");
    }

    @Test
    void memoryThatRunsOutLate_isNotALostDevice() throws Exception {
        assertThat(run(
                        "opencl:0",
                        "in",
                        "SHIM_SVM=coarse",
                        "SHIM_DELAY=2000",
                        "SHIM_LATE=clEnqueueSVMMemcpy:2:-5"))
                .as("others may have left meanwhile, so it is tried again")
                .contains("step done", "lost false", "home 2, there 1", "again done");
    }

    @ParameterizedTest
    @CsvSource({
        "-4, opencl-private:0",
        "-5, opencl-private:0",
        "-6, opencl-buffer:0",
        "-61, opencl-buffer:0"
    })
    void memoryThatIsNotThereAtItsFirstUse_isHadOnceEmptySlabsAreGivenUp(int code, String device)
            throws Exception {
        assertThat(run(
                        device,
                        "room",
                        "SHIM_SVM=coarse",
                        "SHIM_MEMORY=67108864",
                        "SHIM_RESERVED=41943040",
                        "SHIM_MAX_ALLOC=67108864",
                        "SHIM_LAZY=" + code))
                .contains("first done", "second done", "lost false", "home 2, there 1");
    }
}
