// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.vectors;

import io.highpage.DeviceAccess;
import io.highpage.device.DeviceMemory;
import io.highpage.host.HostDevice;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** The built-in device, for machines without OpenCL: the search is plain Java on its memory. */
public final class HostMachine implements Machine {
    private static final long CAPACITY_BYTES = 4L << 30;

    private final HostDevice device;

    private HostMachine(HostDevice device) {
        this.device = device;
    }

    /** {@return one whose memory the CPU can touch} */
    public static HostMachine coherent() {
        return new HostMachine(HostDevice.coherent(CAPACITY_BYTES));
    }

    /** {@return one whose memory only its kernels can touch} */
    public static HostMachine privateMemory() {
        return new HostMachine(HostDevice.privateMemory(CAPACITY_BYTES));
    }

    @Override
    public DeviceMemory memory() {
        return device;
    }

    @Override
    public String description() {
        return device.description() + ", searched in plain Java";
    }

    @Override
    public Kernel kernel(int dimensions, int k) {
        return new JavaKernel(dimensions, k);
    }

    @Override
    public void close() {}

    private final class JavaKernel implements Kernel {
        private final int dimensions;
        private final int k;

        JavaKernel(int dimensions, int k) {
            this.dimensions = dimensions;
            this.k = k;
        }

        @Override
        public void start(
                DeviceAccess rows,
                int count,
                DeviceAccess queries,
                int queryCount,
                DeviceAccess hits) {
            device.launch(
                    rows,
                    from -> device.launch(
                            queries,
                            to -> device.launch(hits, out -> {
                                for (int slice = 0; slice < Machine.slices(count); slice++) {
                                    slice(from, slice, count, to, queryCount, out);
                                }
                            })));
        }

        private void slice(
                MemorySegment rows,
                int slice,
                int count,
                MemorySegment queries,
                int queryCount,
                MemorySegment out) {
            Nearest nearest = new Nearest(queryCount, k);
            int end = Math.min(count, (slice + 1) * SLICE_ROWS);
            for (int query = 0; query < queryCount; query++) {
                for (int row = slice * SLICE_ROWS; row < end; row++) {
                    nearest.add(
                            query,
                            new Hit(Distance.squared(rows, row, queries, query, dimensions), row));
                }
            }
            long at = (long) slice * queryCount * k * 2;
            for (List<Hit> found : nearest.hits()) {
                for (int place = 0; place < k; place++) {
                    boolean there = place < found.size();
                    int bits = there ? Float.floatToRawIntBits(found.get(place).distance()) : 0;
                    out.setAtIndex(ValueLayout.JAVA_INT, at++, bits);
                    out.setAtIndex(
                            ValueLayout.JAVA_INT,
                            at++,
                            there ? (int) found.get(place).row() : -1);
                }
            }
        }

        @Override
        public void close() {}
    }
}
