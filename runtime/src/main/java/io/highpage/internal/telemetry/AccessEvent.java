// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

import org.jspecify.annotations.Nullable;

/** A device access was taken; its duration is what taking it took. */
@Name("io.highpage.Access")
@Label("Device Access")
@Description("A device access was taken; its duration is what taking it took")
@Category({"Highpage", "Holders"})
@StackTrace(false)
@Threshold("1 ms")
public final class AccessEvent extends ToldHolder {
    private static final AccessEvent NONE = new AccessEvent();

    @Label("Device")
    public @Nullable String device;

    /** {@return one that begins now; null if nobody records it} */
    public static @Nullable AccessEvent begun() {
        return NONE.isEnabled() ? begun(NONE) : null;
    }

    @Override
    Told another() {
        return new AccessEvent();
    }
}
