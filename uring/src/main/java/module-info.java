// SPDX-License-Identifier: Apache-2.0

/** Pins as registered buffers of io_uring rings, and files read and written straight into them. */
module io.highpage.uring {
    requires transitive io.highpage;
    requires io.highpage.bindings;
    requires static org.jspecify;

    exports io.highpage.uring;
}
