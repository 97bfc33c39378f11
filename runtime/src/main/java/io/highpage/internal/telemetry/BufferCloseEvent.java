// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

import org.jspecify.annotations.Nullable;

/** A buffer was closed, and its memory given back. */
@Name("io.highpage.BufferClose")
@Label("Buffer Close")
@Description("A buffer was closed, and its memory given back")
@Category({"Highpage", "Buffers"})
@StackTrace(false)
public final class BufferCloseEvent extends Told {
    private static final BufferCloseEvent NONE = new BufferCloseEvent();

    @Label("Runtime")
    @Description("Name of the runtime")
    public @Nullable String runtime;

    @Label("Buffer")
    @Description("Number of the buffer in its runtime")
    public long buffer;

    @Label("Length")
    @DataAmount(DataAmount.BYTES)
    public long byteSize;

    /** {@return one that begins now; null if nobody records it} */
    public static @Nullable BufferCloseEvent begun() {
        return NONE.isEnabled() ? begun(NONE) : null;
    }

    @Override
    Told another() {
        return new BufferCloseEvent();
    }
}
