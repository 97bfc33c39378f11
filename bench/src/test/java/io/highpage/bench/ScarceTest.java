// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.outcome.DeviceTraffic;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Four times as much data as device memory, and the same results as with everything in memory. */
class ScarceTest {
    private static final int SPANS = 16;
    private static final int PASSES = 3;

    @ParameterizedTest
    @ValueSource(
            strings = {"host", "host-private", "opencl:0", "opencl-private:0", "opencl-buffer:0"})
    void fourTimesTheDevicesMemory_givesTheBytesOfOneThatFits(String device) {
        RequireDevice.check(device);
        boolean isOpenCl = device.startsWith("opencl");
        try (Scarce fits = Scarce.open(device, SPANS, 1);
                Scarce scarce = Scarce.open(device, SPANS, 4)) {
            long found = fits.run(PASSES);

            assertThat(scarce.run(PASSES)).isEqualTo(found);

            assertThat(fits.traffic().spansEvicted()).isZero();
            DeviceTraffic traffic = scarce.traffic();
            assertThat(traffic.spansEvicted()).as("%s", traffic).isGreaterThan(SPANS);
            assertThat(traffic.spansEvictedFree())
                    .as("%s", traffic)
                    .isPositive()
                    .isLessThan(traffic.spansEvicted());
            assertThat(traffic.bytesEvictedFree())
                    .isGreaterThanOrEqualTo(traffic.spansEvictedFree() * Scarce.PART_BYTES);
            String digest = fits.sha256();
            assertThat(scarce.sha256()).isEqualTo(digest);
            if (isOpenCl) {
                try (ScarceByHand plain = new ScarceByHand(device, SPANS)) {
                    assertThat(plain.run(PASSES)).isEqualTo(found);
                    assertThat(plain.sha256()).isEqualTo(digest);
                }
            }
        }
    }
}
