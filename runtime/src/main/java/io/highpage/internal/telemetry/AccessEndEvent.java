// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
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
public final class AccessEndEvent extends Told {
    private static final AccessEndEvent NONE = new AccessEndEvent();

    @Label("Runtime")
    @Description("Name of the runtime")
    public @Nullable String runtime;

    @Label("Buffer")
    @Description("Number of the buffer in its runtime")
    public long buffer;

    @Label("Device")
    public @Nullable String device;

    @Label("Offset")
    @Description("Of the range, in the buffer")
    @DataAmount(DataAmount.BYTES)
    public long offset;

    @Label("Length")
    @DataAmount(DataAmount.BYTES)
    public long byteSize;

    @Label("Owner")
    @Description("As the program named it")
    public @Nullable String owner;

    @Label("Mode")
    @Description("What the holder does: READ, WRITE or READ_WRITE")
    public @Nullable String mode;

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
