// SPDX-License-Identifier: Apache-2.0

/** A runtime's counters as meters of Micrometer. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
module io.highpage.micrometer {
    requires transitive io.highpage;
    requires transitive micrometer.core;
    requires static org.jspecify;

    exports io.highpage.micrometer;
}
