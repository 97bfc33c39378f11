/* SPDX-License-Identifier: Apache-2.0 */
#include "shim.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static command *in_flight;

/* The lock is held. */
static void prune(void)
{
    for (command **at = &in_flight; *at;) {
        command *c = *at;
        if (status_of(c->event) > CL_COMPLETE) {
            at = &c->next;
        } else {
            *at = c->next;
            real.clReleaseEvent(c->event);
            free(c);
        }
    }
}

void forget_ended(void)
{
    if (!set.check)
        return;
    pthread_mutex_lock(&lock);
    prune();
    pthread_mutex_unlock(&lock);
}

void use(command *c, memory *m, bool write)
{
    if (m && c->used < 16) {
        c->uses[c->used] = m;
        c->writes[c->used++] = write;
    }
}

void use_svm(command *c, const void *pointer, size_t bytes, bool write)
{
    memory *m = of_pointer(pointer);
    if (set.check && m && is_mapped(m, pointer, bytes))
        complain("%s uses SVM at %p while the host has it mapped", c->call, pointer);
    use(c, m, write);
}

void use_buffer(command *c, cl_mem buffer, bool write)
{
    use(c, of_buffer(buffer), write);
}

void forget_uses(const memory *m)
{
    for (command *c = in_flight; c; c = c->next) {
        int kept = 0;
        for (int i = 0; i < c->used; i++) {
            if (c->uses[i] != m) {
                c->uses[kept] = c->uses[i];
                c->writes[kept++] = c->writes[i];
            }
        }
        c->used = kept;
    }
}

command *new_command(const char *call)
{
    command *c = calloc(1, sizeof *c);
    c->call = call;
    return c;
}

const cl_event *waits_of(const command *c)
{
    return c->waiting ? c->waits : NULL;
}

cl_int nothing(command *c, cl_command_queue queue)
{
    return real.clEnqueueMarkerWithWaitList(queue, c->waiting, waits_of(c), &c->event);
}

/*
 * "Concurrent reading from, writing to and copying between both a buffer object and its sub-buffer
 * object(s) is undefined", but for two that read. The lock is held.
 */
static void check(command *c, int i)
{
    memory *mine = c->uses[i];
    bool is_part = mine->buffer && mine->root->buffer; /* one over SVM is as good as its pointer */
    for (command *other = in_flight; other && is_part; other = other->next) {
        for (int j = 0; j < other->used; j++) {
            memory *theirs = other->uses[j];
            bool whole = mine == mine->root;
            bool both = theirs->root == mine->root && (theirs == mine->root) != whole;
            if (both && (c->writes[i] || other->writes[j])) {
                complain("%s uses a %s while a command that uses its %s is in flight", c->call,
                         whole ? "buffer" : "sub-buffer", whole ? "sub-buffer" : "buffer");
            }
        }
    }
}

cl_int begin(command *c, cl_command_queue queue, cl_uint n, const cl_event *list)
{
    cl_int code = enter_alive(c->call);
    pthread_mutex_lock(&lock);
    if (set.check)
        prune();
    for (int i = 0; !code && i < c->used; i++) {
        if (!make_resident(c->uses[i]->root))
            code = (cl_int)set.lazy;
        else if (set.check)
            check(c, i);
    }
    c->late = told("SHIM_LATE", c->call, *count_of(c->call));
    pthread_mutex_unlock(&lock);
    if (code || n > 63)
        return code ? code : CL_OUT_OF_HOST_MEMORY;
    if (n)
        memcpy(c->waits, list, n * sizeof *list);
    c->waiting = n;
    long long delay = strcmp(c->call, "clEnqueueNDRangeKernel") ? set.delay : set.delay_kernel;
    if (delay >= 0)
        c->gate = c->waits[c->waiting++] = new_gate(queue, delay);
    return CL_SUCCESS;
}

bool pageable(const void *host, size_t bytes, bool blocking)
{
    if (!set.pageable)
        return false;
    pthread_mutex_lock(&lock);
    memory *m = of_pointer(host);
    pthread_mutex_unlock(&lock);
    if (m) /* page-locked, or the device's */
        return false;
    bool lied_to = is("SHIM_PAGEABLE", "lie-and-killed");
    if (is("SHIM_PAGEABLE", "killed") || (lied_to && blocking))
        raise(SIGKILL);
    static atomic_int unblocked;
    bool late = is("SHIM_PAGEABLE", "crash-late") && !blocking && unblocked++ >= 60;
    if (late || is("SHIM_PAGEABLE", "crash")
        || (is("SHIM_PAGEABLE", "crash-unless-blocking") && !blocking))
        _exit(128 + SIGSEGV); /* as if the driver had met one, but for what the JVM makes of it */
    if (is("SHIM_PAGEABLE", "hang-unless-blocking") && !blocking) {
        for (;;)
            pause();
    }
    static atomic_int copies;
    if (is("SHIM_PAGEABLE", "slow-at-first") && copies++ < 40)
        usleep(5000);
    if (is("SHIM_PAGEABLE", "slow"))
        usleep((useconds_t)(bytes / 200)); /* 200 bytes in a microsecond, 0.2 GB/s */
    return lied_to || is("SHIM_PAGEABLE", "lie");
}

cl_int end(command *c, bool blocking, cl_event *event, cl_int code)
{
    if (c->gate)
        real.clReleaseEvent(c->gate);
    if (code != CL_SUCCESS) {
        free(c);
        return code;
    }
    cl_event own = c->event;
    pthread_mutex_lock(&lock);
    if (c->late)
        fail_late(own, c->late);
    if (event) {
        *event = own;
        ++*count_of("events");
        real.clRetainEvent(own);
    }
    if (set.check) {
        real.clRetainEvent(own);
        c->next = in_flight;
        in_flight = c;
    } else {
        free(c);
    }
    pthread_mutex_unlock(&lock);
    if (blocking)
        code = wait_for(own);
    real.clReleaseEvent(own);
    return code;
}

cl_int my_clEnqueueReadBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                              size_t offset, size_t bytes, void *to, WAITS)
{
    if (bytes == 0)
        complain("clEnqueueReadBuffer of 0 bytes, an error before OpenCL 2.1");
    bytes = pageable(to, bytes, blocking) ? 1 : bytes;
    COMMAND(clEnqueueReadBuffer, blocking, use_buffer(c, buffer, false), queue, buffer, CL_FALSE,
            offset, bytes, to);
}

cl_int my_clEnqueueWriteBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                               size_t offset, size_t bytes, const void *from, WAITS)
{
    if (bytes == 0)
        complain("clEnqueueWriteBuffer of 0 bytes, an error before OpenCL 2.1");
    bytes = pageable(from, bytes, blocking) ? 1 : bytes;
    COMMAND(clEnqueueWriteBuffer, blocking, use_buffer(c, buffer, true), queue, buffer, CL_FALSE,
            offset, bytes, from);
}

cl_int my_clEnqueueReadBufferRect(cl_command_queue queue, cl_mem buffer, cl_bool blocking, RECT,
                                  void *to, WAITS)
{
    COMMAND(clEnqueueReadBufferRect, blocking, use_buffer(c, buffer, false), queue, buffer, CL_FALSE,
            at, host_at, region, row, slice, host_row, host_slice, to);
}

cl_int my_clEnqueueWriteBufferRect(cl_command_queue queue, cl_mem buffer, cl_bool blocking, RECT,
                                   const void *from, WAITS)
{
    COMMAND(clEnqueueWriteBufferRect, blocking, use_buffer(c, buffer, true), queue, buffer, CL_FALSE,
            at, host_at, region, row, slice, host_row, host_slice, from);
}

cl_int my_clEnqueueReadImage(cl_command_queue queue, cl_mem image, cl_bool blocking,
                             const size_t *at, const size_t *region, size_t row, size_t slice,
                             void *to, WAITS)
{
    COMMAND(clEnqueueReadImage, blocking, use_buffer(c, image, false), queue, image, CL_FALSE, at,
            region, row, slice, to);
}

cl_int my_clEnqueueWriteImage(cl_command_queue queue, cl_mem image, cl_bool blocking,
                              const size_t *at, const size_t *region, size_t row, size_t slice,
                              const void *from, WAITS)
{
    COMMAND(clEnqueueWriteImage, blocking, use_buffer(c, image, true), queue, image, CL_FALSE, at,
            region, row, slice, from);
}

cl_int my_clEnqueueFillBuffer(cl_command_queue queue, cl_mem buffer, const void *pattern,
                              size_t size, size_t offset, size_t bytes, WAITS)
{
    if (offset % size || bytes % size)
        complain("clEnqueueFillBuffer: offset or size is no multiple of the pattern");
    COMMAND(clEnqueueFillBuffer, false, use_buffer(c, buffer, true), queue, buffer, pattern, size,
            offset, bytes);
}

cl_int my_clEnqueueSVMMemcpy(cl_command_queue queue, cl_bool blocking, void *to, const void *from,
                             size_t bytes, WAITS)
{
    if (pageable(to, bytes, blocking) || pageable(from, bytes, blocking))
        bytes = 1;
    COMMAND(clEnqueueSVMMemcpy, blocking,
            (use_svm(c, to, bytes, true), use_svm(c, from, bytes, false)), queue, CL_FALSE,
            device_address(to), device_address(from), bytes);
}

cl_int my_clEnqueueSVMMemFill(cl_command_queue queue, void *to, const void *pattern, size_t size,
                              size_t bytes, WAITS)
{
    if ((uintptr_t)to % size || bytes % size)
        complain("clEnqueueSVMMemFill: address or size is no multiple of the pattern");
    COMMAND(clEnqueueSVMMemFill, false, use_svm(c, to, bytes, true), queue, device_address(to),
            pattern, size, bytes);
}

void my_clSVMFree(cl_context context, void *pointer)
{
    enter("clSVMFree");
    pthread_mutex_lock(&lock);
    memory *m = of_pointer(pointer);
    if (set.check)
        prune();
    for (command *c = in_flight; c && m; c = c->next) {
        for (int i = 0; i < c->used; i++) {
            if (c->uses[i] == m)
                complain("clSVMFree of %p while %s uses it", pointer, c->call);
        }
    }
    if (m && is_mapped(m, m->host, m->bytes))
        complain("clSVMFree of %p while the host has it mapped", pointer);
    pthread_mutex_unlock(&lock);
    if (!m)
        return;
    if (m->host != m->device)
        munmap(first_page(m), m->bytes + 2 * PAGE);
    real.clSVMFree(context, m->device);
    drop(m);
}
