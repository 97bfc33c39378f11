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

/** A device access was closed. */
@Name("io.highpage.AccessEnd")
@Label("Device Access End")
@Description("A device access was closed")
@Category({"Highpage", "Holders"})
@Enabled(false)
@StackTrace(false)
public final class AccessEndEvent extends ToldHolder {
    private static final AccessEndEvent NONE = new AccessEndEvent();

    @Label("Device")
    public @Nullable String device;

    @Label("Held")
    @Description("How long; 0 if it was taken before this was recorded")
    @Timespan(Timespan.NANOSECONDS)
    public long heldTime;

    /** {@return one to be filled; null if nobody records it} */
    public static @Nullable AccessEndEvent made() {
        return NONE.isEnabled() ? made(NONE) : null;
    }

    @Override
    Told another() {
        return new AccessEndEvent();
    }
}
