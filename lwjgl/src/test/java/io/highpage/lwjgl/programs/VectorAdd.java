// SPDX-License-Identifier: Apache-2.0
package io.highpage.lwjgl.programs;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.lwjgl.Lwjgl;
import io.highpage.outcome.AccessMode;

import org.lwjgl.opencl.CL10;
import org.lwjgl.system.MemoryStack;

/** Adds two vectors. */
final class VectorAdd implements Program {
    private static final int N = 1 << 20;
    private static final long BYTES = 4L * N;
    private static final String SOURCE = """
            kernel void add(global const float *a, global const float *b, global float *sum) {
                size_t i = get_global_id(0);
                sum[i] = a[i] + b[i];
            }
            """;

    private final float[] a = new float[N];
    private final float[] b = new float[N];

    VectorAdd() {
        for (int i = 0; i < N; i++) {
            a[i] = i;
            b[i] = 3 * i;
        }
    }

    @Override
    public float[] plain(Setup cl) {
        float[] sum = new float[N];
        long add = cl.kernel(SOURCE, "add");
        long copy = CL10.CL_MEM_READ_ONLY | CL10.CL_MEM_COPY_HOST_PTR;
        long ofA = CL10.clCreateBuffer(cl.context, copy, a, null);
        long ofB = CL10.clCreateBuffer(cl.context, copy, b, null);
        long ofSum = CL10.clCreateBuffer(cl.context, CL10.CL_MEM_WRITE_ONLY, BYTES, null);
        Setup.check(CL10.clSetKernelArg1p(add, 0, ofA));
        Setup.check(CL10.clSetKernelArg1p(add, 1, ofB));
        Setup.check(CL10.clSetKernelArg1p(add, 2, ofSum));
        try (MemoryStack stack = MemoryStack.stackPush()) {
            Setup.check(CL10.clEnqueueNDRangeKernel(
                    cl.queue, add, 1, null, stack.pointers(N), null, null, null));
        }
        Setup.check(CL10.clEnqueueReadBuffer(cl.queue, ofSum, true, 0, sum, null, null));
        Setup.check(CL10.clReleaseMemObject(ofA));
        Setup.check(CL10.clReleaseMemObject(ofB));
        Setup.check(CL10.clReleaseMemObject(ofSum));
        return sum;
    }

    @Override
    public float[] ported(Setup cl) {
        float[] sum = new float[N];
        long add = cl.kernel(SOURCE, "add");
        try (Highpage hp = cl.highpage()) {
            PageBuffer ofA = hp.allocate(BYTES);
            PageBuffer ofB = hp.allocate(BYTES);
            PageBuffer ofSum = hp.allocate(BYTES);
            ofA.write(0, a);
            ofB.write(0, b);
            try (DeviceAccess inA = ofA.access(hp.device(), AccessMode.READ);
                    DeviceAccess inB = ofB.access(hp.device(), AccessMode.READ);
                    DeviceAccess out = ofSum.access(hp.device(), AccessMode.WRITE)) {
                Lwjgl.launch(cl.queue, add, new long[] {N}, null, inA, inB, out);
            }
            ofSum.read(0, sum);
        }
        return sum;
    }

    @Override
    public float[] expected() {
        float[] sum = new float[N];
        for (int i = 0; i < N; i++) {
            sum[i] = a[i] + b[i];
        }
        return sum;
    }
}
