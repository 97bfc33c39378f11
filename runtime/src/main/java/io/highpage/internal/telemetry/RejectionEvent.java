// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Throttle;

import org.jspecify.annotations.Nullable;

/** A pin, a hold or a device access was refused. */
@Name("io.highpage.Rejection")
@Label("Rejection")
@Description("A pin, a hold or a device access was refused")
@Category({"Highpage", "Holders"})
@StackTrace(false)
@Throttle("100/s")
public final class RejectionEvent extends Told {
    private static final RejectionEvent NONE = new RejectionEvent();

    @Label("Runtime")
    @Description("Name of the runtime")
    public @Nullable String runtime;

    @Label("Buffer")
    @Description("Number of the buffer in its runtime")
    public long buffer;

    @Label("Operation")
    @Description("What asked for the pages")
    public @Nullable String operation;

    @Label("First Page")
    public long firstPage;

    @Label("Pages")
    public long pages;

    @Label("Owner")
    @Description("As the program named it")
    public @Nullable String owner;

    @Label("Mode")
    @Description("What the holder was to do: READ, WRITE or READ_WRITE")
    public @Nullable String mode;

    @Label("Device")
    @Description("Of an access; none of pins and holds")
    public @Nullable String device;

    @Label("Page")
    @Description("The page that it was refused for")
    public long page;

    @Label("Reason")
    @Description("Why that page could not be had")
    public @Nullable String reason;

    /** {@return one to be filled; null if nobody records it} */
    public static @Nullable RejectionEvent made() {
        return NONE.isEnabled() ? made(NONE) : null;
    }

    @Override
    Told another() {
        return new RejectionEvent();
    }
}
