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
        cl_kernel add = cl.kernel(SOURCE, "add");
        cl_mem ofA = CL.clCreateBuffer(cl.context, CL.CL_MEM_READ_ONLY, BYTES, null, null);
        cl_mem ofB = CL.clCreateBuffer(cl.context, CL.CL_MEM_READ_ONLY, BYTES, null, null);
        cl_mem ofSum = CL.clCreateBuffer(cl.context, CL.CL_MEM_WRITE_ONLY, BYTES, null, null);
        CL.clEnqueueWriteBuffer(cl.queue, ofA, true, 0, BYTES, Pointer.to(a), 0, null, null);
        CL.clEnqueueWriteBuffer(cl.queue, ofB, true, 0, BYTES, Pointer.to(b), 0, null, null);
        CL.clSetKernelArg(add, 0, Sizeof.cl_mem, Pointer.to(ofA));
        CL.clSetKernelArg(add, 1, Sizeof.cl_mem, Pointer.to(ofB));
        CL.clSetKernelArg(add, 2, Sizeof.cl_mem, Pointer.to(ofSum));
        CL.clEnqueueNDRangeKernel(cl.queue, add, 1, null, new long[] {N}, null, 0, null, null);
        CL.clEnqueueReadBuffer(cl.queue, ofSum, true, 0, BYTES, Pointer.to(sum), 0, null, null);
        CL.clReleaseMemObject(ofA);
        CL.clReleaseMemObject(ofB);
        CL.clReleaseMemObject(ofSum);
        return sum;
    }

    @Override
    public float[] ported(Setup cl) {
        float[] sum = new float[N];
        cl_kernel add = cl.kernel(SOURCE, "add");
        try (Highpage hp = cl.highpage()) {
            PageBuffer ofA = hp.allocate(BYTES);
            PageBuffer ofB = hp.allocate(BYTES);
            PageBuffer ofSum = hp.allocate(BYTES);
            ofA.write(0, a);
            ofB.write(0, b);
            try (DeviceAccess inA = ofA.access(hp.device(), AccessMode.READ);
                    DeviceAccess inB = ofB.access(hp.device(), AccessMode.READ);
                    DeviceAccess out = ofSum.access(hp.device(), AccessMode.WRITE)) {
                Jocl.launch(cl.queue, add, new long[] {N}, null, inA, inB, out);
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
