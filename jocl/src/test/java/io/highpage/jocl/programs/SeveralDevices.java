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
import org.jocl.cl_command_queue;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

import java.util.stream.IntStream;

/** Squares numbers, an equal part on each device of a context. */
final class SeveralDevices implements Program {
    private static final int N = 3 << 18;
    private static final String SOURCE =
            "kernel void square(global int *x) { x[get_global_id(0)] *= x[get_global_id(0)]; }";

    private final int[] numbers = IntStream.range(0, N).toArray();

    @Override
    public int[] plain(Setup cl) {
        int[] squares = new int[N];
        int items = N / cl.devices.length;
        long size = 4L * items;
        cl_kernel square = cl.kernel(SOURCE, "square");
        cl_mem all = CL.clCreateBuffer(
                cl.context, CL.CL_MEM_COPY_HOST_PTR, 4L * N, Pointer.to(numbers), null);
        for (int i = 0; i < cl.devices.length; i++) {
            cl_command_queue queue = cl.queue(cl.devices[i], 0);
            cl_buffer_region region = new cl_buffer_region(i * size, size);
            cl_mem part = CL.clCreateSubBuffer(
                    all, CL.CL_MEM_READ_WRITE, CL.CL_BUFFER_CREATE_TYPE_REGION, region, null);
            CL.clSetKernelArg(square, 0, Sizeof.cl_mem, Pointer.to(part));
            CL.clEnqueueNDRangeKernel(
                    queue, square, 1, null, new long[] {items}, null, 0, null, null);
            CL.clEnqueueReadBuffer(
                    queue,
                    part,
                    true,
                    0,
                    size,
                    Pointer.to(squares).withByteOffset(i * size),
                    0,
                    null,
                    null);
            CL.clReleaseMemObject(part);
        }
        CL.clReleaseMemObject(all);
        return squares;
    }

    @Override
    public int[] ported(Setup cl) {
        int[] squares = new int[N];
        int items = N / cl.devices.length;
        long size = 4L * items;
        cl_kernel square = cl.kernel(SOURCE, "square");
        cl_command_queue[] queues = new cl_command_queue[cl.devices.length];
        Highpage.Builder builder = Highpage.builder();
        for (int i = 0; i < queues.length; i++) {
            queues[i] = cl.queue(cl.devices[i], 0);
            builder.device(
                    Jocl.device("device " + i, cl.context, cl.devices[i], queues[i], cl.mode()));
        }
        try (Highpage hp = builder.open();
                PageBuffer all = hp.allocate(4L * N)) {
            all.write(0, numbers);
            for (int i = 0; i < queues.length; i++) {
                try (DeviceAccess part = all.range(i * size, size)
                        .access(hp.devices().get(i), AccessMode.READ_WRITE)) {
                    Jocl.launch(queues[i], square, new long[] {items}, null, part);
                }
            }
            all.read(0, squares);
        }
        return squares;
    }

    @Override
    public int[] expected() {
        return IntStream.of(numbers).map(number -> number * number).toArray();
    }
}
