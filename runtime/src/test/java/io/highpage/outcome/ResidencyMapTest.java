// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ResidencyMapTest {
    @Test
    void map_whoseArrayItsMakerChanges_staysAsItWas() {
        byte[] pages = {(byte) Residency.HOST.ordinal(), (byte) Residency.DEVICE.ordinal()};
        ResidencyMap map = new ResidencyMap(5, pages);
        pages[0] = (byte) Residency.LOST.ordinal();
        assertThat(map.of(5)).isEqualTo(Residency.HOST);
        assertThat(map).hasToString("HD");
    }
}
