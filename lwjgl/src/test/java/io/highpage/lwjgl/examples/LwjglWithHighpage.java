// SPDX-License-Identifier: Apache-2.0
package io.highpage.lwjgl.examples;

import static org.lwjgl.opencl.CL10.CL_CONTEXT_PLATFORM;
import static org.lwjgl.opencl.CL10.CL_DEVICE_TYPE_ALL;
import static org.lwjgl.opencl.CL10.CL_SUCCESS;
import static org.lwjgl.opencl.CL10.clBuildProgram;
import static org.lwjgl.opencl.CL10.clCreateCommandQueue;
import static org.lwjgl.opencl.CL10.clCreateContext;
import static org.lwjgl.opencl.CL10.clCreateKernel;
import static org.lwjgl.opencl.CL10.clCreateProgramWithSource;
import static org.lwjgl.opencl.CL10.clEnqueueNDRangeKernel;
import static org.lwjgl.opencl.CL10.clGetDeviceIDs;
import static org.lwjgl.opencl.CL10.clGetPlatformIDs;
import static org.lwjgl.opencl.CL10.clReleaseCommandQueue;
import static org.lwjgl.opencl.CL10.clReleaseContext;
import static org.lwjgl.opencl.CL10.clReleaseEvent;
import static org.lwjgl.opencl.CL10.clReleaseKernel;
import static org.lwjgl.opencl.CL10.clReleaseProgram;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.lwjgl.Lwjgl;
import io.highpage.opencl.OpenClDevice;
import io.highpage.outcome.AccessMode;

import org.lwjgl.PointerBuffer;
import org.lwjgl.system.MemoryStack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Squares the numbers of a file in place, on an OpenCL device through LWJGL. The file is read into,
 * and written from, pinned pages that the kernel works on in between: no copy on the Java heap.
 */
public final class LwjglWithHighpage {
    private static final String SQUARE =
            "kernel void square(global int *words) { words[get_global_id(0)] *="
                    + " words[get_global_id(0)]; }";

    private LwjglWithHighpage() {}

    static void square(Path numbers) throws IOException {
        try (FileChannel file = FileChannel.open(
                        numbers, StandardOpenOption.READ, StandardOpenOption.WRITE);
                MemoryStack stack = MemoryStack.stackPush()) {
            IntBuffer error = stack.mallocInt(1);
            PointerBuffer platform = stack.mallocPointer(1);
            check("clGetPlatformIDs", clGetPlatformIDs(platform, (IntBuffer) null));
            PointerBuffer device = stack.mallocPointer(1);
            check(
                    "clGetDeviceIDs",
                    clGetDeviceIDs(platform.get(0), CL_DEVICE_TYPE_ALL, device, (IntBuffer) null));
            PointerBuffer properties = stack.pointers(CL_CONTEXT_PLATFORM, platform.get(0), 0);
            long context = clCreateContext(properties, device.get(0), null, 0, error);
            check("clCreateContext", error.get(0));
            long queue = clCreateCommandQueue(context, device.get(0), 0, error);
            check("clCreateCommandQueue", error.get(0));
            long program = clCreateProgramWithSource(context, SQUARE, error);
            check("clCreateProgramWithSource", error.get(0));
            check("clBuildProgram", clBuildProgram(program, device.get(0), "", null, 0));
            long kernel = clCreateKernel(program, "square", error);
            check("clCreateKernel", error.get(0));

            square(file, Lwjgl.device(context, device.get(0), queue), queue, kernel);

            check("clReleaseKernel", clReleaseKernel(kernel));
            check("clReleaseProgram", clReleaseProgram(program));
            check("clReleaseCommandQueue", clReleaseCommandQueue(queue));
            check("clReleaseContext", clReleaseContext(context));
        }
    }

    private static void square(FileChannel file, OpenClDevice memory, long queue, long kernel)
            throws IOException {
        try (Highpage highpage = Highpage.builder().device(memory).open();
                PageBuffer buffer = highpage.allocate(file.size());
                MemoryStack stack = MemoryStack.stackPush()) {
            try (Pin pin = buffer.pin(Pin.longTerm().owner("reader"))) {
                ByteBuffer bytes = pin.asByteBuffer();
                while (bytes.hasRemaining() && file.read(bytes, bytes.position()) >= 0) {}
            }
            try (DeviceAccess access = buffer.access(highpage.device(), AccessMode.READ_WRITE)) {
                Lwjgl.setArgument(kernel, 0, access);
                PointerBuffer items = stack.pointers(file.size() / Integer.BYTES);
                PointerBuffer done = stack.mallocPointer(1);
                check(
                        "clEnqueueNDRangeKernel",
                        clEnqueueNDRangeKernel(queue, kernel, 1, null, items, null, null, done));
                Lwjgl.completesWith(access, done);
                check("clReleaseEvent", clReleaseEvent(done.get(0)));
            } // waits for the kernel
            try (Pin pin = buffer.pin(Pin.longTerm().owner("writer"))) {
                ByteBuffer bytes = pin.asByteBuffer();
                while (bytes.hasRemaining()) {
                    file.write(bytes, bytes.position());
                }
            }
        }
    }

    private static void check(String call, int status) {
        if (status != CL_SUCCESS) {
            throw new IllegalStateException(call + " failed with " + status);
        }
    }

    public static void main(String[] arguments) throws IOException {
        square(Path.of(arguments[0]));
    }
}
