/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An OpenCL driver (ICD) for tests. It stands between the loader and a real driver on the CPU, such
 * as PoCL, and makes that one behave as drivers of GPUs do: memory that the host cannot touch,
 * commands that end late, memory that runs out at first use, a device that is lost, OpenCL 1.2
 * without SVM. It counts what a program takes and gives back. Settings are environment variables;
 * native/README.md lists them, .ci/drivers has sets of them by name.
 *
 * All objects of a driver begin with a pointer to its table of functions. The shim loads the
 * driver, keeps a copy of that table and puts functions of its own in.
 *
 *   settings.c  what the environment says
 *   calls.c     every call is counted, and fails when told to
 *   memory.c    buffers and shared virtual memory: where the bytes are, how much is taken
 *   commands.c  commands wait for a gate that opens when they are due; what may not meet
 *   maps.c      what the host sees of device memory, and what comes back of it
 *   waits.c     events, flushes, finishes
 *   kernels.c   which memory a kernel uses
 *   device.c    what the device says of itself
 *   nothing.c   a platform without a driver behind it
 *   driver.c    what the loader sees; the report
 */
#ifndef SHIM_H
#define SHIM_H

#define CL_TARGET_OPENCL_VERSION 300
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#include <CL/cl.h>
#include <CL/cl_icd.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))
#define PAGE 4096ul

/* The functions of the driver behind, and what guards all that is shared here. */
extern struct _cl_icd_dispatch real;
extern pthread_mutex_t lock;

/* ---- settings.c ---- */

struct settings {
    bool coarse, fine, no_svm, old, flush, trace, check, stuck, fails, one_by_one, no_pinned;
    bool talks;
    const char *pageable, *map;
    long long memory, reserved, max_alloc, lazy, align, image_pitch, delay, delay_kernel;
    long long callback_delay, callback_times, exit;
};
extern struct settings set;

void read_settings(void);
/* The value of a setting, or NULL if it is empty or not there. */
const char *text_of(const char *name);
long long number_of(const char *name, long long otherwise);
bool is(const char *name, const char *wanted);

/* ---- calls.c ---- */

/* The code of a lost device, once it is lost. */
extern cl_int lost;

struct count {
    const char *name;
    long count;
};
#define COUNTS 96
extern struct count counts[COUNTS];

long *count_of(const char *name);
/* The code that a setting such as SHIM_FAIL has for the nth call, or 0. */
cl_int told(const char *setting, const char *call, long nth);
__attribute__((format(printf, 1, 2))) void complain(const char *format, ...);
typedef void(CL_CALLBACK *context_notify)(const char *, const void *, size_t, void *);
/* Has a context told when the device is lost. */
void listen(context_notify, void *data);
/* Tells the context made last, as drivers do: also when it is gone. */
void say(const char *words);
/* Every function of ours begins with this. Returns the code to fail with, or 0. */
cl_int enter(const char *call);
/* The same, for what a lost device cannot do. */
cl_int enter_alive(const char *call);
/* Counts an object that was made, and passes it on. */
void *made(const char *what, void *object, cl_int code, cl_int *error);

/* ---- memory.c ---- */

typedef struct memory {
    struct memory *next, *root; /* root: the buffer of a sub-buffer, else itself */
    cl_mem buffer;              /* of clCreateBuffer, clCreateSubBuffer and clCreateImage */
    cl_mem over;                /* the buffer that an image keeps */
    char *device, *host;        /* of clSVMAlloc: where the bytes are, and what the program has */
    size_t bytes;
    bool resident, pinned; /* pinned: host memory, which takes none of the device's */
} memory;

extern memory *memories;
extern long long most_taken;

/* The lock is held for these three. */
memory *of_buffer(cl_mem buffer);
memory *of_pointer(const void *pointer);
bool make_resident(memory *m);
void drop(memory *m);
/* What the device uses for an address that the program has. */
void *device_address(const void *pointer);
char *first_page(const memory *m);

cl_mem my_clCreateBuffer(cl_context, cl_mem_flags, size_t, void *, cl_int *);
cl_mem my_clCreateSubBuffer(cl_mem, cl_mem_flags, cl_buffer_create_type, const void *, cl_int *);
cl_mem my_clCreateImage(cl_context, cl_mem_flags, const cl_image_format *, const cl_image_desc *,
                        void *, cl_int *);
void *my_clSVMAlloc(cl_context, cl_svm_mem_flags, size_t, cl_uint);

/* ---- commands.c ---- */

#define WAITS cl_uint n, const cl_event *list, cl_event *event

typedef struct command {
    struct command *next;
    const char *call;
    memory *uses[16];
    bool writes[16];
    int used;
    cl_event event;     /* kept while it is in flight */
    cl_event waits[64]; /* the program's list, and the gate */
    cl_uint waiting;
    cl_event gate;
    cl_int late; /* how it ends, if it only seems to run */
} command;

/* Gives back what is kept of commands, once they have ended. */
void forget_ended(void);
/* Memory that is gone is used by none of them: another may have its place. The lock is held. */
void forget_uses(const memory *m);
command *new_command(const char *call);
/* The list that goes with c->waiting: NULL if it is empty. */
const cl_event *waits_of(const command *c);
/* Has a command do nothing. */
cl_int nothing(command *c, cl_command_queue queue);
/* What a command uses, which COMMAND notes. The lock is held. */
void use(command *c, memory *m, bool write);
void use_svm(command *c, const void *pointer, size_t bytes, bool write);
void use_buffer(command *c, cl_mem buffer, bool write);
/* Takes the memory that a command needs and makes its gate. Returns the code to fail with, or 0. */
cl_int begin(command *c, cl_command_queue queue, cl_uint n, const cl_event *list);
/*
 * What SHIM_PAGEABLE has become of a copy from or to host memory that is not page-locked. Returns
 * whether the copy is to be left out.
 */
bool pageable(const void *host, size_t bytes, bool blocking);
/* Called with what the driver said. Returns the same, or how a command ended that blocks. */
cl_int end(command *c, bool blocking, cl_event *event, cl_int code);
/* What a function that enqueues begins with: c, its code, and the events that it waits for. */
#define BEGIN(NAME, USES)                                                                          \
    command *c = new_command(#NAME);                                                               \
    pthread_mutex_lock(&lock);                                                                     \
    USES;                                                                                          \
    pthread_mutex_unlock(&lock);                                                                   \
    cl_int code = begin(c, queue, n, list);                                                        \
    const cl_event *waits = waits_of(c)
/* The body of a function that enqueues. USES notes memory in c; the rest goes to the driver. */
#define COMMAND(NAME, BLOCKING, USES, ...)                                                         \
    BEGIN(NAME, USES);                                                                             \
    if (!code)                                                                                     \
        code = c->late ? nothing(c, queue)                                                         \
                       : real.NAME(__VA_ARGS__, c->waiting, waits, &c->event);                     \
    return end(c, BLOCKING, event, code)

cl_int my_clEnqueueReadBuffer(cl_command_queue, cl_mem, cl_bool, size_t, size_t, void *, WAITS);
cl_int my_clEnqueueWriteBuffer(cl_command_queue, cl_mem, cl_bool, size_t, size_t, const void *,
                               WAITS);
#define RECT                                                                                       \
    const size_t *at, const size_t *host_at, const size_t *region, size_t row, size_t slice,       \
        size_t host_row, size_t host_slice
cl_int my_clEnqueueReadBufferRect(cl_command_queue, cl_mem, cl_bool, RECT, void *, WAITS);
cl_int my_clEnqueueWriteBufferRect(cl_command_queue, cl_mem, cl_bool, RECT, const void *, WAITS);
cl_int my_clEnqueueReadImage(cl_command_queue, cl_mem, cl_bool, const size_t *, const size_t *,
                             size_t, size_t, void *, WAITS);
cl_int my_clEnqueueWriteImage(cl_command_queue, cl_mem, cl_bool, const size_t *, const size_t *,
                              size_t, size_t, const void *, WAITS);
cl_int my_clEnqueueFillBuffer(cl_command_queue, cl_mem, const void *, size_t, size_t, size_t,
                              WAITS);
cl_int my_clEnqueueSVMMemcpy(cl_command_queue, cl_bool, void *, const void *, size_t, WAITS);
cl_int my_clEnqueueSVMMemFill(cl_command_queue, void *, const void *, size_t, size_t, WAITS);
void my_clSVMFree(cl_context, void *);

/* ---- maps.c ---- */

/* Whether the host has mapped some of that. The lock is held for these two. */
bool is_mapped(const memory *m, const char *pointer, size_t bytes);
void forget_mappings(const memory *m);
void *my_clEnqueueMapBuffer(cl_command_queue, cl_mem, cl_bool, cl_map_flags, size_t, size_t,
                            cl_uint, const cl_event *, cl_event *, cl_int *);
void *my_clEnqueueMapImage(cl_command_queue, cl_mem, cl_bool, cl_map_flags, const size_t *,
                           const size_t *, size_t *, size_t *, cl_uint, const cl_event *,
                           cl_event *, cl_int *);
cl_int my_clEnqueueUnmapMemObject(cl_command_queue, cl_mem, void *, WAITS);
cl_int my_clEnqueueSVMMap(cl_command_queue, cl_bool, cl_map_flags, void *, size_t, WAITS);
cl_int my_clEnqueueSVMUnmap(cl_command_queue, void *, WAITS);

/* ---- waits.c ---- */

/* Lets commands run when they are due, on a thread of its own. */
void start_gates(void);
/*
 * An event that ends when a command of a queue may run, after so many microseconds. It has a second
 * reference.
 */
cl_event new_gate(cl_command_queue queue, long long delay);
void flush(cl_command_queue queue);
/* Waits for an event. Returns 0, or the code that clWaitForEvents is to fail with. */
cl_int wait_for(cl_event event);
/* What the program is to see of an event. */
cl_int status_of(cl_event event);
/* An event is to end with an error of ours. The lock is held. */
void fail_late(cl_event event, cl_int status);

cl_int my_clWaitForEvents(cl_uint, const cl_event *);
cl_int my_clGetEventInfo(cl_event, cl_event_info, size_t, void *, size_t *);
cl_int my_clReleaseEvent(cl_event);
typedef void(CL_CALLBACK *event_notify)(cl_event, cl_int, void *);
cl_int my_clSetEventCallback(cl_event, cl_int, event_notify, void *);
cl_int my_clFlush(cl_command_queue);
cl_int my_clFinish(cl_command_queue);
cl_int my_clReleaseCommandQueue(cl_command_queue);

/* ---- kernels.c ---- */

cl_int my_clSetKernelArg(cl_kernel, cl_uint, size_t, const void *);
cl_int my_clSetKernelArgSVMPointer(cl_kernel, cl_uint, const void *);
cl_int my_clEnqueueNDRangeKernel(cl_command_queue, cl_kernel, cl_uint, const size_t *,
                                 const size_t *, const size_t *, WAITS);
cl_int my_clReleaseKernel(cl_kernel);
cl_int my_clBuildProgram(cl_program, cl_uint, const cl_device_id *, const char *,
                         void(CL_CALLBACK *)(cl_program, void *), void *);

/* ---- device.c ---- */

/* Answers a question about an object. */
cl_int answer(const char *call, const void *from, size_t size, size_t bytes, void *value,
              size_t *needed);
cl_int answer_text(const char *call, const char *from, size_t bytes, void *value, size_t *needed);
cl_int my_clGetPlatformInfo(cl_platform_id, cl_platform_info, size_t, void *, size_t *);
cl_int my_clGetDeviceInfo(cl_device_id, cl_device_info, size_t, void *, size_t *);
cl_int my_clGetDeviceIDs(cl_platform_id, cl_device_type, cl_uint, cl_device_id *, cl_uint *);
cl_context my_clCreateContext(const cl_context_properties *, cl_uint, const cl_device_id *,
                              context_notify, void *, cl_int *);
cl_command_queue my_clCreateCommandQueueWithProperties(cl_context, cl_device_id,
                                                       const cl_queue_properties *, cl_int *);
cl_command_queue my_clCreateCommandQueue(cl_context, cl_device_id, cl_command_queue_properties,
                                         cl_int *);

/* ---- nothing.c ---- */

/* A platform of the shim's own that has no device. */
cl_platform_id platform_without_driver(void);
/* What it says; call is the function that was asked. */
cl_int nothing_says(const char *call, cl_platform_info, size_t, void *, size_t *);

#endif
