// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.PageBuffer;
import io.highpage.internal.migrate.Pages;

/** Lets benchmarks at the parts of a buffer. On the class path a package may be in two places. */
public final class Internals {
    private Internals() {}

    /** {@return what the steps of a migration work on} */
    public static Pages pages(PageBuffer buffer) {
        return ((ManagedBuffer) buffer).pages();
    }
}
