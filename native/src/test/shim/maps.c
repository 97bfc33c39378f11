/* SPDX-License-Identifier: Apache-2.0 */
#include "shim.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LINE 64ul
#define SMALL (64ul << 10)
#define STALE 0xdb

/*
 * What the host has mapped: a region of shared virtual memory whose bytes lie elsewhere, or
 * something of a buffer's, of which only the address counts.
 */
typedef struct mapping {
    struct mapping *next;
    memory *of;
    const void *at;  /* the address that the program has */
    size_t from, to; /* in shared virtual memory, else 0 */
    bool written;
    bool busy;      /* a thread brings its bytes, or takes them back */
    cl_event event; /* that of the command that brings the bytes, or NULL */
} mapping;

static mapping *mappings; /* the last one first; guarded by the lock, as what it has */

static bool maps(const char *how)
{
    return strcmp(set.map, how) == 0;
}

bool is_mapped(const memory *m, const char *pointer, size_t bytes)
{
    size_t from = (size_t)(pointer - m->host);
    for (mapping *a = mappings; a; a = a->next) {
        if (a->of == m && a->from < from + bytes && from < a->to)
            return true;
    }
    return false;
}

static memory *with_two_places(const void *pointer)
{
    pthread_mutex_lock(&lock);
    memory *m = of_pointer(pointer);
    pthread_mutex_unlock(&lock);
    return m && m->host != m->device ? m : NULL;
}

/* The mapping of an address, or NULL. The lock is held, as for the next four. */
static mapping *mapped_at(const memory *m, const void *at)
{
    for (mapping *a = mappings; a; a = a->next) {
        if (a->of == m && a->at == at && !a->busy)
            return a;
    }
    return NULL;
}

static mapping *list(memory *m, const void *at, bool written)
{
    mapping *made = calloc(1, sizeof *made);
    *made = (mapping){.next = mappings, .of = m, .at = at, .written = written};
    return mappings = made;
}

static void unlist(mapping *gone)
{
    mapping **at = &mappings;
    while (*at != gone)
        at = &(*at)->next;
    *at = gone->next;
    if (gone->event)
        real.clReleaseEvent(gone->event);
    free(gone);
}

void forget_mappings(const memory *m)
{
    for (mapping *a = mappings, *next; a; a = next) {
        next = a->next;
        if (a->of == m && !a->busy)
            unlist(a);
    }
}

/* The host may touch memory while some of it is mapped. */
static void protect(const memory *m)
{
    bool mapped = is_mapped(m, m->host, m->bytes);
    mprotect(first_page(m), m->bytes + PAGE, mapped ? PROT_READ | PROT_WRITE : PROT_NONE);
}

/* What is copied when a region is mapped, or unmapped: drivers take more than they were asked. */
static void widen(const memory *m, bool unmapped, size_t *from, size_t *to)
{
    if (maps("whole") || (maps("refresh") && !unmapped) || (maps("start") && *from == 0) ||
        (maps("small") && *to - *from < SMALL)) {
        *from = 0;
        *to = m->bytes;
    } else if (maps("lines")) {
        *from = *from / LINE * LINE;
        *to = (*to + LINE - 1) / LINE * LINE;
        *to = *to < m->bytes ? *to : m->bytes;
    }
}

/* Enqueues what brings the bytes of a region to where the host sees them. */
static cl_int bring(command *c, cl_command_queue queue, memory *m, const void *at, size_t bytes,
                    bool written)
{
    pthread_mutex_lock(&lock);
    bool again = maps("once") && mapped_at(m, at);
    mapping *made = again ? NULL : list(m, at, written);
    size_t from = (size_t)((const char *)at - m->host), to = from + bytes;
    if (made) {
        made->busy = true;
        made->from = from;
        made->to = to;
        protect(m);
    }
    pthread_mutex_unlock(&lock);
    if (!made)
        return nothing(c, queue);
    widen(m, false, &from, &to);
    cl_int code = real.clEnqueueSVMMemcpy(queue, CL_FALSE, m->host + from, m->device + from,
                                          to - from, c->waiting, waits_of(c), &c->event);
    pthread_mutex_lock(&lock);
    made->busy = false;
    if (code == CL_SUCCESS) {
        real.clRetainEvent(made->event = c->event);
    } else {
        unlist(made);
        protect(m);
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static void CL_CALLBACK is_back(cl_event event, cl_int status, void *bytes)
{
    (void)event;
    (void)status;
    free(bytes);
}

/* Enqueues what brings bytes to the device; they are freed once they are there. */
static cl_int enqueue_back(command *c, cl_command_queue queue, char *to, char *bytes, size_t count)
{
    cl_int code = real.clEnqueueSVMMemcpy(queue, CL_FALSE, to, bytes, count, c->waiting,
                                          waits_of(c), &c->event);
    if (code)
        free(bytes);
    else
        real.clSetEventCallback(c->event, CL_COMPLETE, is_back, bytes);
    return code;
}

/*
 * Enqueues what brings a region's bytes back, as they are now. First they must have come, which is
 * waited for. The host sees them no longer: where nobody else has them mapped, others are there.
 */
static cl_int bring_back(command *c, cl_command_queue queue, memory *m, mapping *ended)
{
    wait_for(ended->event);
    size_t from = ended->from, to = ended->to;
    cl_int code;
    if (ended->written) {
        widen(m, true, &from, &to);
        char *bytes = malloc(to - from);
        memcpy(bytes, m->host + from, to - from);
        code = enqueue_back(c, queue, m->device + from, bytes, to - from);
    } else {
        code = nothing(c, queue);
    }
    pthread_mutex_lock(&lock);
    ended->busy = false;
    if (code == CL_SUCCESS) {
        from = ended->from;
        to = ended->to;
        unlist(ended);
        if (!is_mapped(m, m->host + from, to - from))
            memset(m->host + from, STALE, to - from);
        if (maps("one"))
            forget_mappings(m);
        protect(m);
    }
    pthread_mutex_unlock(&lock);
    return code;
}

cl_int my_clEnqueueSVMMap(cl_command_queue queue, cl_bool blocking, cl_map_flags flags,
                          void *pointer, size_t bytes, WAITS)
{
    memory *m = with_two_places(pointer);
    bool written = flags != CL_MAP_READ;
    BEGIN(clEnqueueSVMMap, use(c, of_pointer(pointer), written));
    if (!code && maps("refused"))
        code = CL_MAP_FAILURE;
    else if (!code && c->late)
        code = nothing(c, queue);
    else if (!code && m)
        code = bring(c, queue, m, pointer, bytes, written);
    else if (!code)
        code = real.clEnqueueSVMMap(queue, CL_FALSE, flags, pointer, bytes, c->waiting, waits,
                                    &c->event);
    return end(c, blocking, event, code);
}

cl_int my_clEnqueueSVMUnmap(cl_command_queue queue, void *pointer, WAITS)
{
    memory *m = with_two_places(pointer);
    BEGIN(clEnqueueSVMUnmap, use(c, of_pointer(pointer), true));
    pthread_mutex_lock(&lock);
    mapping *ended = m && !code ? mapped_at(m, pointer) : NULL;
    if (ended)
        ended->busy = true;
    pthread_mutex_unlock(&lock);
    if (ended && c->late)
        ended->written = false; /* it brings nothing back */
    if (ended)
        code = bring_back(c, queue, m, ended);
    else if (!code && (m || c->late)) /* of a second map, or of none */
        code = nothing(c, queue);
    else if (!code)
        code = real.clEnqueueSVMUnmap(queue, pointer, c->waiting, waits, &c->event);
    return end(c, false, event, code);
}

/* Notes what a map of a buffer or an image gave, and ends the call. */
static void *end_map(command *c, bool blocking, cl_event *event, char *at, bool written,
                     cl_int code, cl_int *error)
{
    memory *m = c->used ? c->uses[0] : NULL;
    if (c->late && !code)
        at = (char *)PAGE; /* not to be touched: nothing is mapped */
    pthread_mutex_lock(&lock);
    if (!code && !c->late && m)
        list(m, at, written);
    pthread_mutex_unlock(&lock);
    code = end(c, blocking, event, code);
    if (error)
        *error = code;
    return code ? NULL : at;
}

/* Page-locked memory is known by its address from then on. */
void *my_clEnqueueMapBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                            cl_map_flags flags, size_t offset, size_t bytes, cl_uint n,
                            const cl_event *list, cl_event *event, cl_int *error)
{
    bool written = flags != CL_MAP_READ;
    BEGIN(clEnqueueMapBuffer, use_buffer(c, buffer, written));
    memory *m = c->used ? c->uses[0] : NULL;
    char *at = NULL;
    if (!code && maps("refused") && !(m && m->pinned))
        code = CL_MAP_FAILURE;
    else if (!code && c->late)
        code = nothing(c, queue);
    else if (!code)
        at = real.clEnqueueMapBuffer(queue, buffer, CL_FALSE, flags, offset, bytes, c->waiting,
                                     waits, &c->event, &code);
    if (at && m && m->pinned) {
        pthread_mutex_lock(&lock);
        m->device = m->host = at - offset;
        pthread_mutex_unlock(&lock);
    }
    return end_map(c, blocking, event, at, written, code, error);
}

void *my_clEnqueueMapImage(cl_command_queue queue, cl_mem image, cl_bool blocking,
                           cl_map_flags flags, const size_t *from, const size_t *region,
                           size_t *row, size_t *slice, cl_uint n, const cl_event *list,
                           cl_event *event, cl_int *error)
{
    bool written = flags != CL_MAP_READ;
    BEGIN(clEnqueueMapImage, use_buffer(c, image, written));
    char *at = NULL;
    if (!code && c->late)
        code = nothing(c, queue);
    else if (!code)
        at = real.clEnqueueMapImage(queue, image, CL_FALSE, flags, from, region, row, slice,
                                    c->waiting, waits, &c->event, &code);
    return end_map(c, blocking, event, at, written, code, error);
}

/* Notes the end of a map, which is a write if that was one to write. The lock is held. */
static void use_mapped(command *c, cl_mem buffer, const void *at)
{
    memory *m = of_buffer(buffer);
    mapping *ended = m ? mapped_at(m, at) : NULL;
    use(c, m, !ended || ended->written);
    if (ended)
        unlist(ended);
}

cl_int my_clEnqueueUnmapMemObject(cl_command_queue queue, cl_mem buffer, void *at, WAITS)
{
    COMMAND(clEnqueueUnmapMemObject, false, use_mapped(c, buffer, at), queue, buffer, at);
}
