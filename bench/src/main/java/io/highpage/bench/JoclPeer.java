// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import static org.jocl.CL.CL_MAP_READ;
import static org.jocl.CL.CL_MAP_WRITE;
import static org.jocl.CL.CL_MEM_READ_WRITE;
import static org.jocl.CL.CL_MEM_SVM_FINE_GRAIN_BUFFER;

import io.highpage.opencl.OpenClDevice;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_mem;

import java.nio.ByteBuffer;

/**
 * Round trips as programs with JOCL make them: host memory to the device and back, each call
 * blocking.
 */
final class JoclPeer implements Peer {
    private final int byteSize;
    private final ByteBuffer host;
    private byte[] array; // null until somebody asks for this way
    private final Pointer hostPointer;
    private Pointer arrayPointer;
    private final cl_context context;
    private final cl_command_queue queue;
    private final cl_mem buffer;
    // JOCL copies only between SVM allocations, so a second one is the host's end. Null without
    // fine-grained SVM.
    private final Pointer svm;
    private final Pointer svmHost;

    JoclPeer(OpenClDevice same, int byteSize, boolean fineGrained) {
        JoclContext own = JoclContext.of(same); // loads JOCL
        this.byteSize = byteSize;
        host = ByteBuffer.allocateDirect(byteSize);
        hostPointer = Pointer.to(host);
        context = own.context();
        queue = own.queue();
        buffer = CL.clCreateBuffer(context, CL_MEM_READ_WRITE, byteSize, null, null);
        svm = fineGrained ? allocateSvm() : null;
        svmHost = fineGrained ? allocateSvm() : null;
    }

    private Pointer allocateSvm() {
        return CL.clSVMAlloc(
                context, CL_MEM_READ_WRITE | CL_MEM_SVM_FINE_GRAIN_BUFFER, byteSize, 0);
    }

    @Override
    public void svmMemcpy() {
        CL.clEnqueueSVMMemcpy(queue, true, svm, svmHost, byteSize, 0, null, null);
        CL.clEnqueueSVMMemcpy(queue, true, svmHost, svm, byteSize, 0, null, null);
    }

    @Override
    public void writeAndRead() {
        CL.clEnqueueWriteBuffer(queue, buffer, true, 0, byteSize, hostPointer, 0, null, null);
        CL.clEnqueueReadBuffer(queue, buffer, true, 0, byteSize, hostPointer, 0, null, null);
    }

    @Override
    public void mapAndCopy() {
        ByteBuffer in = CL.clEnqueueMapBuffer(
                queue, buffer, true, CL_MAP_WRITE, 0, byteSize, 0, null, null, null);
        in.put(0, host, 0, byteSize);
        CL.clEnqueueUnmapMemObject(queue, buffer, in, 0, null, null);
        ByteBuffer out = CL.clEnqueueMapBuffer(
                queue, buffer, true, CL_MAP_READ, 0, byteSize, 0, null, null, null);
        host.put(0, out, 0, byteSize);
        CL.clEnqueueUnmapMemObject(queue, buffer, out, 0, null, null);
        CL.clFinish(queue);
    }

    @Override
    public void throughArray() {
        if (array == null) { // a collector at work on it would be measured with all the other ways
            array = new byte[byteSize];
            arrayPointer = Pointer.to(array);
        }
        host.get(0, array);
        CL.clEnqueueWriteBuffer(queue, buffer, true, 0, byteSize, arrayPointer, 0, null, null);
        CL.clEnqueueReadBuffer(queue, buffer, true, 0, byteSize, arrayPointer, 0, null, null);
        host.put(0, array);
    }

    @Override
    public void close() {
        CL.clReleaseMemObject(buffer);
        if (svm != null) {
            CL.clSVMFree(context, svm);
            CL.clSVMFree(context, svmHost);
        }
        CL.clReleaseCommandQueue(queue);
        CL.clReleaseContext(context);
    }
}
