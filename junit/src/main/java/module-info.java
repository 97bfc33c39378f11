// SPDX-License-Identifier: Apache-2.0

/**
 * JUnit 5 extensions: a leak check, tests on every device of the machine, and the contract of a new
 * device.
 */
module io.highpage.junit {
    requires transitive io.highpage;
    requires transitive org.junit.jupiter.api;
    requires static org.jspecify;

    exports io.highpage.junit;
}
