// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.Registered;
import jdk.jfr.StackTrace;

/** What is taken of a tier: one for each budget and tier. */
@Name("io.highpage.TierUsage")
@Label("Tier Usage")
@Description("What is taken of a tier: one for each budget and tier")
@Category({"Highpage", "State"})
@Period("1 s")
@StackTrace(false)
@Registered(false)
public final class TierUsageEvent extends Event {
    @Label("Runtime")
    @Description("Name of the runtime")
    public String runtime = "";

    @Label("Budget")
    public String budget = "";

    @Label("Tier")
    public String tier = "";

    @Label("Used")
    @DataAmount(DataAmount.BYTES)
    public long usedBytes;

    @Label("Limit")
    @DataAmount(DataAmount.BYTES)
    public long limitBytes;
}
