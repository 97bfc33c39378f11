// SPDX-License-Identifier: Apache-2.0
package io.highpage.lwjgl.programs;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.lwjgl.Lwjgl;
import io.highpage.outcome.AccessMode;

import org.lwjgl.BufferUtils;
import org.lwjgl.opencl.CL10;
import org.lwjgl.system.MemoryStack;

import java.nio.IntBuffer;

/** Counts bytes: one kernel counts parts, another adds the parts up. */
final class Histogram implements Program {
    private static final int N = 1 << 20;
    private static final int BINS = 256;
    private static final int PARTS = 64;
    private static final String SOURCE = """
            kernel void count(global const uchar *bytes, global uint *parts, uint length) {
                global uint *mine = parts + get_global_id(0) * 256;
                for (uint i = 0; i < 256; i++) { mine[i] = 0; }
                for (uint i = 0; i < length; i++) {
                    mine[bytes[get_global_id(0) * length + i]]++;
                }
            }
            kernel void add(global const uint *parts, global uint *all, uint count) {
                uint sum = 0;
                for (uint i = 0; i < count; i++) { sum += parts[i * 256 + get_global_id(0)]; }
                all[get_global_id(0)] = sum;
            }
            """;

    private final byte[] bytes = new byte[N];

    Histogram() {
        for (int i = 0; i < N; i++) {
            bytes[i] = (byte) (i * i / 7);
        }
    }

    @Override
    public int[] plain(Setup cl) {
        int[] counts = new int[BINS];
        long count = cl.kernel(SOURCE, "count");
        long add = cl.kernel(SOURCE, "add");
        long size = 4L * BINS;
        long in = CL10.clCreateBuffer(
                cl.context,
                CL10.CL_MEM_COPY_HOST_PTR,
                BufferUtils.createByteBuffer(N).put(bytes).flip(),
                (IntBuffer) null);
        long parts = CL10.clCreateBuffer(cl.context, 0, PARTS * size, null);
        long all = CL10.clCreateBuffer(cl.context, CL10.CL_MEM_WRITE_ONLY, size, null);
        Setup.check(CL10.clSetKernelArg1p(count, 0, in));
        Setup.check(CL10.clSetKernelArg1p(count, 1, parts));
        Setup.check(CL10.clSetKernelArg1i(count, 2, N / PARTS));
        Setup.check(CL10.clSetKernelArg1p(add, 0, parts));
        Setup.check(CL10.clSetKernelArg1p(add, 1, all));
        Setup.check(CL10.clSetKernelArg1i(add, 2, PARTS));
        try (MemoryStack stack = MemoryStack.stackPush()) {
            Setup.check(CL10.clEnqueueNDRangeKernel(
                    cl.queue, count, 1, null, stack.pointers(PARTS), null, null, null));
            Setup.check(CL10.clEnqueueNDRangeKernel(
                    cl.queue, add, 1, null, stack.pointers(BINS), null, null, null));
        }
        Setup.check(CL10.clEnqueueReadBuffer(cl.queue, all, true, 0, counts, null, null));
        Setup.check(CL10.clReleaseMemObject(in));
        Setup.check(CL10.clReleaseMemObject(parts));
        Setup.check(CL10.clReleaseMemObject(all));
        return counts;
    }

    @Override
    public int[] ported(Setup cl) {
        int[] counts = new int[BINS];
        long count = cl.kernel(SOURCE, "count");
        long add = cl.kernel(SOURCE, "add");
        long size = 4L * BINS;
        try (Highpage hp = cl.highpage()) {
            PageBuffer in = hp.allocate(N);
            PageBuffer parts = hp.allocate(PARTS * size);
            PageBuffer all = hp.allocate(size);
            in.write(0, bytes);
            try (DeviceAccess from = in.access(hp.device(), AccessMode.READ);
                    DeviceAccess between = parts.access(hp.device(), AccessMode.READ_WRITE);
                    DeviceAccess to = all.access(hp.device(), AccessMode.WRITE)) {
                Lwjgl.launch(cl.queue, count, new long[] {PARTS}, null, from, between, N / PARTS);
                Lwjgl.launch(cl.queue, add, new long[] {BINS}, null, between, to, PARTS);
            }
            all.read(0, counts);
        }
        return counts;
    }

    @Override
    public int[] expected() {
        int[] counts = new int[BINS];
        for (byte value : bytes) {
            counts[Byte.toUnsignedInt(value)]++;
        }
        return counts;
    }
}
