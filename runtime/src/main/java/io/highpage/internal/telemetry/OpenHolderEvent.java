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
import jdk.jfr.Timespan;

/** A registered pin, hold, access or registration that is open. */
@Name("io.highpage.OpenHolder")
@Label("Open Holder")
@Description("A registered pin, hold, access or registration that is open")
@Category({"Highpage", "State"})
@Period("1 s")
@StackTrace(false)
@Registered(false)
public final class OpenHolderEvent extends Event {
    @Label("Runtime")
    @Description("Name of the runtime")
    public String runtime = "";

    @Label("Buffer")
    @Description("Number of the buffer in its runtime")
    public long buffer;

    @Label("Kind")
    public String kind = "";

    @Label("Offset")
    @Description("Of the range, in the buffer")
    @DataAmount(DataAmount.BYTES)
    public long offset;

    @Label("Length")
    @DataAmount(DataAmount.BYTES)
    public long byteSize;

    @Label("Owner")
    @Description("As the program named it")
    public String owner = "";

    @Label("Taken by Thread")
    public String holderThread = "";

    @Label("Mode")
    @Description("What the holder does: READ, WRITE or READ_WRITE")
    public String mode = "";

    @Label("Strength")
    public String strength = "";

    @Label("Keepers")
    public String keepers = "";

    @Label("Age")
    @Description("0 if it is not known")
    @Timespan(Timespan.NANOSECONDS)
    public long age;
}
