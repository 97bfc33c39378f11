// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceAddressTest {
    @ParameterizedTest
    @CsvSource({
        "opencl:0, opencl:0, 1",
        "0, opencl:0, 1",
        "12, opencl:12, 1",
        "host, host, 1",
        "opencl:0/4, opencl:0, 4",
        "opencl:0/4#2, opencl:0, 4",
        "3/2#1, opencl:3, 2",
        "opencl-private:1/9999, opencl-private:1, 9999",
    })
    void address_isADeviceAndItsShare(String text, String device, int shares) {
        assertThat(DeviceAddress.of("here", text)).isEqualTo(new DeviceAddress(device, shares));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "/2",
                "opencl:0/",
                "opencl:0/-1",
                "opencl:0/10000",
                "opencl:0/2/2",
                "a b",
                "opencl:0#1",
                "opencl:0/2#"
            })
    void textThatIsNoAddress_isRefusedWithExamples(String text) {
        assertThatThrownBy(() -> DeviceAddress.of("here", text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("here=" + text + " is no address of a device")
                .hasMessageContaining("opencl:0/4");
    }

    @Test
    void noShares_areRefused() {
        assertThatThrownBy(() -> DeviceAddress.of("here", "opencl:0/0"))
                .hasMessage("here=opencl:0/0 has 0 shares: a device can be divided into 1"
                        + " (opencl:0/1) to 9999");
    }

    @Test
    void deviceThatIsNotThere_namesThoseThatAre() {
        assertThatThrownBy(() -> DeviceAddress.of("here", "nonsense").find())
                .hasMessageContaining("no device 'nonsense': there is ")
                .hasMessageContaining("host");
    }
}
