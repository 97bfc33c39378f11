// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.watch;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whether runtimes that are opened now are in the checked mode, if they do not say it themselves:
 * as {@code -Dhighpage.checked} says, else while tests run with {@code io.highpage.junit}.
 * Thread-safe.
 *
 * @hidden not an API: exported to all for tools on the class path only
 */
public final class Checks {
    private static final String PROPERTY = "highpage.checked";

    private static final AtomicInteger TESTS = new AtomicInteger();

    private Checks() {}

    /** A test begins that wants it. */
    public static void begin() {
        // ORD volatile: a runtime that is opened after this sees it; pairs with isOn().
        TESTS.incrementAndGet();
    }

    /** That test has ended. */
    public static void end() {
        // ORD volatile: as begin().
        TESTS.decrementAndGet();
    }

    /** {@return whether a runtime that is opened now is checked} */
    public static boolean isOn() {
        String said = System.getProperty(PROPERTY);
        return said == null ? TESTS.get() > 0 : Boolean.parseBoolean(said);
    }
}
