// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;

/** Skips a test where there is no such device, and says why there is none. */
final class RequireDevice {
    private RequireDevice() {}

    static void check(String device) {
        if (device.startsWith("opencl")) {
            Optional<String> missing = Requirements.openCl(device);
            assumeTrue(missing.isEmpty(), missing::orElseThrow);
        }
    }
}
