/* SPDX-License-Identifier: Apache-2.0 */
#include "shim.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct _cl_icd_dispatch real;

/* ---- functions that are only counted, and failed when told to ---- */

#define MAKES(NAME, TYPE, WHAT, PARAMETERS, ...)                                                   \
    static TYPE my_##NAME PARAMETERS                                                               \
    {                                                                                              \
        cl_int code = enter_alive(#NAME);                                                          \
        TYPE object = code ? NULL : real.NAME(__VA_ARGS__, &code);                                 \
        return made(WHAT, object, code, error);                                                    \
    }
#define RETAINS(NAME, TYPE)                                                                        \
    static cl_int my_##NAME(TYPE object)                                                           \
    {                                                                                              \
        cl_int code = enter(#NAME);                                                                \
        return code ? code : real.NAME(object);                                                    \
    }
#define RELEASES(NAME, TYPE)                                                                       \
    static cl_int my_##NAME(TYPE object)                                                           \
    {                                                                                              \
        cl_int code = enter(#NAME), done = real.NAME(object);                                      \
        return code ? code : done;                                                                 \
    }
MAKES(clCreateUserEvent, cl_event, "events", (cl_context context, cl_int *error), context)
MAKES(clCreateProgramWithSource, cl_program, "programs",
      (cl_context context, cl_uint n, const char **text, const size_t *lengths, cl_int *error),
      context, n, text, lengths)
MAKES(clCreateKernel, cl_kernel, "kernels", (cl_program program, const char *name, cl_int *error),
      program, name)
RETAINS(clRetainContext, cl_context)
RETAINS(clRetainCommandQueue, cl_command_queue)
RETAINS(clRetainMemObject, cl_mem)
RETAINS(clRetainEvent, cl_event)
RETAINS(clRetainDevice, cl_device_id)
RELEASES(clReleaseContext, cl_context)
RELEASES(clReleaseMemObject, cl_mem)
RELEASES(clReleaseDevice, cl_device_id)
RELEASES(clReleaseProgram, cl_program)

/* ---- the report ---- */

static void report(void)
{
    static const char *const kinds[][3] = {
        {"contexts", "clRetainContext", "clReleaseContext"},
        {"queues", "clRetainCommandQueue", "clReleaseCommandQueue"},
        {"buffers", "clRetainMemObject", "clReleaseMemObject"},
        {"SVM", "-", "clSVMFree"},
        {"events", "clRetainEvent", "clReleaseEvent"},
        {"programs", "-", "clReleaseProgram"},
        {"kernels", "-", "clReleaseKernel"},
    };
    const char *where = text_of("SHIM_REPORT");
    FILE *out = !where ? NULL : strcmp(where, "-") == 0 ? stderr : fopen(where, "a");
    if (!out)
        return;
    /* Drivers destroy a buffer with the last command that knows it, on a thread of their own. */
    for (int millis = 0; memories && millis < 2000; millis++)
        usleep(1000);
    for (struct count *c = counts; c < counts + COUNTS && c->name; c++) {
        if (strncmp(c->name, "cl", 2) == 0)
            fprintf(out, "shim: %-38s %9ld calls\n", c->name, c->count);
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        long took = *count_of(kinds[i][0]), more = *count_of(kinds[i][1]);
        long gave = *count_of(kinds[i][2]);
        fprintf(out, "shim: %-9s %7ld made %7ld retained %7ld given back%s\n", kinds[i][0], took,
                more, gave, took + more == gave ? "" : "  <-- NOT EQUAL");
    }
    fprintf(out, "shim: memory %s, at most %lld bytes taken, %ld complaints\n",
            memories ? "IS STILL LIVE" : "all freed", most_taken, *count_of("complaints"));
    fflush(out);
}

/* The JVM is gone by then, and threads of a driver's go on. */
static void take_time(void)
{
    if (set.exit) {
        say("the process ends");
        usleep((useconds_t)set.exit);
    }
}

/* ---- the driver that the loader sees ---- */

static cl_int(CL_API_CALL *real_platforms)(cl_uint, cl_platform_id *, cl_uint *);
static void *(CL_API_CALL *real_function)(const char *);
static cl_uint found;
static cl_platform_id platforms[8];

/* Loads the driver behind. Returns its table of functions, or NULL if it cannot be had. */
static struct _cl_icd_dispatch *load(const char *path)
{
    void *driver = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!driver) {
        fprintf(stderr, "shim: %s\n", dlerror());
        return NULL;
    }
    *(void **)&real_function = dlsym(driver, "clGetExtensionFunctionAddress");
    if (real_function)
        *(void **)&real_platforms = real_function("clIcdGetPlatformIDsKHR");
    if (!real_platforms || real_platforms(8, platforms, &found) != CL_SUCCESS || found == 0)
        return NULL;
    return *(struct _cl_icd_dispatch **)platforms[0];
}

static void take_over(struct _cl_icd_dispatch *table)
{
    real = *table;
    uintptr_t from = (uintptr_t)table & ~(PAGE - 1);
    mprotect((void *)from, (uintptr_t)(table + 1) - from, PROT_READ | PROT_WRITE);
#define OURS(NAME)                                                                                 \
    if (table->NAME)                                                                               \
        table->NAME = my_##NAME;
#define NONE(NAME)                                                                                 \
    if (set.old)                                                                                   \
        table->NAME = NULL;
    OURS(clGetPlatformInfo) OURS(clGetDeviceIDs) OURS(clGetDeviceInfo)
    OURS(clCreateContext) OURS(clRetainContext) OURS(clReleaseContext)
    OURS(clRetainDevice) OURS(clReleaseDevice)
    OURS(clCreateCommandQueue) OURS(clCreateCommandQueueWithProperties)
    OURS(clRetainCommandQueue) OURS(clReleaseCommandQueue)
    OURS(clCreateBuffer) OURS(clCreateSubBuffer) OURS(clRetainMemObject) OURS(clReleaseMemObject)
    OURS(clCreateImage)
    OURS(clEnqueueReadBufferRect) OURS(clEnqueueWriteBufferRect)
    OURS(clEnqueueReadImage) OURS(clEnqueueWriteImage) OURS(clEnqueueMapImage)
    OURS(clEnqueueMapBuffer) OURS(clEnqueueUnmapMemObject) OURS(clSVMAlloc) OURS(clSVMFree)
    OURS(clEnqueueReadBuffer) OURS(clEnqueueWriteBuffer) OURS(clEnqueueFillBuffer)
    OURS(clEnqueueSVMMemcpy) OURS(clEnqueueSVMMemFill) OURS(clEnqueueSVMMap)
    OURS(clEnqueueSVMUnmap)
    OURS(clSetKernelArg) OURS(clSetKernelArgSVMPointer) OURS(clEnqueueNDRangeKernel)
    OURS(clCreateKernel) OURS(clReleaseKernel)
    OURS(clCreateProgramWithSource) OURS(clBuildProgram) OURS(clReleaseProgram)
    OURS(clWaitForEvents) OURS(clGetEventInfo) OURS(clCreateUserEvent)
    OURS(clRetainEvent) OURS(clReleaseEvent) OURS(clSetEventCallback) OURS(clFlush) OURS(clFinish)
    NONE(clCreateCommandQueueWithProperties) NONE(clSVMAlloc) NONE(clSVMFree)
    NONE(clEnqueueSVMMemcpy) NONE(clEnqueueSVMMemFill) NONE(clEnqueueSVMMap)
    NONE(clEnqueueSVMUnmap) NONE(clSetKernelArgSVMPointer) NONE(clSetKernelExecInfo)
}

static void install(void)
{
    read_settings();
    if (is("SHIM_DRIVER", "none")) {
        platforms[0] = platform_without_driver();
        found = 1;
        return;
    }
    const char *path = text_of("SHIM_DRIVER");
    struct _cl_icd_dispatch *table = load(path ? path : "libpocl.so.2");
    if (!table)
        return;
    take_over(table);
    start_gates();
    atexit(report);
    atexit(take_time); /* before it */
}

static cl_int my_clIcdGetPlatformIDsKHR(cl_uint n, cl_platform_id *ids, cl_uint *count)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
    cl_int code = enter("clIcdGetPlatformIDsKHR");
    if (code || found == 0)
        return code ? code : CL_PLATFORM_NOT_FOUND_KHR;
    if (count)
        *count = found;
    for (cl_uint i = 0; ids && i < found && i < n; i++)
        ids[i] = platforms[i];
    return CL_SUCCESS;
}

/* What the loader asks before any program does: it leaves out a platform that does not answer. */
EXPORT cl_int clGetPlatformInfo(cl_platform_id platform, cl_platform_info what, size_t bytes,
                                void *value, size_t *needed)
{
    return real.clGetPlatformInfo ? real.clGetPlatformInfo(platform, what, bytes, value, needed)
                                  : nothing_says("the loader", what, bytes, value, needed);
}

EXPORT void *clGetExtensionFunctionAddress(const char *name)
{
    if (strcmp(name, "clIcdGetPlatformIDsKHR") == 0)
        return (void *)my_clIcdGetPlatformIDsKHR;
    if (strcmp(name, "clGetPlatformInfo") == 0)
        return (void *)clGetPlatformInfo;
    return real_function ? real_function(name) : NULL;
}
