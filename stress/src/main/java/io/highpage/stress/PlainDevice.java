// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceMemory;
import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The cheapest coherent device there is: native memory and Java copies, no call out of the JVM.
 * Thread-safe.
 */
class PlainDevice implements DeviceMemory {
    private static final long CAPACITY_BYTES = 64L << 20;

    @Override
    public String name() {
        return "plain";
    }

    @Override
    public String description() {
        return "native memory, copied by Java";
    }

    @Override
    public DeviceKind kind() {
        return DeviceKind.COHERENT;
    }

    @Override
    public long capacityBytes() {
        return CAPACITY_BYTES;
    }

    @Override
    public long maxExtentBytes() {
        return CAPACITY_BYTES;
    }

    @Override
    public Extent allocate(long byteSize) {
        return new PlainExtent(Arena.global().allocate(byteSize, Long.BYTES));
    }

    @Override
    public void quiesce() {
        // Nobody can begin work on it.
    }

    @Override
    public void close() {
        // Its memory lives as long as the JVM of one test.
    }

    static class PlainExtent implements Extent {
        final MemorySegment bytes;

        PlainExtent(MemorySegment bytes) {
            this.bytes = bytes;
        }

        @Override
        public long byteSize() {
            return bytes.byteSize();
        }

        @Override
        public long address() {
            return bytes.address();
        }

        @Override
        public DeviceView view(long offset, long byteSize) {
            return DeviceView.pointer(bytes.asSlice(offset, byteSize));
        }

        @Override
        public void copyIn(long base, MemorySegment window, PageRuns runs) {
            for (int run = 0; run < runs.count(); run++) {
                MemorySegment.copy(
                        window, runs.offset(run), bytes, base + runs.offset(run), runs.bytes(run));
            }
        }

        @Override
        public void copyOut(long base, MemorySegment window, PageRuns runs) {
            for (int run = 0; run < runs.count(); run++) {
                MemorySegment.copy(
                        bytes, base + runs.offset(run), window, runs.offset(run), runs.bytes(run));
            }
        }

        @Override
        public void zero(long base, PageRuns runs) {
            for (int run = 0; run < runs.count(); run++) {
                bytes.asSlice(base + runs.offset(run), runs.bytes(run)).fill((byte) 0);
            }
        }

        @Override
        public void free() {
            // See close.
        }
    }
}
