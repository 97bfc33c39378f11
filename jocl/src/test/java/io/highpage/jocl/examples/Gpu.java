// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.examples;

import io.highpage.jocl.Jocl;

import org.jocl.CL;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_platform_id;
import org.jocl.cl_program;

/** What a program has before it takes Highpage: a device of JOCL's, its context and a queue. */
record Gpu(cl_device_id device, cl_context context, cl_command_queue queue) {
    @SuppressWarnings("deprecation") // the call that makes a queue on every driver
    static Gpu open() {
        Jocl.load();
        CL.setExceptionsEnabled(true);
        cl_platform_id[] platforms = new cl_platform_id[1];
        CL.clGetPlatformIDs(1, platforms, null);
        cl_device_id[] devices = new cl_device_id[1];
        CL.clGetDeviceIDs(platforms[0], 0xffff_ffffL, 1, devices, null); // of any type
        cl_context context = CL.clCreateContext(null, 1, devices, null, null, null);
        return new Gpu(devices[0], context, CL.clCreateCommandQueue(context, devices[0], 0, null));
    }

    @SuppressWarnings("deprecation")
    cl_command_queue newQueue() {
        return CL.clCreateCommandQueue(context, device, 0, null);
    }

    cl_kernel kernel(String source, String name) {
        cl_program program =
                CL.clCreateProgramWithSource(context, 1, new String[] {source}, null, null);
        CL.clBuildProgram(program, 0, null, null, null, null);
        cl_kernel kernel = CL.clCreateKernel(program, name, null);
        CL.clReleaseProgram(program); // the kernel keeps it
        return kernel;
    }

    void close(cl_kernel kernel) {
        CL.clReleaseKernel(kernel);
        CL.clReleaseCommandQueue(queue);
        CL.clReleaseContext(context);
    }
}
