// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

import org.jspecify.annotations.Nullable;

/** A buffer was allocated. */
@Name("io.highpage.BufferAllocation")
@Label("Buffer Allocation")
@Description("A buffer was allocated")
@Category({"Highpage", "Buffers"})
@StackTrace(false)
public final class BufferAllocationEvent extends Told {
    private static final BufferAllocationEvent NONE = new BufferAllocationEvent();

    @Label("Runtime")
    @Description("Name of the runtime")
    public @Nullable String runtime;

    @Label("Buffer")
    @Description("Number of the buffer in its runtime")
    public long buffer;

    @Label("Length")
    @DataAmount(DataAmount.BYTES)
    public long byteSize;

    @Label("Page Size")
    @DataAmount(DataAmount.BYTES)
    public long pageBytes;

    @Label("Span Size")
    @Description("Of the pieces that have device memory of their own")
    @DataAmount(DataAmount.BYTES)
    public long spanBytes;

    @Label("Budget")
    @Description("The budget that it is charged to")
    public @Nullable String budget;

    /** {@return one that begins now; null if nobody records it} */
    public static @Nullable BufferAllocationEvent begun() {
        return NONE.isEnabled() ? begun(NONE) : null;
    }

    /** What it is called is put together when it is written. */
    public transient @Nullable Object charged;

    @Override
    void complete() {
        budget = String.valueOf(charged);
    }

    @Override
    Told another() {
        return new BufferAllocationEvent();
    }
}
