// SPDX-License-Identifier: Apache-2.0

/**
 * The native library of Highpage as a resource: small, optional, and of no use to anybody but the
 * runtime, which loads it.
 */
@SuppressWarnings("module") // io.highpage is compiled later
module io.highpage.natives {
    requires static org.jspecify;

    exports io.highpage.natives to
            io.highpage;
}
