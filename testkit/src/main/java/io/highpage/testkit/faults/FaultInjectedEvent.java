// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit.faults;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A test made a call of a driver or of the system fail, wait or lie. */
@Name("io.highpage.FaultInjected")
@Label("Fault Injected")
@Description("A test made a call of a driver or of the system fail, wait or lie")
@Category({"Highpage", "Tests"})
public final class FaultInjectedEvent extends Event {
    @Label("Device")
    @Description("Name of the device, or host")
    public String device = "";

    @Label("Step")
    @Description("The call that it happened at")
    public String step = "";

    @Label("Failure")
    @Description("What was thrown in its place; none if the call was made")
    public String failure;
}
