// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.programs;

import io.highpage.Highpage;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClMemoryMode;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_platform_id;
import org.jocl.cl_program;

import java.util.ArrayList;
import java.util.List;

/**
 * What every program has before it has memory: all devices of the first platform in one context, a
 * queue of the first, and kernels, which are released with it.
 */
final class Setup implements AutoCloseable {
    final cl_device_id[] devices;
    final cl_context context;
    final cl_command_queue queue;
    private final OpenClMemoryMode mode;
    private final List<Runnable> releases = new ArrayList<>();

    /** Takes the first platform. */
    Setup(OpenClMemoryMode mode) {
        this.mode = mode;
        Jocl.load();
        CL.setExceptionsEnabled(true);
        cl_platform_id[] platforms = new cl_platform_id[1];
        CL.clGetPlatformIDs(1, platforms, null);
        int[] count = new int[1];
        long all = CL.CL_DEVICE_TYPE_ALL & 0xffff_ffffL;
        CL.clGetDeviceIDs(platforms[0], all, 0, null, count);
        devices = new cl_device_id[count[0]];
        CL.clGetDeviceIDs(platforms[0], all, count[0], devices, null);
        context = CL.clCreateContext(
                new cl_context_properties(), devices.length, devices, null, null, null);
        queue = queue(devices[0], 0);
    }

    /** {@return a queue, which is released with this} */
    @SuppressWarnings("deprecation") // the call that makes a queue on every driver
    cl_command_queue queue(cl_device_id device, long properties) {
        cl_command_queue made = CL.clCreateCommandQueue(context, device, properties, null);
        releases.add(() -> CL.clReleaseCommandQueue(made));
        return made;
    }

    /** {@return a kernel, which is released with this} */
    cl_kernel kernel(String source, String name) {
        cl_program program =
                CL.clCreateProgramWithSource(context, 1, new String[] {source}, null, null);
        CL.clBuildProgram(program, 0, null, "-cl-kernel-arg-info", null, null);
        cl_kernel kernel = CL.clCreateKernel(program, name, null);
        CL.clReleaseProgram(program);
        releases.add(() -> CL.clReleaseKernel(kernel));
        return kernel;
    }

    /** {@return a runtime over the first device} */
    Highpage highpage() {
        return Highpage.builder()
                .device(Jocl.device(context, devices[0], queue, mode))
                .open();
    }

    OpenClMemoryMode mode() {
        return mode;
    }

    /** {@return bits of {@code CL_DEVICE_SVM_CAPABILITIES} that all devices have} */
    long svm() {
        long common = -1;
        for (cl_device_id device : devices) {
            common &= svm(device);
        }
        return common;
    }

    private static long svm(cl_device_id device) {
        long[] bits = new long[1];
        try {
            CL.clGetDeviceInfo(
                    device, CL.CL_DEVICE_SVM_CAPABILITIES, Sizeof.cl_long, Pointer.to(bits), null);
        } catch (CLException older) { // than OpenCL 2.0, and does not know the question
            return 0;
        }
        return bits[0];
    }

    @Override
    public void close() {
        releases.reversed().forEach(Runnable::run);
        CL.clReleaseContext(context);
    }
}
