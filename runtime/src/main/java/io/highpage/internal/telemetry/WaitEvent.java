// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

import org.jspecify.annotations.Nullable;

/** An operation waited for pages or for room. */
@Name("io.highpage.Wait")
@Label("Wait")
@Description("An operation waited for pages or for room")
@Category({"Highpage", "Waits"})
@StackTrace(false)
@Threshold("1 ms")
public final class WaitEvent extends Told {
    private static final WaitEvent NONE = new WaitEvent();

    @Label("Runtime")
    @Description("Name of the runtime")
    public @Nullable String runtime;

    @Label("Buffer")
    @Description("Number of the buffer in its runtime")
    public long buffer;

    @Label("Operation")
    @Description("What asked for the pages")
    public @Nullable String operation;

    @Label("Page")
    @Description("The page that was in the way first")
    public long page;

    @Label("Reason")
    @Description("What was in the way: a state of the page, or ROOM")
    public @Nullable String reason;

    private transient boolean waited;

    /** It has waited, up to now. */
    public void rested() {
        waited = true;
        ends();
    }

    /** {@return whether it has waited at all: else there is nothing to tell} */
    public boolean hasRested() {
        return waited;
    }

    /** {@return one that begins now; null if nobody records it} */
    public static @Nullable WaitEvent begun() {
        return NONE.isEnabled() ? begun(NONE) : null;
    }

    @Override
    Told another() {
        return new WaitEvent();
    }
}
