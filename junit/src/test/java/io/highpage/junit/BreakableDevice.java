// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import io.highpage.device.DeviceMemory;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;
import io.highpage.testkit.faults.ForwardingDevice;
import io.highpage.testkit.faults.ForwardingExtent;

import java.lang.foreign.MemorySegment;

/**
 * A device in front of another one, on which a test runs its own code before each allocation and
 * copy.
 */
final class BreakableDevice extends ForwardingDevice {
    private static final Runnable NOTHING = () -> {};

    /** Each runs before the step of its name, and may throw. */
    volatile Runnable beforeAllocate = NOTHING;

    volatile Runnable beforeCopyIn = NOTHING;
    volatile Runnable beforeCopyOut = NOTHING;

    BreakableDevice(DeviceMemory device) {
        super(device);
    }

    /** Lets every step work again. */
    void mend() {
        beforeAllocate = NOTHING;
        beforeCopyIn = NOTHING;
        beforeCopyOut = NOTHING;
    }

    @Override
    public Extent allocate(long byteSize) {
        beforeAllocate.run();
        return new BreakableExtent(super.allocate(byteSize));
    }

    private final class BreakableExtent extends ForwardingExtent {
        BreakableExtent(Extent extent) {
            super(extent);
        }

        @Override
        public void copyIn(long base, MemorySegment window, PageRuns runs) {
            beforeCopyIn.run();
            super.copyIn(base, window, runs);
        }

        @Override
        public void copyOut(long base, MemorySegment window, PageRuns runs) {
            beforeCopyOut.run();
            super.copyOut(base, window, runs);
        }
    }
}
