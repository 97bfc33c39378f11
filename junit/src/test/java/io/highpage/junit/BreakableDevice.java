// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceMemory;
import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;

import java.lang.foreign.MemorySegment;

/**
 * A device in front of another one, on which a test runs its own code before each allocation and
 * copy.
 */
final class BreakableDevice implements DeviceMemory {
    private static final Runnable NOTHING = () -> {};

    private final DeviceMemory device;

    /** Each runs before the step of its name, and may throw. */
    volatile Runnable beforeAllocate = NOTHING;

    volatile Runnable beforeCopyIn = NOTHING;
    volatile Runnable beforeCopyOut = NOTHING;

    BreakableDevice(DeviceMemory device) {
        this.device = device;
    }

    /** Lets every step work again. */
    void mend() {
        beforeAllocate = NOTHING;
        beforeCopyIn = NOTHING;
        beforeCopyOut = NOTHING;
    }

    @Override
    public String name() {
        return device.name();
    }

    @Override
    public String description() {
        return device.description();
    }

    @Override
    public DeviceKind kind() {
        return device.kind();
    }

    @Override
    public long capacityBytes() {
        return device.capacityBytes();
    }

    @Override
    public long maxExtentBytes() {
        return device.maxExtentBytes();
    }

    @Override
    public Extent allocate(long byteSize) {
        beforeAllocate.run();
        return new BreakableExtent(device.allocate(byteSize));
    }

    @Override
    public void quiesce() {
        device.quiesce();
    }

    @Override
    public void close() {
        device.close();
    }

    private final class BreakableExtent implements Extent {
        private final Extent extent;

        BreakableExtent(Extent extent) {
            this.extent = extent;
        }

        @Override
        public long byteSize() {
            return extent.byteSize();
        }

        @Override
        public long address() {
            return extent.address();
        }

        @Override
        public DeviceView view(long offset, long byteSize) {
            return extent.view(offset, byteSize);
        }

        @Override
        public void copyIn(long base, MemorySegment window, PageRuns runs) {
            beforeCopyIn.run();
            extent.copyIn(base, window, runs);
        }

        @Override
        public void copyOut(long base, MemorySegment window, PageRuns runs) {
            beforeCopyOut.run();
            extent.copyOut(base, window, runs);
        }

        @Override
        public void zero(long base, PageRuns runs) {
            extent.zero(base, runs);
        }

        @Override
        public void free() {
            extent.free();
        }
    }
}
