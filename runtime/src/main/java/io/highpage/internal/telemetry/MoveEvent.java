// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

import org.jspecify.annotations.Nullable;

/** A program asked for pages to be moved as far as they could be. */
@Name("io.highpage.Move")
@Label("Move")
@Description("A program asked for pages to be moved as far as they could be")
@Category({"Highpage", "Moves"})
@StackTrace(false)
@Threshold("200 us")
public final class MoveEvent extends Told {
    private static final MoveEvent NONE = new MoveEvent();

    @Label("Runtime")
    @Description("Name of the runtime")
    public @Nullable String runtime;

    @Label("Buffer")
    @Description("Number of the buffer in its runtime")
    public long buffer;

    @Label("Operation")
    @Description("What asked for the pages")
    public @Nullable String operation;

    @Label("To")
    public @Nullable String to;

    @Label("First Page")
    public long firstPage;

    @Label("Pages")
    public long pages;

    @Label("Pages Moved")
    public long movedPages;

    @Label("Failure")
    @Description("What ended it early, if anything did")
    public @Nullable String failure;

    /** What was thrown, to be put into words. */
    public transient @Nullable Throwable failed;

    /** {@return one that begins now; null if nobody records it} */
    public static @Nullable MoveEvent begun() {
        return NONE.isEnabled() ? begun(NONE) : null;
    }

    @Override
    void complete() {
        failure = words(failed);
    }

    @Override
    Told another() {
        return new MoveEvent();
    }
}
