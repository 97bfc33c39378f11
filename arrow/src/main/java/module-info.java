// SPDX-License-Identifier: Apache-2.0

/** Pins as Arrow buffers. */
module io.highpage.arrow {
    requires transitive io.highpage;
    requires transitive org.apache.arrow.memory.core;
    requires static org.jspecify;

    exports io.highpage.arrow;
}
