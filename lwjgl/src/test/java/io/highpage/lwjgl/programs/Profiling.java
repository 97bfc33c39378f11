// SPDX-License-Identifier: Apache-2.0
package io.highpage.lwjgl.programs;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.lwjgl.Lwjgl;
import io.highpage.opencl.NdRange;
import io.highpage.outcome.AccessMode;

import org.lwjgl.PointerBuffer;
import org.lwjgl.opencl.CL10;
import org.lwjgl.opencl.CL11;
import org.lwjgl.system.MemoryStack;

import java.nio.IntBuffer;
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
        long queue = cl.queue(CL10.CL_QUEUE_PROFILING_ENABLE);
        long square = cl.kernel(SOURCE, "square");
        long first = CL11.clCreateUserEvent(cl.context, (IntBuffer) null);
        try (MemoryStack stack = MemoryStack.stackPush()) {
            PointerBuffer after = stack.pointers(first);
            long memory = CL10.clCreateBuffer(cl.context, CL10.CL_MEM_COPY_HOST_PTR, numbers, null);
            Setup.check(CL10.clSetKernelArg1p(square, 0, memory));
            PointerBuffer done = stack.mallocPointer(1);
            Setup.check(CL10.clEnqueueNDRangeKernel(
                    queue, square, 1, null, stack.pointers(N), null, after, done));
            Setup.check(CL11.clSetUserEventStatus(first, CL10.CL_COMPLETE));
            Setup.check(CL10.clWaitForEvents(done));
            checkTimes(done.get(0));
            Setup.check(CL10.clEnqueueReadBuffer(queue, memory, true, 0, squares, null, null));
            Setup.check(CL10.clReleaseMemObject(memory));
            Setup.check(CL10.clReleaseEvent(done.get(0)));
        }
        Setup.check(CL10.clReleaseEvent(first));
        return squares;
    }

    @Override
    public int[] ported(Setup cl) {
        int[] squares = new int[N];
        long queue = cl.queue(CL10.CL_QUEUE_PROFILING_ENABLE);
        long square = cl.kernel(SOURCE, "square");
        long first = CL11.clCreateUserEvent(cl.context, (IntBuffer) null);
        try (MemoryStack stack = MemoryStack.stackPush();
                Highpage hp = cl.highpage()) {
            PointerBuffer after = stack.pointers(first);
            PageBuffer memory = hp.allocate(4L * N);
            memory.write(0, numbers);
            DeviceAccess access = memory.access(hp.device(), AccessMode.READ_WRITE);
            long done = Lwjgl.enqueue(queue, square, NdRange.of(N), after, access);
            Setup.check(CL11.clSetUserEventStatus(first, CL10.CL_COMPLETE));
            access.close();
            checkTimes(done);
            memory.read(0, squares);
            Setup.check(CL10.clReleaseEvent(done));
        }
        Setup.check(CL10.clReleaseEvent(first));
        return squares;
    }

    private static void checkTimes(long done) {
        long[] start = new long[1];
        long[] end = new long[1];
        Setup.check(
                CL10.clGetEventProfilingInfo(done, CL10.CL_PROFILING_COMMAND_START, start, null));
        Setup.check(CL10.clGetEventProfilingInfo(done, CL10.CL_PROFILING_COMMAND_END, end, null));
        if (end[0] < start[0]) {
            throw new AssertionError("it ended before it began");
        }
    }

    @Override
    public int[] expected() {
        return IntStream.of(numbers).map(number -> number * number).toArray();
    }
}
