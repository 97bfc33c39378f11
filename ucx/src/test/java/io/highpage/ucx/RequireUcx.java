// SPDX-License-Identifier: Apache-2.0
package io.highpage.ucx;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;

/**
 * Skips a test where UCX is not installed, and fails it instead if
 * {@code HIGHPAGE_REQUIRE_UCX=true}.
 */
final class RequireUcx {
    private RequireUcx() {}

    @SuppressWarnings("restricted")
    static void check() {
        try {
            SymbolLookup.libraryLookup("libucp.so.0", Arena.global());
        } catch (IllegalArgumentException absent) {
            String missing = "no UCX: libucp.so.0 is not installed; apt-get install -y libucx0";
            if (Boolean.parseBoolean(System.getenv("HIGHPAGE_REQUIRE_UCX"))) {
                fail(missing);
            }
            abort(missing);
        }
    }
}
