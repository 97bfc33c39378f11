// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.device.PageRuns;

import java.lang.foreign.MemorySegment;

/** Memory that only the driver may copy: its context knows the way. */
abstract class PrivateExtent extends ClExtent {
    private final Object oneMap = new Object();

    PrivateExtent(ClContext context, long byteSize) {
        super(context, byteSize);
    }

    /** {@return by what maps of this memory exclude each other} */
    final Object oneMap() {
        return oneMap;
    }

    /** {@return how the driver copies to this memory} */
    abstract Transfer in();

    /** {@return how the driver copies from this memory} */
    abstract Transfer out();

    @Override
    public final void copyIn(long base, MemorySegment window, PageRuns runs) {
        copy(in(), base, window, runs);
    }

    @Override
    public final void copyOut(long base, MemorySegment window, PageRuns runs) {
        copy(out(), base, window, runs);
    }

    private void copy(Transfer transfer, long base, MemorySegment window, PageRuns runs) {
        if (runs.count() > 0) {
            whileUsed(() -> context().copying().copy(context(), transfer, base, window, runs));
        }
    }
}
