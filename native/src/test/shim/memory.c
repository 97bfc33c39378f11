/* SPDX-License-Identifier: Apache-2.0 */
#include "shim.h"

#include <stdlib.h>
#include <sys/mman.h>

memory *memories;
long long most_taken;
static long long taken;

memory *of_buffer(cl_mem buffer)
{
    for (memory *m = memories; m && buffer; m = m->next) {
        if (m->buffer == buffer)
            return m;
    }
    return NULL;
}

memory *of_pointer(const void *pointer)
{
    const char *at = pointer;
    for (memory *m = memories; m; m = m->next) {
        if (m->host && at >= m->host && at < m->host + m->bytes)
            return m;
    }
    return NULL;
}

bool make_resident(memory *m)
{
    if (!set.memory || m->resident || m->pinned)
        return true;
    if (taken + (long long)m->bytes > set.memory - set.reserved)
        return false;
    m->resident = true;
    taken += (long long)m->bytes;
    if (taken > most_taken)
        most_taken = taken;
    return true;
}

/* A new entry, or NULL and why not. */
static memory *add(size_t bytes, bool pinned, cl_int *code)
{
    memory *m = calloc(1, sizeof *m);
    *m = (memory){.bytes = bytes, .root = m, .pinned = pinned};
    pthread_mutex_lock(&lock);
    if (pinned && set.no_pinned)
        *code = CL_OUT_OF_HOST_MEMORY;
    else if (set.max_alloc && (long long)bytes > set.max_alloc)
        *code = CL_INVALID_BUFFER_SIZE;
    else if (!set.lazy && !make_resident(m))
        *code = (cl_int)number_of("SHIM_ALLOC_CODE", CL_MEM_OBJECT_ALLOCATION_FAILURE);
    if (*code == CL_SUCCESS) {
        m->next = memories;
        memories = m;
    }
    pthread_mutex_unlock(&lock);
    if (*code == CL_SUCCESS)
        return m;
    free(m);
    return NULL;
}

void drop(memory *m)
{
    pthread_mutex_lock(&lock);
    memory **at = &memories;
    while (*at != m)
        at = &(*at)->next;
    *at = m->next;
    forget_mappings(m);
    forget_uses(m);
    for (memory *part = memories; part; part = part->next) {
        if (part->root == m)
            part->root = part;
    }
    if (m->resident)
        taken -= (long long)m->bytes;
    pthread_mutex_unlock(&lock);
    free(m);
}

static void CL_CALLBACK buffer_gone(cl_mem buffer, void *data)
{
    (void)buffer;
    memory *m = data;
    if (m->over)
        real.clReleaseMemObject(m->over);
    drop(m);
}

void *device_address(const void *pointer)
{
    pthread_mutex_lock(&lock);
    memory *m = of_pointer(pointer);
    void *at = m ? m->device + ((const char *)pointer - m->host) : (void *)(uintptr_t)pointer;
    pthread_mutex_unlock(&lock);
    return at;
}

char *first_page(const memory *m)
{
    return (char *)((uintptr_t)m->host & ~(PAGE - 1));
}

/* Knows a buffer as a part of other memory. */
static void note_part(cl_mem part, memory *of, cl_mem over)
{
    memory *m = calloc(1, sizeof *m);
    pthread_mutex_lock(&lock);
    *m = (memory){.next = memories, .root = of ? of->root : m, .buffer = part, .over = over};
    memories = m;
    pthread_mutex_unlock(&lock);
    real.clSetMemObjectDestructorCallback(part, buffer_gone, m);
}

static memory *shared(const void *host)
{
    pthread_mutex_lock(&lock);
    memory *m = of_pointer(host);
    pthread_mutex_unlock(&lock);
    return m && !m->buffer ? m : NULL;
}

cl_mem my_clCreateBuffer(cl_context context, cl_mem_flags flags, size_t bytes, void *host,
                         cl_int *error)
{
    cl_int code = enter_alive("clCreateBuffer");
    memory *over = flags & CL_MEM_USE_HOST_PTR ? shared(host) : NULL;
    if (over && !code) { /* the same memory, whose place is known here alone */
        cl_mem buffer = real.clCreateBuffer(context, flags, bytes, device_address(host), &code);
        if (buffer)
            note_part(buffer, over, NULL);
        return made("buffers", buffer, code, error);
    }
    bool pinned = flags & (CL_MEM_ALLOC_HOST_PTR | CL_MEM_USE_HOST_PTR);
    memory *m = code ? NULL : add(bytes, pinned, &code);
    cl_mem buffer = m ? real.clCreateBuffer(context, flags, bytes, host, &code) : NULL;
    if (buffer)
        real.clSetMemObjectDestructorCallback(m->buffer = buffer, buffer_gone, m);
    else if (m)
        drop(m);
    return made("buffers", buffer, code, error);
}

cl_mem my_clCreateSubBuffer(cl_mem buffer, cl_mem_flags flags, cl_buffer_create_type type,
                            const void *info, cl_int *error)
{
    cl_int code = enter("clCreateSubBuffer");
    size_t origin = ((const cl_buffer_region *)info)->origin;
    if (!code && set.align && origin % ((size_t)set.align / 8))
        code = CL_MISALIGNED_SUB_BUFFER_OFFSET;
    cl_mem sub = code ? NULL : real.clCreateSubBuffer(buffer, flags, type, info, &code);
    if (sub) {
        pthread_mutex_lock(&lock);
        memory *of = of_buffer(buffer);
        pthread_mutex_unlock(&lock);
        note_part(sub, of, NULL);
    }
    return made("buffers", sub, code, error);
}

/* Where the driver behind, which is a CPU's, has the bytes of a buffer. */
static void *address_of(cl_context context, cl_mem buffer, cl_int *code)
{
    cl_device_id device;
    size_t bytes = 0;
    real.clGetMemObjectInfo(buffer, CL_MEM_SIZE, sizeof bytes, &bytes, NULL);
    real.clGetContextInfo(context, CL_CONTEXT_DEVICES, sizeof device, &device, NULL);
    cl_command_queue queue = real.clCreateCommandQueue(context, device, 0, code);
    if (!queue)
        return NULL;
    void *at = real.clEnqueueMapBuffer(queue, buffer, CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, 0, bytes,
                                       0, NULL, NULL, code);
    if (at)
        real.clEnqueueUnmapMemObject(queue, buffer, at, 0, NULL, NULL);
    real.clFinish(queue);
    real.clReleaseCommandQueue(queue);
    return at;
}

/* An image over a buffer is one over the same bytes of the host's, and keeps the buffer. */
cl_mem my_clCreateImage(cl_context context, cl_mem_flags flags, const cl_image_format *format,
                        const cl_image_desc *desc, void *host, cl_int *error)
{
    cl_int code = enter_alive("clCreateImage");
    cl_image_desc image = *desc;
    cl_mem over = set.image_pitch ? desc->buffer : NULL;
    if (over && !code) {
        host = address_of(context, over, &code);
        flags |= CL_MEM_USE_HOST_PTR;
        image.buffer = NULL;
    }
    cl_mem made_image = code ? NULL : real.clCreateImage(context, flags, format, &image, host, &code);
    if (made_image) {
        pthread_mutex_lock(&lock);
        memory *of = over ? of_buffer(over) : NULL;
        pthread_mutex_unlock(&lock);
        if (over)
            real.clRetainMemObject(over);
        note_part(made_image, of, over);
    }
    return made("buffers", made_image, code, error);
}

void *my_clSVMAlloc(cl_context context, cl_svm_mem_flags flags, size_t bytes, cl_uint alignment)
{
    cl_int code = enter_alive("clSVMAlloc");
    if (set.coarse && (flags & CL_MEM_SVM_FINE_GRAIN_BUFFER))
        return NULL;
    memory *m = code ? NULL : add(bytes, false, &code);
    if (!m)
        return NULL;
    char *device = real.clSVMAlloc(context, flags, bytes, alignment), *host = device;
    if (device && set.coarse) {
        host = mmap(NULL, bytes + 2 * PAGE, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (host == MAP_FAILED) {
            real.clSVMFree(context, device);
            device = NULL;
        } else {
            host += set.align > 2048 ? set.align / 8 : 256; /* drivers align to less than a page */
        }
    }
    if (!device) {
        drop(m);
        return NULL;
    }
    pthread_mutex_lock(&lock);
    m->device = device;
    m->host = host;
    pthread_mutex_unlock(&lock);
    return made("SVM", host, CL_SUCCESS, NULL);
}
