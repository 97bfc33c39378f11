/* SPDX-License-Identifier: Apache-2.0 */
#include "shim.h"

#include <stdlib.h>
#include <string.h>

#define ARGUMENTS 512
#define FREED ((cl_kernel)-1)

static struct argument {
    cl_kernel kernel;
    cl_uint index;
    cl_mem buffer;
    const void *pointer;
} arguments[ARGUMENTS];

static void note_argument(cl_kernel kernel, cl_uint index, cl_mem buffer, const void *pointer)
{
    pthread_mutex_lock(&lock);
    struct argument *a = arguments, *unused = NULL;
    for (; a < arguments + ARGUMENTS - 1 && a->kernel; a++) {
        if (a->kernel == kernel && a->index == index)
            break;
        if (a->kernel == FREED && !unused)
            unused = a;
    }
    if (a->kernel != kernel && unused)
        a = unused;
    *a = (struct argument){kernel, index, of_buffer(buffer) ? buffer : NULL, pointer};
    pthread_mutex_unlock(&lock);
}

cl_int my_clSetKernelArg(cl_kernel kernel, cl_uint index, size_t bytes, const void *value)
{
    cl_int code = enter("clSetKernelArg");
    cl_mem buffer = NULL;
    if (bytes == sizeof buffer && value)
        memcpy(&buffer, value, sizeof buffer);
    note_argument(kernel, index, buffer, NULL);
    return code ? code : real.clSetKernelArg(kernel, index, bytes, value);
}

cl_int my_clSetKernelArgSVMPointer(cl_kernel kernel, cl_uint index, const void *pointer)
{
    cl_int code = enter("clSetKernelArgSVMPointer");
    note_argument(kernel, index, NULL, pointer);
    return code ? code : real.clSetKernelArgSVMPointer(kernel, index, device_address(pointer));
}

/* The lock is held. */
static void use_arguments(command *c, cl_kernel kernel)
{
    for (struct argument *a = arguments; a < arguments + ARGUMENTS && a->kernel; a++) {
        if (a->kernel == kernel && a->buffer)
            use_buffer(c, a->buffer, true);
        else if (a->kernel == kernel)
            use_svm(c, a->pointer, SIZE_MAX / 2, true); /* from there on, as far as is known */
    }
}

cl_int my_clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                                 const size_t *offset, const size_t *global, const size_t *local,
                                 WAITS)
{
    COMMAND(clEnqueueNDRangeKernel, false, use_arguments(c, kernel), queue, kernel, dimensions,
            offset, global, local);
}

cl_int my_clReleaseKernel(cl_kernel kernel)
{
    cl_uint references = 0;
    real.clGetKernelInfo(kernel, CL_KERNEL_REFERENCE_COUNT, sizeof references, &references, NULL);
    pthread_mutex_lock(&lock);
    for (struct argument *a = arguments; references == 1 && a < arguments + ARGUMENTS; a++) {
        if (a->kernel == kernel)
            a->kernel = FREED;
    }
    pthread_mutex_unlock(&lock);
    cl_int code = enter("clReleaseKernel"), done = real.clReleaseKernel(kernel);
    return code ? code : done;
}

cl_int my_clBuildProgram(cl_program program, cl_uint n, const cl_device_id *devices,
                         const char *options, void(CL_CALLBACK *notify)(cl_program, void *),
                         void *data)
{
    cl_int code = enter("clBuildProgram");
    if (is("SHIM_COMPILER", "0"))
        code = CL_COMPILER_NOT_AVAILABLE;
    return code ? code : real.clBuildProgram(program, n, devices, options, notify, data);
}
