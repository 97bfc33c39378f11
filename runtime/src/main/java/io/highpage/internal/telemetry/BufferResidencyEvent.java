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

/** Where the bytes of an open buffer are: one for each buffer and tier. */
@Name("io.highpage.BufferResidency")
@Label("Buffer Residency")
@Description("Where the bytes of an open buffer are: one for each buffer and tier")
@Category({"Highpage", "State"})
@Period("1 s")
@StackTrace(false)
@Registered(false)
public final class BufferResidencyEvent extends Event {
    @Label("Runtime")
    @Description("Name of the runtime")
    public String runtime = "";

    @Label("Buffer")
    @Description("Number of the buffer in its runtime")
    public long buffer;

    @Label("Length")
    @DataAmount(DataAmount.BYTES)
    public long byteSize;

    @Label("Budget")
    public String budget = "";

    @Label("Tier")
    public String tier = "";

    @Label("Bytes")
    @Description("Of pages that are valid in the tier")
    @DataAmount(DataAmount.BYTES)
    public long bytes;

    @Label("Clean Bytes")
    @Description("Of those, what is valid at home and on a device")
    @DataAmount(DataAmount.BYTES)
    public long cleanBytes;
}
