// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.internal.opencl.FirstDevice;
import io.highpage.internal.opencl.ShimDriver;
import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is found, and what is said, where drivers are registered that are broken, odd or not alone:
 * in JVMs of their own.
 */
class DiscoveryTest {
    private static final String POCL = "libpocl.so.2";
    private static final String POCL_NAME = "Portable Computing Language";

    @TempDir
    private Path folder;

    @BeforeEach
    void require() {
        FirstDevice.device();
    }

    private static String find(Map<String, String> environment) throws Exception {
        String output = JavaProcess.outcome(JavaProcess.mortal(FindMain.class, environment));
        assertThat(output).endsWith("exit 0\n");
        return output;
    }

    private Path icd(int i) {
        return folder.resolve(i + ".icd");
    }

    @Test
    void driverThatDoesNotLoad_isNamedWithItsFileAndTheReason() throws Exception {
        String output = find(ShimDriver.registered(folder, List.of("/nowhere/libvendor.so.1")));
        assertThat(output)
                .doesNotContain("found ", "is registered in")
                .contains("missing OpenCL: the driver /nowhere/libvendor.so.1, which " + icd(0)
                        + " registers, does not load: /nowhere/libvendor.so.1: cannot"
                        + " open shared object file");
    }

    @Test
    void driverThatDoesNotLoad_besideOneThatDoes_isNamedToo() throws Exception {
        String output =
                find(ShimDriver.registered(folder, List.of("/nowhere/libvendor.so.1", POCL)));
        assertThat(output)
                .contains("found opencl:0", "the driver /nowhere/libvendor.so.1, which " + icd(0));
    }

    @Test
    void driverThatOffersNothing_isNamedWithItsFile() throws Exception {
        Map<String, String> environment = ShimDriver.alone(
                folder, "SHIM_DRIVER=none", "SHIM_FAIL=clIcdGetPlatformIDsKHR:1+:-1001");
        assertThat(find(environment))
                .doesNotContain("found ", "is registered in")
                .contains("missing OpenCL: the driver " + ShimDriver.library() + ", which " + icd(0)
                        + " registers, loads, but offers nothing");
    }

    @Test
    void deviceWhoseClMemLosesBytes_isOfferedBySvmOnly_andLeftOutWithoutIt() throws Exception {
        assertThat(find(ShimDriver.alone(folder, "SHIM_PLATFORM=NVIDIA CUDA", "SHIM_SVM=coarse")))
                .contains("found opencl:0 NVIDIA CUDA", "found opencl-private:0", "missing nothing")
                .contains("; there is no opencl-buffer of it, since its driver loses bytes")
                .doesNotContain("found opencl-buffer");
        assertThat(find(ShimDriver.alone(folder, "SHIM_PLATFORM=NVIDIA CUDA", "SHIM_SVM=fine")))
                .contains("in place; there is no opencl-buffer of it, since its driver loses bytes")
                .doesNotContain("found opencl-buffer");
        assertThat(find(ShimDriver.alone(folder, "SHIM_PLATFORM=NVIDIA CUDA", "SHIM_SVM=none")))
                .doesNotContain("found ")
                .containsPattern("missing OpenCL: .* is left out: its driver loses bytes that are"
                        + " written to a part of a cl_mem, and it has no SVM");
    }

    @Test
    void fileThatNamesNothing_isNamed() throws Exception {
        assertThat(find(ShimDriver.registered(folder, List.of(""))))
                .contains("missing OpenCL: the driver , which " + icd(0)
                        + " registers, does not load: no name");
    }

    /** As without permission, or without a descriptor that is free. */
    @Test
    void folderThatCannotBeRead_isNamedWithTheReason() throws Exception {
        Path loop = folder.resolve("loop");
        Files.createSymbolicLink(loop, loop);
        assertThat(find(Map.of("OCL_ICD_VENDORS", loop.toString())))
                .doesNotContain("no driver is registered")
                .contains("missing OpenCL: the folder " + loop
                        + ", where drivers are registered, cannot be read: ")
                .contains("Too many levels of symbolic links");
    }

    /** Which the loader takes for a driver to load, not for text. */
    @Test
    void libraryInPlaceOfTheFolder_isADriver() throws Exception {
        assertThat(find(Map.of("OCL_ICD_VENDORS", ShimDriver.library())))
                .contains("found opencl:0")
                .contains("missing nothing");
    }

    @Test
    void platformWithoutDevices_isNamed_andHidesNoOther() throws Exception {
        String alone = find(ShimDriver.alone(folder, "SHIM_DRIVER=none"));
        assertThat(alone)
                .doesNotContain("found ")
                .contains("missing OpenCL: Nothing has no device on this machine");
        for (List<String> drivers :
                List.of(List.of(ShimDriver.library(), POCL), List.of(POCL, ShimDriver.library()))) {
            assertThat(find(ShimDriver.registered(
                            folder, drivers, "SHIM_DRIVER=none", "SHIM_STRICT=1")))
                    .contains(
                            "found opencl:0",
                            "found opencl-buffer:0",
                            "Nothing has no device on this machine");
        }
    }

    /** Each with the driver first, where it has the more chances to hide the other. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SHIM_FAIL=clGetDeviceIDs:1+:-5",
                "SHIM_FAIL=clGetPlatformInfo:1+:-6",
                "SHIM_EMPTY=clGetPlatformInfo",
                "SHIM_STRICT=1"
            })
    void platformThatFails_hidesNoOther(String how) throws Exception {
        String output = find(ShimDriver.registered(
                folder, List.of(ShimDriver.library(), POCL), "SHIM_DRIVER=none", how));
        assertThat(output).contains("found opencl:0", "missing OpenCL: ");
    }

    @Test
    void driverWhoseDevicesAnswerNothing_isLeftOutWithAWord() throws Exception {
        assertThat(find(ShimDriver.alone(folder, "SHIM_EMPTY=clGetDeviceInfo")))
                .doesNotContain("found ")
                .contains("missing OpenCL: " + POCL_NAME
                        + " is left out: clGetDeviceInfo answers with 0 bytes");
    }

    @Test
    void deviceThatIsNotAvailable_isLeftOutWithAWord() throws Exception {
        assertThat(find(ShimDriver.alone(folder, "SHIM_AVAILABLE=0", "SHIM_NAME=Broken card")))
                .doesNotContain("found ")
                .contains("missing OpenCL: Broken card is left out: its driver says that it is"
                        + " not available");
    }

    @Test
    void namesThatMoveTheCursor_areShownHarmlessly() throws Exception {
        // An escape sequence of 7 bits, one of 8, a line's end, and what turns the direction of a
        // line.
        String name = "SHIM_NAME=a\\x1b[2Jb\\xc2\\x9b2Jc\\x0ad\\xe2\\x80\\xaee";
        assertThat(find(ShimDriver.alone(folder, name)))
                .contains("found opencl:0 " + POCL_NAME + ", a?[2Jb?2Jc?d?e, ");
    }

    @Test
    void pocl_thatCannotWriteToItsCache_isSaidWithTheWayOut() throws Exception {
        Path noFolder = Files.createFile(folder.resolve("file"));
        Map<String, String> environment =
                new HashMap<>(ShimDriver.registered(folder, List.of(POCL)));
        environment.put("POCL_CACHE_DIR", noFolder.resolve("cache").toString());
        assertThat(find(environment))
                .contains("missing OpenCL: " + POCL_NAME
                        + " has no device on this machine, as when it cannot write to its")
                .contains("POCL_CACHE_DIR=FOLDER");
    }
}
