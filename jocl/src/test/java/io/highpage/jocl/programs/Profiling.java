// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.programs;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.NdRange;
import io.highpage.outcome.AccessMode;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_event;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

import java.util.stream.IntStream;

/** Squares numbers after an event, and asks for how long the kernel ran. */
final class Profiling implements Program {
    private static final int N = 1 << 18;
    private static final String SOURCE =
            "kernel void square(global int *x) { x[get_global_id(0)] *= x[get_global_id(0)]; }";

    private final int[] numbers = IntStream.range(0, N).toArray();

    @Override
    public int[] plain(Setup cl) {
        int[] squares = new int[N];
        cl_command_queue queue = cl.queue(cl.devices[0], CL.CL_QUEUE_PROFILING_ENABLE);
        cl_kernel square = cl.kernel(SOURCE, "square");
        cl_event first = CL.clCreateUserEvent(cl.context, null);
        cl_event[] after = {first};
        cl_mem memory = CL.clCreateBuffer(
                cl.context, CL.CL_MEM_COPY_HOST_PTR, 4L * N, Pointer.to(numbers), null);
        CL.clSetKernelArg(square, 0, Sizeof.cl_mem, Pointer.to(memory));
        cl_event done = new cl_event();
        CL.clEnqueueNDRangeKernel(queue, square, 1, null, new long[] {N}, null, 1, after, done);
        CL.clSetUserEventStatus(first, CL.CL_COMPLETE);
        CL.clWaitForEvents(1, new cl_event[] {done});
        checkTimes(done);
        CL.clEnqueueReadBuffer(queue, memory, true, 0, 4L * N, Pointer.to(squares), 0, null, null);
        CL.clReleaseMemObject(memory);
        CL.clReleaseEvent(done);
        CL.clReleaseEvent(first);
        return squares;
    }

    @Override
    public int[] ported(Setup cl) {
        int[] squares = new int[N];
        cl_command_queue queue = cl.queue(cl.devices[0], CL.CL_QUEUE_PROFILING_ENABLE);
        cl_kernel square = cl.kernel(SOURCE, "square");
        cl_event first = CL.clCreateUserEvent(cl.context, null);
        cl_event[] after = {first};
        try (Highpage hp = cl.highpage()) {
            PageBuffer memory = hp.allocate(4L * N);
            memory.write(0, numbers);
            DeviceAccess access = memory.access(hp.device(), AccessMode.READ_WRITE);
            cl_event done = Jocl.enqueue(queue, square, NdRange.of(N), after, access);
            CL.clSetUserEventStatus(first, CL.CL_COMPLETE);
            access.close();
            checkTimes(done);
            memory.read(0, squares);
            CL.clReleaseEvent(done);
        }
        CL.clReleaseEvent(first);
        return squares;
    }

    private static void checkTimes(cl_event done) {
        long[] start = new long[1];
        long[] end = new long[1];
        CL.clGetEventProfilingInfo(
                done, CL.CL_PROFILING_COMMAND_START, Sizeof.cl_ulong, Pointer.to(start), null);
        CL.clGetEventProfilingInfo(
                done, CL.CL_PROFILING_COMMAND_END, Sizeof.cl_ulong, Pointer.to(end), null);
        if (end[0] < start[0]) {
            throw new AssertionError("it ended before it began");
        }
    }

    @Override
    public int[] expected() {
        return IntStream.of(numbers).map(number -> number * number).toArray();
    }
}
