// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.examples;

import static org.jocl.CL.CL_MAP_READ;
import static org.jocl.CL.CL_MEM_READ_WRITE;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.KernelArgument;
import io.highpage.opencl.OpenClDevice;
import io.highpage.outcome.AccessMode;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.cl_kernel;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/** A kernel that takes shared virtual memory of the program's own beside an access. */
final class OwnSvm {
    private OwnSvm() {}

    /** {@return the sums, which the kernel left in the program's own memory} */
    static int[] run(int[] numbers) {
        Gpu gpu = Gpu.open();
        cl_kernel kernel = gpu.kernel(KeptBuffers.ADD, "add");
        OpenClDevice device = Jocl.device(gpu.context(), gpu.device(), gpu.queue());
        int bytes = 4 * numbers.length;
        int[] sums = new int[numbers.length];
        // example
        Pointer own = CL.clSVMAlloc(gpu.context(), CL_MEM_READ_WRITE, bytes, 0);
        long address = MemorySegment.ofBuffer(own.getByteBuffer(0, bytes)).address();
        try (Highpage hp = Highpage.builder().device(device).open();
                PageBuffer buffer = hp.allocate(bytes)) {
            buffer.write(0, numbers);
            try (DeviceAccess from = buffer.access(hp.device(), AccessMode.READ)) {
                KernelArgument to = KernelArgument.pointer(address);
                Jocl.launch(gpu.queue(), kernel, new long[] {numbers.length}, null, from, to, 1);
            }
        }
        CL.clEnqueueSVMMap(gpu.queue(), true, CL_MAP_READ, own, bytes, 0, null, null);
        own.getByteBuffer(0, bytes).order(ByteOrder.nativeOrder()).asIntBuffer().get(sums);
        CL.clEnqueueSVMUnmap(gpu.queue(), own, 0, null, null);
        CL.clFinish(gpu.queue());
        CL.clSVMFree(gpu.context(), own);
        // end of example
        gpu.close(kernel);
        return sums;
    }
}
