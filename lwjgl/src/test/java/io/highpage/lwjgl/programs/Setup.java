// SPDX-License-Identifier: Apache-2.0
package io.highpage.lwjgl.programs;

import io.highpage.Highpage;
import io.highpage.lwjgl.Lwjgl;
import io.highpage.opencl.OpenClMemoryMode;

import org.lwjgl.PointerBuffer;
import org.lwjgl.opencl.CL10;
import org.lwjgl.opencl.CL20;
import org.lwjgl.system.MemoryStack;

import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;

/** What every program has before it has memory; kernels are released with it. */
final class Setup implements AutoCloseable {
    final long context;
    final long queue;
    private final long device;
    private final OpenClMemoryMode mode;
    private final List<Long> kernels = new ArrayList<>();
    private final List<Long> queues = new ArrayList<>();

    /** Takes the first device of the first platform. */
    Setup(OpenClMemoryMode mode) {
        this.mode = mode;
        try (MemoryStack stack = MemoryStack.stackPush()) {
            PointerBuffer platform = stack.mallocPointer(1);
            check(CL10.clGetPlatformIDs(platform, (IntBuffer) null));
            PointerBuffer devices = stack.mallocPointer(1);
            check(CL10.clGetDeviceIDs(
                    platform.get(0), CL10.CL_DEVICE_TYPE_ALL, devices, (IntBuffer) null));
            device = devices.get(0);
            IntBuffer error = stack.mallocInt(1);
            PointerBuffer properties = stack.pointers(CL10.CL_CONTEXT_PLATFORM, platform.get(0), 0);
            context = CL10.clCreateContext(properties, device, null, 0, error);
            check(error.get(0));
        }
        queue = queue(0);
    }

    /** {@return a queue, which is released with this} */
    long queue(long properties) {
        int[] error = new int[1];
        long made = CL10.clCreateCommandQueue(context, device, properties, error);
        check(error[0]);
        queues.add(made);
        return made;
    }

    /** {@return whether there is shared virtual memory} */
    boolean hasSvm() {
        long[] kinds = new long[1]; // stays 0 with a driver older than the question
        CL10.clGetDeviceInfo(device, CL20.CL_DEVICE_SVM_CAPABILITIES, kinds, null);
        return kinds[0] != 0;
    }

    /** {@return a kernel, which is released with this} */
    long kernel(String source, String name) {
        long program = CL10.clCreateProgramWithSource(context, source, null);
        check(CL10.clBuildProgram(program, device, "-cl-kernel-arg-info", null, 0));
        long kernel = CL10.clCreateKernel(program, name, (IntBuffer) null);
        check(CL10.clReleaseProgram(program));
        kernels.add(kernel);
        return kernel;
    }

    /** {@return a runtime over the device} */
    Highpage highpage() {
        return Highpage.builder()
                .device(Lwjgl.device(context, device, queue, mode))
                .open();
    }

    static void check(int status) {
        if (status != CL10.CL_SUCCESS) {
            throw new AssertionError("OpenCL failed with " + status);
        }
    }

    @Override
    public void close() {
        kernels.forEach(kernel -> check(CL10.clReleaseKernel(kernel)));
        queues.forEach(made -> check(CL10.clReleaseCommandQueue(made)));
        check(CL10.clReleaseContext(context));
    }
}
