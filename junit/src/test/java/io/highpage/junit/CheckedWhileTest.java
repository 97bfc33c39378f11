// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.device.DeviceInfo;
import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.platform.testkit.engine.EngineTestKit;

import java.util.Set;
import java.util.TreeSet;

/** Tests of others run in the checked mode; this project's do not, since its property says so. */
class CheckedWhileTest {
    private static final String PROPERTY = "highpage.checked";
    private static final Set<String> FOUND = new TreeSet<>();

    private String said;

    @BeforeEach
    void forgetTheProperty() {
        FOUND.clear();
        said = System.clearProperty(PROPERTY);
    }

    @AfterEach
    void restoreTheProperty() {
        if (said != null) {
            System.setProperty(PROPERTY, said);
        }
    }

    private static boolean isChecked(Highpage.Builder builder) {
        try (Highpage hp = builder.device(HostDevice.coherent(1 << 20)).open();
                PageBuffer buffer = hp.allocate(4096);
                DeviceAccess access = buffer.access(hp.device(), AccessMode.READ)) {
            return access.isChecked();
        }
    }

    @ExtendWith(HighpageLeakCheck.class)
    @Tag("sample")
    static class Leaks {
        @Test
        void test() {
            FOUND.add("leaks " + isChecked(Highpage.builder()));
            FOUND.add("asked for " + isChecked(Highpage.builder().checked(false)));
        }
    }

    @WithoutLeakCheck("says what it is for")
    @ExtendWith(HighpageLeakCheck.class)
    @Tag("sample")
    static class LeftOut {
        @Test
        void test() {
            FOUND.add("left out " + isChecked(Highpage.builder()));
        }
    }

    @Tag("sample")
    static class Devices {
        @ForEachDevice
        void test(DeviceInfo device) {
            FOUND.add("devices " + isChecked(Highpage.builder()));
        }
    }

    @Test
    void runtimesOfTests_areChecked_unlessTheySayOtherwise() {
        EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(Leaks.class), selectClass(LeftOut.class))
                .selectors(selectClass(Devices.class))
                .execute()
                .testEvents()
                .assertStatistics(statistics -> statistics.failed(0));
        assertThat(FOUND)
                .containsExactly("asked for false", "devices true", "leaks true", "left out false");
        assertThat(isChecked(Highpage.builder())).as("afterwards").isFalse();
    }

    @Test
    void property_hasTheLastWord() {
        System.setProperty(PROPERTY, "false");
        EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(Leaks.class))
                .execute();
        assertThat(FOUND).containsExactly("asked for false", "leaks false");
        System.setProperty(PROPERTY, "true");
        assertThat(isChecked(Highpage.builder())).isTrue();
        System.clearProperty(PROPERTY);
    }
}
