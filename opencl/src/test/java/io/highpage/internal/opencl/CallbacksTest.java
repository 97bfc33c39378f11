// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;

/** A driver that tells of ends late, twice, on threads of its own, or not at all. */
class CallbacksTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"0, 1", "0, 2", "0, 0", "400000, 1", "400000, 2"})
    void ends_areLearnt_howeverTheDriverTellsThem(int delayMicros, int times) throws Exception {
        String output = JavaProcess.outcome(JavaProcess.mortal(
                CallbacksMain.class,
                ShimDriver.alone(
                        folder,
                        "SHIM_SVM=coarse",
                        "SHIM_DELAY=5000",
                        "SHIM_FLUSH=1",
                        "SHIM_LATE=clEnqueueNDRangeKernel:2:-5",
                        "SHIM_CALLBACK_DELAY=" + delayMicros,
                        "SHIM_CALLBACK_TIMES=" + times,
                        "SHIM_CHECK=1",
                        "SHIM_REPORT=-"),
                times));
        assertThat(output)
                .doesNotContain("COMPLAINT", "NOT EQUAL", "STILL LIVE")
                .containsOnlyOnce("failed: the command of the event failed")
                .contains("closed\ntold\n", "memory all freed")
                .endsWith("exit 0\n");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, 0, true",
        "300000, 2, 0, true",
        "0, 0, 0, true",
        "300000, 2, 600000, true", // also when the JVM is gone
        "0, 1, 0, false"
    })
    void futures_endWithTheirEvents_andWithTheirRuntime(
            int delayMicros, int times, int exitMicros, boolean withNativeLibrary)
            throws Exception {
        String output = JavaProcess.outcome(JavaProcess.mortal(
                EventsAtTheEndMain.class,
                ShimDriver.alone(
                        folder,
                        "SHIM_SVM=coarse",
                        "SHIM_DELAY=5000",
                        "SHIM_FLUSH=1",
                        "SHIM_CALLBACK_DELAY=" + delayMicros,
                        "SHIM_CALLBACK_TIMES=" + times,
                        "SHIM_EXIT=" + exitMicros,
                        "SHIM_CHECK=1",
                        "SHIM_REPORT=-",
                        "JAVA_TOOL_OPTIONS=-Dhighpage.native=" + withNativeLibrary)));
        assertThat(output)
                .doesNotContain("COMPLAINT", "NOT EQUAL", "STILL LIVE")
                .contains("ints 12 12\nints 15 15\nclosed\n", "memory all freed")
                .endsWith("exit 0\n");
        assertThat(output.contains("clSetEventCallback")).isEqualTo(withNativeLibrary);
    }
}
