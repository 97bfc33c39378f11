// SPDX-License-Identifier: Apache-2.0
package io.highpage.lwjgl.programs;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.lwjgl.Lwjgl;
import io.highpage.outcome.AccessMode;

import org.lwjgl.opencl.CL10;
import org.lwjgl.opencl.CL20;
import org.lwjgl.system.MemoryStack;

import java.nio.ByteBuffer;
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
        return cl.hasSvm();
    }

    @Override
    public int[] plain(Setup cl) {
        int[] squares = new int[N];
        long square = cl.kernel(SOURCE, "square");
        ByteBuffer memory = CL20.clSVMAlloc(cl.context, CL10.CL_MEM_READ_WRITE, BYTES, 0);
        Setup.check(CL20.clEnqueueSVMMap(cl.queue, true, CL10.CL_MAP_WRITE, memory, null, null));
        memory.asIntBuffer().put(numbers);
        Setup.check(CL20.clEnqueueSVMUnmap(cl.queue, memory, null, null));
        Setup.check(CL20.clSetKernelArgSVMPointer(square, 0, memory));
        try (MemoryStack stack = MemoryStack.stackPush()) {
            Setup.check(CL10.clEnqueueNDRangeKernel(
                    cl.queue, square, 1, null, stack.pointers(N), null, null, null));
        }
        Setup.check(CL20.clEnqueueSVMMap(cl.queue, true, CL10.CL_MAP_READ, memory, null, null));
        memory.asIntBuffer().get(squares);
        Setup.check(CL20.clEnqueueSVMUnmap(cl.queue, memory, null, null));
        Setup.check(CL10.clFinish(cl.queue));
        CL20.clSVMFree(cl.context, memory);
        return squares;
    }

    @Override
    public int[] ported(Setup cl) {
        int[] squares = new int[N];
        long square = cl.kernel(SOURCE, "square");
        try (Highpage hp = cl.highpage()) {
            PageBuffer memory = hp.allocate(BYTES);
            memory.write(0, numbers);
            try (DeviceAccess access = memory.access(hp.device(), AccessMode.READ_WRITE)) {
                Lwjgl.launch(cl.queue, square, new long[] {N}, null, access);
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
