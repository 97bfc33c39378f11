// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit.faults;

import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;

import java.lang.foreign.MemorySegment;

/** Does what another extent does: a start for extents that differ in one thing. */
public class ForwardingExtent implements Extent {
    private final Extent inner;

    public ForwardingExtent(Extent inner) {
        this.inner = inner;
    }

    @Override
    public long byteSize() {
        return inner.byteSize();
    }

    @Override
    public long address() {
        return inner.address();
    }

    @Override
    public DeviceView view(long offset, long byteSize) {
        return inner.view(offset, byteSize);
    }

    @Override
    public void copyIn(long base, MemorySegment window, PageRuns runs) {
        inner.copyIn(base, window, runs);
    }

    @Override
    public void copyOut(long base, MemorySegment window, PageRuns runs) {
        inner.copyOut(base, window, runs);
    }

    @Override
    public void zero(long base, PageRuns runs) {
        inner.zero(base, runs);
    }

    @Override
    public void free() {
        inner.free();
    }
}
