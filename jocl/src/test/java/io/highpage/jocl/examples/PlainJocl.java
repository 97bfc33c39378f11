// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.examples;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;
import org.jocl.cl_platform_id;
import org.jocl.cl_program;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Squares numbers on an OpenCL device through JOCL, without Highpage. */
public final class PlainJocl {
    private static final String SQUARE =
            "kernel void square(global int *words) { words[get_global_id(0)] *="
                    + " words[get_global_id(0)]; }";

    private PlainJocl() {}

    /** {@return the squares} */
    @SuppressWarnings("deprecation") // the call that makes a queue on every driver
    static int[] squares(int[] numbers) {
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
        cl_mem memory = CL.clCreateBuffer(context, CL.CL_MEM_READ_WRITE, bytes, null, null);
        CL.clEnqueueWriteBuffer(queue, memory, true, 0, bytes, Pointer.to(numbers), 0, null, null);
        CL.clSetKernelArg(kernel, 0, Sizeof.cl_mem, Pointer.to(memory));
        CL.clEnqueueNDRangeKernel(queue, kernel, 1, null, items, null, 0, null, null);
        CL.clEnqueueReadBuffer(queue, memory, true, 0, bytes, Pointer.to(squares), 0, null, null);

        CL.clReleaseMemObject(memory);
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
