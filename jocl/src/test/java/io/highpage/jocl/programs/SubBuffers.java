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
import org.jocl.cl_buffer_region;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

import java.util.stream.IntStream;

/** Adds one number to the first half of a buffer and another to the second. */
final class SubBuffers implements Program {
    private static final int N = 1 << 20;
    private static final long HALF = 2L * N;
    private static final String SOURCE =
            "kernel void add(global int *x, int value) { x[get_global_id(0)] += value; }";

    private final int[] numbers = IntStream.range(0, N).toArray();

    @Override
    public int[] plain(Setup cl) {
        int[] sums = new int[N];
        long[] items = {N / 2};
        cl_kernel add = cl.kernel(SOURCE, "add");
        cl_mem all = CL.clCreateBuffer(
                cl.context, CL.CL_MEM_COPY_HOST_PTR, 2 * HALF, Pointer.to(numbers), null);
        for (int half = 0; half < 2; half++) {
            cl_buffer_region region = new cl_buffer_region(half * HALF, HALF);
            cl_mem part = CL.clCreateSubBuffer(
                    all, CL.CL_MEM_READ_WRITE, CL.CL_BUFFER_CREATE_TYPE_REGION, region, null);
            CL.clSetKernelArg(add, 0, Sizeof.cl_mem, Pointer.to(part));
            CL.clSetKernelArg(add, 1, Sizeof.cl_int, Pointer.to(new int[] {half + 1}));
            CL.clEnqueueNDRangeKernel(cl.queue, add, 1, null, items, null, 0, null, null);
            CL.clReleaseMemObject(part);
        }
        CL.clEnqueueReadBuffer(cl.queue, all, true, 0, 2 * HALF, Pointer.to(sums), 0, null, null);
        CL.clReleaseMemObject(all);
        return sums;
    }

    @Override
    public int[] ported(Setup cl) {
        int[] sums = new int[N];
        long[] items = {N / 2};
        cl_kernel add = cl.kernel(SOURCE, "add");
        try (Highpage hp = cl.highpage()) {
            PageBuffer all = hp.allocate(2 * HALF);
            all.write(0, numbers);
            for (int half = 0; half < 2; half++) {
                try (DeviceAccess part =
                        all.range(half * HALF, HALF).access(hp.device(), AccessMode.READ_WRITE)) {
                    Jocl.launch(cl.queue, add, items, null, part, half + 1);
                }
            }
            all.read(0, sums);
        }
        return sums;
    }

    @Override
    public int[] expected() {
        return IntStream.of(numbers).map(i -> i + (i < N / 2 ? 1 : 2)).toArray();
    }
}
