// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.programs;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.jocl.Jocl;
import io.highpage.outcome.AccessMode;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

/** Counts bytes: one kernel counts parts, another adds the parts up. */
final class Histogram implements Program {
    private static final int N = 1 << 20;
    private static final int BINS = 256;
    private static final int PARTS = 64;
    private static final String SOURCE = """
            kernel void count(global const uchar *bytes, global uint *parts, uint length) {
                global uint *mine = parts + get_global_id(0) * 256;
                for (uint i = 0; i < 256; i++) { mine[i] = 0; }
                for (uint i = 0; i < length; i++) {
                    mine[bytes[get_global_id(0) * length + i]]++;
                }
            }
            kernel void add(global const uint *parts, global uint *all, uint count) {
                uint sum = 0;
                for (uint i = 0; i < count; i++) { sum += parts[i * 256 + get_global_id(0)]; }
                all[get_global_id(0)] = sum;
            }
            """;

    private final byte[] bytes = new byte[N];

    Histogram() {
        for (int i = 0; i < N; i++) {
            bytes[i] = (byte) (i * i / 7);
        }
    }

    @Override
    public int[] plain(Setup cl) {
        int[] counts = new int[BINS];
        cl_kernel count = cl.kernel(SOURCE, "count");
        cl_kernel add = cl.kernel(SOURCE, "add");
        long size = 4L * BINS;
        cl_mem in =
                CL.clCreateBuffer(cl.context, CL.CL_MEM_COPY_HOST_PTR, N, Pointer.to(bytes), null);
        cl_mem parts = CL.clCreateBuffer(cl.context, 0, PARTS * size, null, null);
        cl_mem all = CL.clCreateBuffer(cl.context, CL.CL_MEM_WRITE_ONLY, size, null, null);
        CL.clSetKernelArg(count, 0, Sizeof.cl_mem, Pointer.to(in));
        CL.clSetKernelArg(count, 1, Sizeof.cl_mem, Pointer.to(parts));
        CL.clSetKernelArg(count, 2, Sizeof.cl_int, Pointer.to(new int[] {N / PARTS}));
        CL.clEnqueueNDRangeKernel(
                cl.queue, count, 1, null, new long[] {PARTS}, null, 0, null, null);
        CL.clSetKernelArg(add, 0, Sizeof.cl_mem, Pointer.to(parts));
        CL.clSetKernelArg(add, 1, Sizeof.cl_mem, Pointer.to(all));
        CL.clSetKernelArg(add, 2, Sizeof.cl_int, Pointer.to(new int[] {PARTS}));
        CL.clEnqueueNDRangeKernel(cl.queue, add, 1, null, new long[] {BINS}, null, 0, null, null);
        CL.clEnqueueReadBuffer(cl.queue, all, true, 0, size, Pointer.to(counts), 0, null, null);
        CL.clReleaseMemObject(in);
        CL.clReleaseMemObject(parts);
        CL.clReleaseMemObject(all);
        return counts;
    }

    @Override
    public int[] ported(Setup cl) {
        int[] counts = new int[BINS];
        cl_kernel count = cl.kernel(SOURCE, "count");
        cl_kernel add = cl.kernel(SOURCE, "add");
        long size = 4L * BINS;
        try (Highpage hp = cl.highpage()) {
            PageBuffer in = hp.allocate(N);
            PageBuffer parts = hp.allocate(PARTS * size);
            PageBuffer all = hp.allocate(size);
            in.write(0, bytes);
            try (DeviceAccess from = in.access(hp.device(), AccessMode.READ);
                    DeviceAccess between = parts.access(hp.device(), AccessMode.READ_WRITE);
                    DeviceAccess to = all.access(hp.device(), AccessMode.WRITE)) {
                Jocl.launch(cl.queue, count, new long[] {PARTS}, null, from, between, N / PARTS);
                Jocl.launch(cl.queue, add, new long[] {BINS}, null, between, to, PARTS);
            }
            all.read(0, counts);
        }
        return counts;
    }

    @Override
    public int[] expected() {
        int[] counts = new int[BINS];
        for (byte value : bytes) {
            counts[Byte.toUnsignedInt(value)]++;
        }
        return counts;
    }
}
