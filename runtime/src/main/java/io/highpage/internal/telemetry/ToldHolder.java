// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;

import org.jspecify.annotations.Nullable;

/** What is told of every pin and access, when it was taken and when it was closed. */
public abstract class ToldHolder extends Told {
    @Label("Runtime")
    @Description("Name of the runtime")
    public @Nullable String runtime;

    @Label("Buffer")
    @Description("Number of the buffer in its runtime")
    public long buffer;

    @Label("Offset")
    @Description("Of the range, in the buffer")
    @DataAmount(DataAmount.BYTES)
    public long offset;

    @Label("Length")
    @DataAmount(DataAmount.BYTES)
    public long byteSize;

    @Label("Owner")
    @Description("As the program named it")
    public @Nullable String owner;

    @Label("Mode")
    @Description("What the holder does: READ, WRITE or READ_WRITE")
    public @Nullable String mode;
}
