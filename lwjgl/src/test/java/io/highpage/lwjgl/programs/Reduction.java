// SPDX-License-Identifier: Apache-2.0
package io.highpage.lwjgl.programs;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.lwjgl.Lwjgl;
import io.highpage.opencl.KernelArgument;
import io.highpage.outcome.AccessMode;

import org.lwjgl.opencl.CL10;
import org.lwjgl.system.MemoryStack;

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
        long sum = cl.kernel(SOURCE, "sum");
        long in = CL10.clCreateBuffer(cl.context, CL10.CL_MEM_COPY_HOST_PTR, numbers, null);
        long out = CL10.clCreateBuffer(cl.context, CL10.CL_MEM_WRITE_ONLY, 4L * SUMS, null);
        Setup.check(CL10.clSetKernelArg1p(sum, 0, in));
        Setup.check(CL10.clSetKernelArg1p(sum, 1, out));
        Setup.check(CL10.clSetKernelArg(sum, 2, 4L * GROUP));
        try (MemoryStack stack = MemoryStack.stackPush()) {
            Setup.check(CL10.clEnqueueNDRangeKernel(
                    cl.queue, sum, 1, null, stack.pointers(N), stack.pointers(GROUP), null, null));
        }
        Setup.check(CL10.clEnqueueReadBuffer(cl.queue, out, true, 0, sums, null, null));
        Setup.check(CL10.clReleaseMemObject(in));
        Setup.check(CL10.clReleaseMemObject(out));
        return IntStream.of(sums).sum();
    }

    @Override
    public Integer ported(Setup cl) {
        int[] sums = new int[SUMS];
        long sum = cl.kernel(SOURCE, "sum");
        try (Highpage hp = cl.highpage()) {
            PageBuffer in = hp.allocate(4L * N);
            PageBuffer out = hp.allocate(4L * SUMS);
            in.write(0, numbers);
            try (DeviceAccess from = in.access(hp.device(), AccessMode.READ);
                    DeviceAccess to = out.access(hp.device(), AccessMode.WRITE)) {
                KernelArgument part = KernelArgument.local(4L * GROUP);
                Lwjgl.launch(cl.queue, sum, new long[] {N}, new long[] {GROUP}, from, to, part);
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
