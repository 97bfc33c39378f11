// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

import org.jspecify.annotations.Nullable;

/** A long-term pin was taken; its duration is what taking it took. */
@Name("io.highpage.Pin")
@Label("Pin")
@Description("A long-term pin was taken; its duration is what taking it took")
@Category({"Highpage", "Holders"})
@StackTrace(false)
@Threshold("1 ms")
public final class PinEvent extends ToldHolder {
    private static final PinEvent NONE = new PinEvent();

    @Label("Strength")
    @Description("What keeps the range in place")
    public @Nullable String strength;

    /** {@return one that begins now; null if nobody records it} */
    public static @Nullable PinEvent begun() {
        return NONE.isEnabled() ? begun(NONE) : null;
    }

    @Override
    Told another() {
        return new PinEvent();
    }
}
