// SPDX-License-Identifier: Apache-2.0
package io.highpage.interop.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.device.DeviceKind;
import io.highpage.device.Devices;
import io.highpage.opencl.OpenClMemoryMode;

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

    /** Skips a test where the first device has no such memory. */
    public static void mode(OpenClMemoryMode mode) {
        boolean there = Devices.find().stream().anyMatch(found -> switch (mode) {
            case FINE_GRAINED_SVM ->
                found.name().equals("opencl:0") && found.kind() == DeviceKind.COHERENT;
            case COARSE_GRAINED_SVM -> found.name().equals("opencl-private:0");
            case BUFFER -> true;
        });
        assumeTrue(there, "the driver has no " + mode);
    }
}
