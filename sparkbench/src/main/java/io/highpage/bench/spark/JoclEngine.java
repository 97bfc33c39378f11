// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import static org.jocl.CL.CL_MEM_READ_ONLY;
import static org.jocl.CL.CL_MEM_WRITE_ONLY;

import io.highpage.bench.JoclContext;
import io.highpage.opencl.OpenClDevice;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;
import org.jocl.cl_program;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * All that a program with JOCL needs to run a kernel over files: context, queue, compiled kernel, a
 * buffer each way and host memory of a piece. Confined to one thread at a time.
 */
final class JoclEngine implements AutoCloseable {
    private final JoclContext own;
    private final cl_command_queue queue;
    private final cl_program program;
    private final cl_kernel kernel;
    private final cl_mem in;
    private final cl_mem out;
    private final ByteBuffer host = ByteBuffer.allocateDirect(FileTask.PIECE_BYTES);
    private final Pointer hostPointer = Pointer.to(host);

    JoclEngine(OpenClDevice same, BenchKernel wanted) {
        own = JoclContext.of(same); // loads JOCL
        queue = own.queue();
        program = CL.clCreateProgramWithSource(
                own.context(), 1, new String[] {BenchKernel.source()}, null, null);
        CL.clBuildProgram(program, 0, null, null, null, null);
        kernel = CL.clCreateKernel(program, wanted.id(), null);
        in = CL.clCreateBuffer(own.context(), CL_MEM_READ_ONLY, host.capacity(), null, null);
        out = CL.clCreateBuffer(own.context(), CL_MEM_WRITE_ONLY, host.capacity(), null, null);
        CL.clSetKernelArg(kernel, 0, Sizeof.cl_mem, Pointer.to(in));
        CL.clSetKernelArg(kernel, 1, Sizeof.cl_mem, Pointer.to(out));
        CL.clSetKernelArg(kernel, 2, Sizeof.cl_float, Pointer.to(new float[] {BenchKernel.BY}));
    }

    /** Runs the kernel over the whole of a file. */
    void run(FileChannel from, FileChannel to) throws IOException {
        host.clear();
        while (from.read(host) >= 0) {
            host.flip();
            long bytes = host.limit();
            CL.clEnqueueWriteBuffer(queue, in, false, 0, bytes, hostPointer, 0, null, null);
            CL.clEnqueueNDRangeKernel(
                    queue, kernel, 1, null, new long[] {bytes / Float.BYTES}, null, 0, null, null);
            CL.clEnqueueReadBuffer(queue, out, true, 0, bytes, hostPointer, 0, null, null);
            while (host.hasRemaining()) {
                to.write(host);
            }
            host.clear();
        }
    }

    @Override
    public void close() {
        CL.clReleaseMemObject(in);
        CL.clReleaseMemObject(out);
        CL.clReleaseKernel(kernel);
        CL.clReleaseProgram(program);
        CL.clReleaseCommandQueue(queue);
        CL.clReleaseContext(own.context());
    }
}
