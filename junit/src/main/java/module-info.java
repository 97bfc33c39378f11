// SPDX-License-Identifier: Apache-2.0

/**
 * Extensions for JUnit 5 and 6: a leak check, tests on every device of the machine, and the
 * contract of a new device.
 */
module io.highpage.junit {
    requires transitive io.highpage;
    requires transitive org.junit.jupiter.api;
    requires static org.jspecify;

    exports io.highpage.junit;

    provides org.junit.jupiter.api.extension.Extension with
            io.highpage.junit.HighpageLeakCheck;
}
