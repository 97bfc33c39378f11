// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.internal.migrate.Pages;
import io.highpage.outcome.HolderInfo;

/** What a slot refers to of a holder that has more to tell than the slot has. */
sealed interface Listed permits RangeHolder, WatchedHolder {
    /** {@return what there is to know of the holder now} */
    HolderInfo info();

    /** {@return whether its range touches a page of a buffer} */
    boolean covers(Pages of, long page);
}
