// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.policy;

import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceMemory;
import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;

import java.lang.foreign.MemorySegment;

/** Memory of a device that has addresses and no bytes, for simulations. */
final class NoBytes implements DeviceMemory {
    private final long capacityBytes;
    private long nextAddress = 4096;

    NoBytes(long capacityBytes) {
        this.capacityBytes = capacityBytes;
    }

    private record Piece(long address, long byteSize) implements Extent {
        @Override
        public DeviceView view(long offset, long bytes) {
            throw new UnsupportedOperationException("there are no bytes");
        }

        @Override
        public void copyIn(long base, MemorySegment window, PageRuns runs) {
            throw new UnsupportedOperationException("there are no bytes");
        }

        @Override
        public void copyOut(long base, MemorySegment window, PageRuns runs) {
            throw new UnsupportedOperationException("there are no bytes");
        }

        @Override
        public void zero(long base, PageRuns runs) {
            throw new UnsupportedOperationException("there are no bytes");
        }

        @Override
        public void free() {
            // Addresses are not used again.
        }
    }

    @Override
    public String name() {
        return "simulated";
    }

    @Override
    public String description() {
        return "addresses without bytes";
    }

    @Override
    public DeviceKind kind() {
        return DeviceKind.PRIVATE;
    }

    @Override
    public long capacityBytes() {
        return capacityBytes;
    }

    @Override
    public long maxExtentBytes() {
        return capacityBytes;
    }

    @Override
    public Extent allocate(long byteSize) {
        Extent piece = new Piece(nextAddress, byteSize);
        nextAddress += byteSize;
        return piece;
    }

    @Override
    public void quiesce() {
        // Nothing is under way.
    }

    @Override
    public void close() {
        // There is nothing to give back.
    }
}
