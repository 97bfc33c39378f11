// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
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
public final class PinEvent extends Told {
    private static final PinEvent NONE = new PinEvent();

    @Label("Runtime")
    @Description("Name of the runtime")
    public @Nullable String runtime;

    @Label("Buffer")
    @Description("Number of the buffer in its runtime")
    public long buffer;

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
