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

/** A span left a device, or its homes were given up, to make room. */
@Name("io.highpage.Eviction")
@Label("Eviction")
@Description("A span left a device, or its homes were given up, to make room")
@Category({"Highpage", "Scarcity"})
@StackTrace(false)
@Threshold("200 us")
public final class EvictionEvent extends Told {
    private static final EvictionEvent NONE = new EvictionEvent();

    @Label("Runtime")
    @Description("Name of the runtime")
    public @Nullable String runtime;

    @Label("Buffer")
    @Description("Number of the buffer in its runtime")
    public long buffer;

    @Label("Tier")
    @Description("Where there is more room now")
    public @Nullable String tier;

    @Label("First Page")
    public long firstPage;

    @Label("Pages")
    public long pages;

    @Label("Room Made")
    @DataAmount(DataAmount.BYTES)
    public long bytes;

    @Label("Bytes Copied")
    @Description("What was valid nowhere else")
    @DataAmount(DataAmount.BYTES)
    public long copiedBytes;

    @Label("Clean")
    @Description("Whether nothing had to be copied")
    public boolean clean;

    @Label("Order")
    @Description("Who chose the span: Highpage, or the policy of the program")
    public @Nullable String order;

    @Label("Worth")
    @Description("Of the span, by its uses: the least leaves first in the order of Highpage")
    public double worth;

    @Label("For Buffer")
    public long forBuffer;

    @Label("Operation")
    @Description("What asked for the pages")
    public @Nullable String operation;

    /** {@return one that begins now; null if nobody records it} */
    public static @Nullable EvictionEvent begun() {
        return NONE.isEnabled() ? begun(NONE) : null;
    }

    @Override
    Told another() {
        return new EvictionEvent();
    }
}
