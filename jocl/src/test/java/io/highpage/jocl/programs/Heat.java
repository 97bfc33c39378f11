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

import java.util.Arrays;

/**
 * Spreads heat in a bar until little changes: two kernels on two queues, three buffers, and events
 * between them.
 */
final class Heat implements Program {
    private static final int CELLS = 1 << 16;
    private static final int EACH = 64;
    private static final int PARTS = CELLS / EACH;
    private static final int LITTLE = 20_000;
    private static final long BYTES = 4L * CELLS;
    private static final String SOURCE = """
            kernel void spread(global const int *from, global int *to) {
                size_t i = get_global_id(0), last = get_global_size(0) - 1;
                to[i] = (from[i == 0 ? 0 : i - 1] + 2 * from[i] + from[i == last ? i : i + 1]) / 4;
            }
            kernel void change(global const int *a, global const int *b, global int *most, int n) {
                size_t first = get_global_id(0) * n;
                int found = 0;
                for (size_t i = first; i < first + n; i++) {
                    found = max(found, max(a[i] - b[i], b[i] - a[i]));
                }
                most[get_global_id(0)] = found;
            }
            """;

    private final int[] start = new int[CELLS];

    Heat() {
        for (int i = 0; i < CELLS; i++) {
            start[i] = i % 1000 < 500 ? 1_000_000 : 0;
        }
    }

    @Override
    public int[] plain(Setup cl) {
        int[] heat = start.clone();
        int[] most = new int[PARTS];
        cl_command_queue other = cl.queue(cl.devices[0], 0);
        cl_kernel spread = cl.kernel(SOURCE, "spread");
        cl_kernel change = cl.kernel(SOURCE, "change");
        cl_mem a = CL.clCreateBuffer(cl.context, CL.CL_MEM_READ_WRITE, BYTES, null, null);
        cl_mem b = CL.clCreateBuffer(cl.context, CL.CL_MEM_READ_WRITE, BYTES, null, null);
        cl_mem parts = CL.clCreateBuffer(cl.context, CL.CL_MEM_WRITE_ONLY, 4L * PARTS, null, null);
        CL.clEnqueueWriteBuffer(cl.queue, a, true, 0, BYTES, Pointer.to(heat), 0, null, null);
        do {
            CL.clReleaseEvent(spread(cl, spread, a, b));
            cl_event[] after = {spread(cl, spread, b, a)};
            CL.clFlush(cl.queue); // another queue waits for it
            cl_event[] done = {change(other, change, after, a, b, parts)};
            CL.clEnqueueReadBuffer(
                    other, parts, true, 0, 4L * PARTS, Pointer.to(most), 1, done, null);
            CL.clReleaseEvent(after[0]);
            CL.clReleaseEvent(done[0]);
        } while (Arrays.stream(most).max().getAsInt() > LITTLE);
        CL.clEnqueueReadBuffer(cl.queue, a, true, 0, BYTES, Pointer.to(heat), 0, null, null);
        CL.clReleaseMemObject(a);
        CL.clReleaseMemObject(b);
        CL.clReleaseMemObject(parts);
        return heat;
    }

    private static cl_event spread(Setup cl, cl_kernel kernel, cl_mem from, cl_mem to) {
        CL.clSetKernelArg(kernel, 0, Sizeof.cl_mem, Pointer.to(from));
        CL.clSetKernelArg(kernel, 1, Sizeof.cl_mem, Pointer.to(to));
        cl_event done = new cl_event();
        CL.clEnqueueNDRangeKernel(
                cl.queue, kernel, 1, null, new long[] {CELLS}, null, 0, null, done);
        return done;
    }

    private static cl_event change(
            cl_command_queue queue, cl_kernel kernel, cl_event[] after, cl_mem... memory) {
        for (int i = 0; i < memory.length; i++) {
            CL.clSetKernelArg(kernel, i, Sizeof.cl_mem, Pointer.to(memory[i]));
        }
        CL.clSetKernelArg(kernel, memory.length, Sizeof.cl_int, Pointer.to(new int[] {EACH}));
        cl_event done = new cl_event();
        CL.clEnqueueNDRangeKernel(
                queue, kernel, 1, null, new long[] {PARTS}, null, after.length, after, done);
        return done;
    }

    // example
    @Override
    public int[] ported(Setup cl) {
        int[] heat = start.clone();
        int[] most = new int[PARTS];
        cl_command_queue other = cl.queue(cl.devices[0], 0);
        cl_kernel spread = cl.kernel(SOURCE, "spread");
        cl_kernel change = cl.kernel(SOURCE, "change");
        try (Highpage hp = cl.highpage();
                PageBuffer a = hp.allocate(BYTES);
                PageBuffer b = hp.allocate(BYTES);
                PageBuffer parts = hp.allocate(4L * PARTS)) {
            a.write(0, heat);
            do {
                try (DeviceAccess inA = a.access(hp.device(), AccessMode.READ_WRITE);
                        DeviceAccess inB = b.access(hp.device(), AccessMode.READ_WRITE);
                        DeviceAccess out = parts.access(hp.device(), AccessMode.WRITE)) {
                    Jocl.launch(cl.queue, spread, new long[] {CELLS}, null, inA, inB);
                    NdRange cells = NdRange.of(CELLS);
                    cl_event[] after = {Jocl.enqueue(cl.queue, spread, cells, null, inB, inA)};
                    NdRange of = NdRange.of(PARTS);
                    CL.clReleaseEvent(Jocl.enqueue(other, change, of, after, inA, inB, out, EACH));
                    CL.clReleaseEvent(after[0]);
                } // waits for all kernels, on both queues
                parts.read(0, most);
            } while (Arrays.stream(most).max().getAsInt() > LITTLE);
            a.read(0, heat);
        }
        return heat;
    }
    // end of example

    @Override
    public int[] expected() {
        int[] heat = start.clone();
        int[] next = new int[CELLS];
        int most;
        do {
            most = 0;
            for (int step = 0; step < 2; step++) {
                for (int i = 0; i < CELLS; i++) {
                    int right = heat[Math.min(i + 1, CELLS - 1)];
                    next[i] = (heat[Math.max(i - 1, 0)] + 2 * heat[i] + right) / 4;
                }
                int[] swap = heat;
                heat = next;
                next = swap;
            }
            for (int i = 0; i < CELLS; i++) {
                most = Math.max(most, Math.abs(heat[i] - next[i]));
            }
        } while (most > LITTLE);
        return heat;
    }
}
