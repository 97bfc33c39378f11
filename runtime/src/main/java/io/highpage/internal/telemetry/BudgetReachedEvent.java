// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Throttle;

import org.jspecify.annotations.Nullable;

/** A budget refused bytes of a tier. */
@Name("io.highpage.BudgetReached")
@Label("Budget Reached")
@Description("A budget refused bytes of a tier")
@Category({"Highpage", "Scarcity"})
@StackTrace(false)
@Throttle("100/s")
public final class BudgetReachedEvent extends Told {
    private static final BudgetReachedEvent NONE = new BudgetReachedEvent();

    @Label("Runtime")
    @Description("Name of the runtime")
    public @Nullable String runtime;

    @Label("Budget")
    public @Nullable String budget;

    @Label("Tier")
    public @Nullable String tier;

    @Label("Requested")
    @DataAmount(DataAmount.BYTES)
    public long requestedBytes;

    @Label("Used")
    @DataAmount(DataAmount.BYTES)
    public long usedBytes;

    @Label("Limit")
    @DataAmount(DataAmount.BYTES)
    public long limitBytes;

    /** {@return one to be filled; null if nobody records it} */
    public static @Nullable BudgetReachedEvent made() {
        return NONE.isEnabled() ? made(NONE) : null;
    }

    /** What it is called is put together when it is written. */
    public transient @Nullable Object charged;

    @Override
    void complete() {
        budget = String.valueOf(charged);
    }

    @Override
    Told another() {
        return new BudgetReachedEvent();
    }
}
