// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import static org.jocl.CL.CL_MAP_READ;
import static org.jocl.CL.CL_MAP_WRITE;
import static org.jocl.CL.CL_MEM_READ_WRITE;
import static org.jocl.CL.CL_MEM_SVM_FINE_GRAIN_BUFFER;

import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_mem;
import org.jocl.cl_platform_id;

import java.nio.ByteBuffer;
import java.util.stream.Stream;

/**
 * Round trips as programs with JOCL make them: host memory to the device and back, each call
 * blocking.
 */
final class JoclPeer implements Peer {
    /** JOCL's has 64 ones; OpenCL's has 32, and some drivers refuse the others. */
    private static final long ALL = Integer.toUnsignedLong((int) CL.CL_DEVICE_TYPE_ALL);

    private final int byteSize;
    private final ByteBuffer host;
    private final byte[] array;
    private final Pointer hostPointer;
    private final Pointer arrayPointer;
    private final cl_context context;
    private final cl_command_queue queue;
    private final cl_mem buffer;
    // JOCL copies only between SVM allocations, so a second one is the host's end. Null without
    // fine-grained SVM.
    private final Pointer svm;
    private final Pointer svmHost;

    JoclPeer(OpenClDevice same, int byteSize, boolean fineGrained) {
        Jocl.load(); // not what somebody else left in the temporary folder
        CL.setExceptionsEnabled(true);
        this.byteSize = byteSize;
        host = ByteBuffer.allocateDirect(byteSize);
        array = new byte[byteSize];
        hostPointer = Pointer.to(host);
        arrayPointer = Pointer.to(array);
        cl_platform_id platform = platform(same);
        cl_device_id device = device(platform, same);
        cl_context_properties properties = new cl_context_properties();
        properties.addProperty(CL.CL_CONTEXT_PLATFORM, platform);
        context = CL.clCreateContext(properties, 1, new cl_device_id[] {device}, null, null, null);
        queue = queue(context, device);
        buffer = CL.clCreateBuffer(context, CL_MEM_READ_WRITE, byteSize, null, null);
        svm = fineGrained ? allocateSvm() : null;
        svmHost = fineGrained ? allocateSvm() : null;
    }

    private Pointer allocateSvm() {
        return CL.clSVMAlloc(
                context, CL_MEM_READ_WRITE | CL_MEM_SVM_FINE_GRAIN_BUFFER, byteSize, 0);
    }

    private static cl_platform_id platform(OpenClDevice same) {
        int[] count = new int[1];
        CL.clGetPlatformIDs(0, null, count);
        cl_platform_id[] platforms = new cl_platform_id[count[0]];
        CL.clGetPlatformIDs(platforms.length, platforms, null);
        return Stream.of(platforms)
                .filter(each -> each.getNativePointer() == same.nativePlatform().address())
                .findFirst()
                .orElseThrow();
    }

    private static cl_device_id device(cl_platform_id platform, OpenClDevice same) {
        int[] count = new int[1];
        CL.clGetDeviceIDs(platform, ALL, 0, null, count);
        cl_device_id[] devices = new cl_device_id[count[0]];
        CL.clGetDeviceIDs(platform, ALL, devices.length, devices, null);
        return Stream.of(devices)
                .filter(each -> each.getNativePointer() == same.nativeDevice().address())
                .findFirst()
                .orElseThrow();
    }

    // The call of OpenCL 1.0: older drivers have no other, and calling one that is not there is a
    // crash.
    @SuppressWarnings("deprecation")
    private static cl_command_queue queue(cl_context context, cl_device_id device) {
        return CL.clCreateCommandQueue(context, device, 0, null);
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
