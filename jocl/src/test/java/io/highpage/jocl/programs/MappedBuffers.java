// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.programs;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.jocl.Jocl;
import io.highpage.outcome.AccessMode;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.IntStream;

/** Squares numbers that are filled in and read in place. */
final class MappedBuffers implements Program {
    private static final int N = 1 << 20;
    private static final long BYTES = 4L * N;
    private static final String SOURCE =
            "kernel void square(global int *x) { x[get_global_id(0)] *= x[get_global_id(0)]; }";

    private final int[] numbers = IntStream.range(0, N).toArray();

    @Override
    public int[] plain(Setup cl) {
        int[] squares = new int[N];
        cl_kernel square = cl.kernel(SOURCE, "square");
        cl_mem memory = CL.clCreateBuffer(cl.context, CL.CL_MEM_ALLOC_HOST_PTR, BYTES, null, null);
        ByteBuffer bytes = CL.clEnqueueMapBuffer(
                cl.queue, memory, true, CL.CL_MAP_WRITE, 0, BYTES, 0, null, null, null);
        bytes.order(ByteOrder.nativeOrder()).asIntBuffer().put(numbers);
        CL.clEnqueueUnmapMemObject(cl.queue, memory, bytes, 0, null, null);
        CL.clSetKernelArg(square, 0, Sizeof.cl_mem, Pointer.to(memory));
        CL.clEnqueueNDRangeKernel(cl.queue, square, 1, null, new long[] {N}, null, 0, null, null);
        bytes = CL.clEnqueueMapBuffer(
                cl.queue, memory, true, CL.CL_MAP_READ, 0, BYTES, 0, null, null, null);
        bytes.order(ByteOrder.nativeOrder()).asIntBuffer().get(squares);
        CL.clEnqueueUnmapMemObject(cl.queue, memory, bytes, 0, null, null);
        CL.clFinish(cl.queue);
        CL.clReleaseMemObject(memory);
        return squares;
    }

    @Override
    public int[] ported(Setup cl) {
        int[] squares = new int[N];
        cl_kernel square = cl.kernel(SOURCE, "square");
        try (Highpage hp = cl.highpage()) {
            PageBuffer memory = hp.allocate(BYTES);
            try (Pin pin = memory.pin(Pin.longTerm())) {
                pin.asByteBuffer().asIntBuffer().put(numbers);
            }
            try (DeviceAccess access = memory.access(hp.device(), AccessMode.READ_WRITE)) {
                Jocl.launch(cl.queue, square, new long[] {N}, null, access);
            }
            try (Pin pin = memory.pin(Pin.longTerm().mode(AccessMode.READ))) {
                pin.asByteBuffer().asIntBuffer().get(squares);
            }
        }
        return squares;
    }

    @Override
    public int[] expected() {
        return IntStream.of(numbers).map(number -> number * number).toArray();
    }
}
