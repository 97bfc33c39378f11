// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

import org.jspecify.annotations.Nullable;

/** A long-term pin was closed. */
@Name("io.highpage.Unpin")
@Label("Unpin")
@Description("A long-term pin was closed")
@Category({"Highpage", "Holders"})
@Enabled(false)
@StackTrace(false)
public final class UnpinEvent extends ToldHolder {
    private static final UnpinEvent NONE = new UnpinEvent();

    @Label("Held")
    @Description("How long; 0 if it was taken before this was recorded")
    @Timespan(Timespan.NANOSECONDS)
    public long heldTime;

    /** {@return one to be filled; null if nobody records it} */
    public static @Nullable UnpinEvent made() {
        return NONE.isEnabled() ? made(NONE) : null;
    }

    @Override
    Told another() {
        return new UnpinEvent();
    }
}
