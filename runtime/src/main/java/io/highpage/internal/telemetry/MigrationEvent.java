// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;

import org.jspecify.annotations.Nullable;

/** A batch of pages of one span moved, or failed to. */
@Name("io.highpage.Migration")
@Label("Migration")
@Description("A batch of pages of one span moved, or failed to")
@Category({"Highpage", "Moves"})
@StackTrace(false)
@Threshold("200 us")
public final class MigrationEvent extends Told {
    private static final MigrationEvent NONE = new MigrationEvent();

    @Label("Runtime")
    @Description("Name of the runtime")
    public @Nullable String runtime;

    @Label("Buffer")
    @Description("Number of the buffer in its runtime")
    public long buffer;

    @Label("From")
    @Description("Where the bytes were: home, or a device")
    public @Nullable String from;

    @Label("To")
    @Description("Where they are now")
    public @Nullable String to;

    @Label("First Page")
    public long firstPage;

    @Label("Pages")
    public long pages;

    @Label("Bytes Copied")
    @DataAmount(DataAmount.BYTES)
    public long bytes;

    @Label("Bytes Zeroed")
    @Description("Of pages that had never been written")
    @DataAmount(DataAmount.BYTES)
    public long zeroedBytes;

    @Label("Runs")
    @Description("Runs of neighbouring pages that were copied or zeroed")
    public int runs;

    @Label("Reason")
    @Description("The operation that wanted them there")
    public @Nullable String reason;

    @Label("Route")
    @Description("Who copied: the runtime or a driver, and by which way")
    public @Nullable String route;

    @Label("Waiting")
    @Description("Until there was memory and the pages were locked")
    @Timespan(Timespan.NANOSECONDS)
    public long waitTime;

    @Label("Copying")
    @Timespan(Timespan.NANOSECONDS)
    public long copyTime;

    @Label("Failure")
    @Description("Why the pages stayed where they were; none if they moved")
    public @Nullable String failure;

    private transient long nanos; // when the step that is under way began

    /** What was thrown, to be put into words. */
    public transient @Nullable Throwable failed;

    /** {@return one that begins now; null if nobody records it} */
    public static @Nullable MigrationEvent begun() {
        MigrationEvent begun = NONE.isEnabled() ? begun(NONE) : null;
        if (begun != null) {
            begun.nanos = System.nanoTime();
        }
        return begun;
    }

    /** There is memory, and the pages are locked. */
    public void locked() {
        long now = System.nanoTime();
        waitTime = now - nanos;
        nanos = now;
    }

    /** The bytes have arrived, or the copy has failed. */
    public void copied() {
        copyTime = System.nanoTime() - nanos;
    }

    @Override
    void complete() {
        failure = words(failed);
    }

    @Override
    Told another() {
        return new MigrationEvent();
    }
}
