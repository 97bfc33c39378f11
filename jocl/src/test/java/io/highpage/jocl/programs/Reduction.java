// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.programs;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.KernelArgument;
import io.highpage.outcome.AccessMode;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

import java.util.stream.IntStream;

/** Adds numbers up, each group in local memory. */
final class Reduction implements Program {
    private static final int N = 1 << 20;
    private static final int GROUP = 64;
    private static final int SUMS = N / GROUP;
    private static final String SOURCE = """
            kernel void sum(global const int *in, global int *out, local int *part) {
                size_t at = get_local_id(0);
                part[at] = in[get_global_id(0)];
                for (size_t n = get_local_size(0) / 2; n > 0; n /= 2) {
                    barrier(CLK_LOCAL_MEM_FENCE);
                    if (at < n) { part[at] += part[at + n]; }
                }
                if (at == 0) { out[get_group_id(0)] = part[0]; }
            }
            """;

    private final int[] numbers = IntStream.range(0, N).map(i -> i % 1000).toArray();

    @Override
    public Integer plain(Setup cl) {
        int[] sums = new int[SUMS];
        long[] items = {N};
        long[] groups = {GROUP};
        cl_kernel sum = cl.kernel(SOURCE, "sum");
        cl_mem in = CL.clCreateBuffer(
                cl.context, CL.CL_MEM_COPY_HOST_PTR, 4L * N, Pointer.to(numbers), null);
        cl_mem out = CL.clCreateBuffer(cl.context, CL.CL_MEM_WRITE_ONLY, 4L * SUMS, null, null);
        CL.clSetKernelArg(sum, 0, Sizeof.cl_mem, Pointer.to(in));
        CL.clSetKernelArg(sum, 1, Sizeof.cl_mem, Pointer.to(out));
        CL.clSetKernelArg(sum, 2, 4L * GROUP, null);
        CL.clEnqueueNDRangeKernel(cl.queue, sum, 1, null, items, groups, 0, null, null);
        CL.clEnqueueReadBuffer(cl.queue, out, true, 0, 4L * SUMS, Pointer.to(sums), 0, null, null);
        CL.clReleaseMemObject(in);
        CL.clReleaseMemObject(out);
        return IntStream.of(sums).sum();
    }

    @Override
    public Integer ported(Setup cl) {
        int[] sums = new int[SUMS];
        long[] items = {N};
        long[] groups = {GROUP};
        cl_kernel sum = cl.kernel(SOURCE, "sum");
        try (Highpage hp = cl.highpage()) {
            PageBuffer in = hp.allocate(4L * N);
            PageBuffer out = hp.allocate(4L * SUMS);
            in.write(0, numbers);
            try (DeviceAccess from = in.access(hp.device(), AccessMode.READ);
                    DeviceAccess to = out.access(hp.device(), AccessMode.WRITE)) {
                KernelArgument part = KernelArgument.local(4L * GROUP);
                Jocl.launch(cl.queue, sum, items, groups, from, to, part);
            }
            out.read(0, sums);
        }
        return IntStream.of(sums).sum();
    }

    @Override
    public Integer expected() {
        return IntStream.of(numbers).sum();
    }
}
