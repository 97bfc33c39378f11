// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.programs;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.jocl.Jocl;
import io.highpage.outcome.AccessMode;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.cl_kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.IntStream;

/** Squares numbers in shared virtual memory, which is mapped to be filled and read. */
final class SvmMap implements Program {
    private static final int N = 1 << 20;
    private static final long BYTES = 4L * N;
    private static final String SOURCE =
            "kernel void square(global int *x) { x[get_global_id(0)] *= x[get_global_id(0)]; }";

    private final int[] numbers = IntStream.range(0, N).toArray();

    @Override
    public boolean isPossible(Setup cl) {
        return cl.svm() != 0;
    }

    @Override
    public int[] plain(Setup cl) {
        int[] squares = new int[N];
        cl_kernel square = cl.kernel(SOURCE, "square");
        Pointer memory = CL.clSVMAlloc(cl.context, CL.CL_MEM_READ_WRITE, BYTES, 0);
        ByteBuffer bytes = memory.getByteBuffer(0, BYTES).order(ByteOrder.nativeOrder());
        CL.clEnqueueSVMMap(cl.queue, true, CL.CL_MAP_WRITE, memory, BYTES, 0, null, null);
        bytes.asIntBuffer().put(numbers);
        CL.clEnqueueSVMUnmap(cl.queue, memory, 0, null, null);
        CL.clSetKernelArgSVMPointer(square, 0, memory);
        CL.clEnqueueNDRangeKernel(cl.queue, square, 1, null, new long[] {N}, null, 0, null, null);
        CL.clEnqueueSVMMap(cl.queue, true, CL.CL_MAP_READ, memory, BYTES, 0, null, null);
        bytes.asIntBuffer().get(squares);
        CL.clEnqueueSVMUnmap(cl.queue, memory, 0, null, null);
        CL.clFinish(cl.queue);
        CL.clSVMFree(cl.context, memory);
        return squares;
    }

    @Override
    public int[] ported(Setup cl) {
        int[] squares = new int[N];
        cl_kernel square = cl.kernel(SOURCE, "square");
        try (Highpage hp = cl.highpage()) {
            PageBuffer memory = hp.allocate(BYTES);
            memory.write(0, numbers);
            try (DeviceAccess access = memory.access(hp.device(), AccessMode.READ_WRITE)) {
                Jocl.launch(cl.queue, square, new long[] {N}, null, access);
            }
            memory.read(0, squares);
        }
        return squares;
    }

    @Override
    public int[] expected() {
        return IntStream.of(numbers).map(number -> number * number).toArray();
    }
}
