// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.device.DeviceKind;
import io.highpage.device.Devices;
import io.highpage.testkit.opencl.OpenClProgram.Mode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Skips a test where there is no OpenCL device, and fails it instead if
 * {@code HIGHPAGE_REQUIRE_OPENCL=true}.
 */
public final class RequireOpenCl {
    private RequireOpenCl() {}

    public static void check() {
        boolean there = Devices.find().stream().anyMatch(found -> found.name().equals("opencl:0"));
        String missing = String.join("; ", Devices.missing());
        if (Boolean.parseBoolean(System.getenv("HIGHPAGE_REQUIRE_OPENCL"))) {
            assertThat(there).as(missing).isTrue();
        }
        assumeTrue(there, missing);
    }

    /**
     * Skips a test where the driver for tests is not built.
     *
     * @param folder for the list of drivers
     * @return the environment of a process that sees that driver only: OpenCL 1.2, and strict about
     *     device types as Mesa's driver is
     */
    public static Map<String, String> otherDriver(Path folder) throws IOException {
        Path shim = Path.of("../native/target/cmake/plain/libclshim.so").toAbsolutePath();
        assumeTrue(
                Files.exists(shim),
                "the OpenCL driver for tests is not built; install: opencl-headers cmake gcc");
        Path vendors = Files.createDirectory(folder.resolve("vendors"));
        Files.writeString(vendors.resolve("shim.icd"), shim.normalize() + "\n");
        return Map.of(
                "OCL_ICD_VENDORS", vendors.toString(), "SHIM_VERSION", "1.2", "SHIM_STRICT", "1");
    }

    /**
     * Skips a test where the driver for tests is not built.
     *
     * @param folder for the list of drivers
     * @return the environment of a process that sees that driver only, with images over buffers and
     *     every kind of memory
     */
    public static Map<String, String> driverWithImages(Path folder) throws IOException {
        Map<String, String> environment = new HashMap<>(otherDriver(folder));
        environment.putAll(Map.of(
                "SHIM_VERSION", "3.0",
                "SHIM_SVM", "fine",
                "SHIM_ALIGN_BITS", "1024",
                "SHIM_IMAGE_PITCH", "16",
                "SHIM_CHECK", "1"));
        return environment;
    }

    /** Skips a test where the first device has no such memory. */
    public static void mode(Mode mode) {
        boolean there = Devices.find().stream().anyMatch(found -> switch (mode) {
            case FINE_GRAINED_SVM ->
                found.name().equals("opencl:0") && found.kind() == DeviceKind.COHERENT;
            case COARSE_GRAINED_SVM -> found.name().equals("opencl-private:0");
            case BUFFER -> true;
        });
        assumeTrue(there, "the driver has no " + mode);
    }
}
