// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.programs;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.jocl.Jocl;
import io.highpage.outcome.AccessMode;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.blast.CLBlast;
import org.jocl.blast.CLBlastLayout;
import org.jocl.blast.CLBlastTranspose;
import org.jocl.cl_event;
import org.jocl.cl_mem;

/** Multiplies matrices and adds vectors by CLBlast, which takes {@code cl_mem}s. */
final class Blas implements Program {
    private static final int N = 64; // numbers a row and column
    private static final long BYTES = 4L * N * N;

    private final float[] a = new float[N * N];
    private final float[] b = new float[N * N];

    Blas() {
        for (int i = 0; i < N * N; i++) {
            a[i] = i % 7;
            b[i] = i % 5;
        }
    }

    @Override
    public float[] plain(Setup cl) {
        float[] product = new float[N * N];
        cl_mem ofA =
                CL.clCreateBuffer(cl.context, CL.CL_MEM_COPY_HOST_PTR, BYTES, Pointer.to(a), null);
        cl_mem ofB =
                CL.clCreateBuffer(cl.context, CL.CL_MEM_COPY_HOST_PTR, BYTES, Pointer.to(b), null);
        cl_mem ofC = CL.clCreateBuffer(cl.context, CL.CL_MEM_READ_WRITE, BYTES, null, null);
        cl_event done = multiplyAndAdd(cl, ofA, ofB, ofC);
        CL.clEnqueueReadBuffer(cl.queue, ofC, true, 0, BYTES, Pointer.to(product), 0, null, null);
        CL.clReleaseEvent(done);
        CL.clReleaseMemObject(ofA);
        CL.clReleaseMemObject(ofB);
        CL.clReleaseMemObject(ofC);
        return product;
    }

    @Override
    public float[] ported(Setup cl) {
        float[] product = new float[N * N];
        try (Highpage hp = cl.highpage()) {
            PageBuffer ofA = hp.allocate(BYTES);
            PageBuffer ofB = hp.allocate(BYTES);
            PageBuffer ofC = hp.allocate(BYTES);
            ofA.write(0, a);
            ofB.write(0, b);
            try (DeviceAccess inA = ofA.access(hp.device(), AccessMode.READ);
                    DeviceAccess inB = ofB.access(hp.device(), AccessMode.READ);
                    DeviceAccess out = ofC.access(hp.device(), AccessMode.WRITE)) {
                cl_event done = multiplyAndAdd(
                        cl, Jocl.memoryObject(inA), Jocl.memoryObject(inB), Jocl.memoryObject(out));
                Jocl.completesWith(done, inA, inB, out);
                CL.clReleaseEvent(done);
            }
            ofC.read(0, product);
        }
        return product;
    }

    /** C = A B, then C = C + 2 A. {@return the last one's event} */
    private static cl_event multiplyAndAdd(Setup cl, cl_mem a, cl_mem b, cl_mem c) {
        CLBlast.setExceptionsEnabled(true);
        cl_event done = new cl_event();
        int rows = CLBlastLayout.CLBlastLayoutRowMajor;
        int as = CLBlastTranspose.CLBlastTransposeNo;
        CLBlast.CLBlastSgemm(
                rows, as, as, N, N, N, 1, a, 0, N, b, 0, N, 0, c, 0, N, cl.queue, null);
        CLBlast.CLBlastSaxpy(N * N, 2, a, 0, 1, c, 0, 1, cl.queue, done);
        return done;
    }

    @Override
    public float[] expected() {
        float[] product = new float[N * N];
        for (int row = 0; row < N; row++) {
            for (int column = 0; column < N; column++) {
                float sum = 2 * a[row * N + column];
                for (int i = 0; i < N; i++) {
                    sum += a[row * N + i] * b[i * N + column];
                }
                product[row * N + column] = sum;
            }
        }
        return product;
    }
}
