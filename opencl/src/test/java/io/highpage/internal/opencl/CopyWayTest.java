// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a user may ask for. Needs no driver. */
class CopyWayTest {
    @AfterEach
    void clear() {
        System.clearProperty(CopyWay.PROPERTY);
    }

    @Test
    void asked_isAWay_orToBeMeasured() {
        assertThat(CopyWay.asked()).isEmpty();
        System.setProperty(CopyWay.PROPERTY, "probe");
        assertThat(CopyWay.asked()).isEmpty();
        for (CopyWay way : CopyWay.values()) {
            System.setProperty(CopyWay.PROPERTY, way.word());
            assertThat(CopyWay.asked()).contains(way);
        }
    }

    @Test
    void asked_forWhatThereIsNot_isRefusedWithWhatThereIs() {
        System.setProperty(CopyWay.PROPERTY, "Staged");
        assertThatIllegalArgumentException()
                .isThrownBy(CopyWay::asked)
                .withMessage("-Dhighpage.opencl.copy=Staged is no way to copy; there are:"
                        + " straight, blocking, staged, wrapped, mapped, and probe,"
                        + " which measures them");
    }
}
