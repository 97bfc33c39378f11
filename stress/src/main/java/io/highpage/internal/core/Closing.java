// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.internal.migrate.Pages;

/** Lets the stress tests, which are in another package, close a buffer's pages as a buffer does. */
public final class Closing {
    private Closing() {}

    /** {@return whether the buffer is closed now; else it is as open as before} */
    public static boolean tryClose(Pages pages) {
        if (!Seal.tryClose(pages)) {
            return false;
        }
        pages.close();
        return true;
    }
}
