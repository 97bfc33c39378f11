// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.examples;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;
import io.highpage.outcome.AccessMode;

import org.jocl.CL;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_platform_id;
import org.jocl.cl_program;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Squares numbers on an OpenCL device through JOCL, with its buffer moved to Highpage. */
public final class JoclWithHighpage {
    private static final String SQUARE =
            "kernel void square(global int *words) { words[get_global_id(0)] *="
                    + " words[get_global_id(0)]; }";

    private JoclWithHighpage() {}

    /** {@return the squares} */
    @SuppressWarnings("deprecation") // the call that makes a queue on every driver
    static int[] squares(int[] numbers) {
        Jocl.load();
        CL.setExceptionsEnabled(true);
        cl_platform_id[] platforms = new cl_platform_id[1];
        CL.clGetPlatformIDs(1, platforms, null);
        cl_device_id[] devices = new cl_device_id[1];
        CL.clGetDeviceIDs(
                platforms[0],
                CL.CL_DEVICE_TYPE_ALL & 0xffff_ffffL,
                1,
                devices,
                null); // has 32 bits
        cl_context context =
                CL.clCreateContext(new cl_context_properties(), 1, devices, null, null, null);
        cl_command_queue queue = CL.clCreateCommandQueue(context, devices[0], 0, null);
        cl_program program =
                CL.clCreateProgramWithSource(context, 1, new String[] {SQUARE}, null, null);
        CL.clBuildProgram(program, 0, null, null, null, null);
        cl_kernel kernel = CL.clCreateKernel(program, "square", null);

        int[] squares = new int[numbers.length];
        long[] items = {numbers.length};
        long bytes = (long) Sizeof.cl_int * numbers.length;
        OpenClDevice device = Jocl.device(context, devices[0], queue);
        Highpage highpage = Highpage.builder().device(device).open();
        PageBuffer memory = highpage.allocate(bytes);
        memory.write(0, numbers);
        DeviceAccess access = memory.access(highpage.device(), AccessMode.READ_WRITE);
        Jocl.launch(queue, kernel, items, null, access);
        access.close(); // waits for the kernel
        memory.read(0, squares);

        highpage.close();
        CL.clReleaseKernel(kernel);
        CL.clReleaseProgram(program);
        CL.clReleaseCommandQueue(queue);
        CL.clReleaseContext(context);
        return squares;
    }

    public static void main(String[] arguments) {
        System.out.println(Arrays.toString(squares(IntStream.range(0, 10).toArray())));
    }
}
