/* SPDX-License-Identifier: Apache-2.0 */
#include "shim.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* A command waits for the event of its gate, which a thread sets when the command is due. */
typedef struct gate {
    struct gate *next;
    cl_command_queue queue;
    cl_event event;
    bool flushed;
    struct timespec at;
} gate;

static pthread_cond_t due = PTHREAD_COND_INITIALIZER;
static gate *first_gate, **last_gate = &first_gate;

/* Commands that ended with an error of ours: the last 64 of them. */
static struct {
    cl_event event;
    cl_int status;
} failed[64];
static int failures;

void fail_late(cl_event event, cl_int status)
{
    failed[failures % 64].event = event;
    failed[failures++ % 64].status = status;
}

cl_int status_of(cl_event event)
{
    cl_int status = CL_QUEUED;
    real.clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status, &status, NULL);
    if (status > CL_COMPLETE)
        return lost && !set.stuck ? lost : status;
    for (int i = 0; i < 64; i++) {
        if (failed[i].event == event && event)
            return failed[i].status;
    }
    return status;
}

static bool before(const struct timespec *one, const struct timespec *other)
{
    return one->tv_sec < other->tv_sec ||
           (one->tv_sec == other->tv_sec && one->tv_nsec < other->tv_nsec);
}

/* The gate that opens next, of those that may; the lock is held. */
static gate **next_gate(void)
{
    gate **next = NULL;
    for (gate **at = &first_gate; *at && !lost; at = &(*at)->next) {
        if ((*at)->flushed && (!next || before(&(*at)->at, &(*next)->at)))
            next = at;
    }
    return next;
}

static void *open_gates(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&lock);
    for (;;) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        gate **next = next_gate();
        if (!next) {
            pthread_cond_wait(&due, &lock);
        } else if (before(&now, &(*next)->at)) {
            pthread_cond_timedwait(&due, &lock, &(*next)->at);
        } else {
            gate *open = *next;
            *next = open->next;
            if (!*next)
                last_gate = next;
            pthread_mutex_unlock(&lock);
            real.clSetUserEventStatus(open->event, CL_COMPLETE);
            real.clReleaseEvent(open->event);
            free(open);
            pthread_mutex_lock(&lock);
        }
    }
    return NULL;
}

void start_gates(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, open_gates, NULL);
}

/*
 * When a command that is enqueued now is due. One by one, as where each queue is a copy engine or a
 * processor of its own, its time begins when the one before it in its queue is due. The lock is
 * held.
 */
static struct timespec due_at(cl_command_queue queue, long long delay)
{
    static struct {
        cl_command_queue queue;
        struct timespec last;
    } queues[64];
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    int i = 0;
    while (i < 63 && queues[i].queue && queues[i].queue != queue)
        i++;
    struct timespec last = queues[i].last;
    if (set.one_by_one && before(&at, &last))
        at = last;
    long long nanos = at.tv_nsec + delay * 1000;
    at.tv_sec += nanos / 1000000000;
    at.tv_nsec = nanos % 1000000000;
    queues[i].queue = queue;
    queues[i].last = at;
    return at;
}

cl_event new_gate(cl_command_queue queue, long long delay)
{
    cl_context context = NULL;
    real.clGetCommandQueueInfo(queue, CL_QUEUE_CONTEXT, sizeof context, &context, NULL);
    cl_event event = real.clCreateUserEvent(context, NULL);
    gate *g = calloc(1, sizeof *g);
    *g = (gate){.queue = queue, .event = event, .flushed = !set.flush};
    real.clRetainEvent(event); /* until the command is enqueued: it may be due before */
    pthread_mutex_lock(&lock);
    g->at = due_at(queue, delay);
    *last_gate = g;
    last_gate = &g->next;
    pthread_cond_signal(&due);
    pthread_mutex_unlock(&lock);
    return event;
}

void flush(cl_command_queue queue)
{
    pthread_mutex_lock(&lock);
    for (gate *g = first_gate; g; g = g->next)
        g->flushed |= g->queue == queue;
    pthread_cond_signal(&due);
    pthread_mutex_unlock(&lock);
}

static cl_int wait(cl_event event)
{
    cl_command_queue queue = NULL;
    real.clGetEventInfo(event, CL_EVENT_COMMAND_QUEUE, sizeof queue, &queue, NULL);
    if (queue)
        flush(queue); /* a wait implies a flush */
    if (set.delay < 0)
        return real.clWaitForEvents(1, &event);
    if (queue)
        real.clFlush(queue);
    while (!lost && status_of(event) > CL_COMPLETE) {
        if (set.fails)
            usleep(50); /* the device may be lost meanwhile */
        else
            real.clWaitForEvents(1, &event);
    }
    if (lost)
        return lost;
    return status_of(event) < 0 ? CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST : CL_SUCCESS;
}

cl_int wait_for(cl_event event)
{
    cl_int code = wait(event);
    forget_ended();
    return code;
}

cl_int my_clWaitForEvents(cl_uint n, const cl_event *list)
{
    cl_int code = enter_alive("clWaitForEvents");
    for (cl_uint i = 0; i < n; i++) {
        bool goes_on = code == CL_SUCCESS || code == CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST;
        cl_int ended = goes_on ? wait_for(list[i]) : CL_SUCCESS;
        if (ended)
            code = ended;
    }
    return code;
}

cl_int my_clGetEventInfo(cl_event event, cl_event_info what, size_t bytes, void *value,
                         size_t *needed)
{
    cl_int code = enter("clGetEventInfo");
    if (!code)
        code = real.clGetEventInfo(event, what, bytes, value, needed);
    if (!code && what == CL_EVENT_COMMAND_EXECUTION_STATUS && value) {
        *(cl_int *)value = status_of(event);
        forget_ended();
    }
    return code;
}

cl_int my_clReleaseEvent(cl_event event)
{
    cl_uint references = 0;
    real.clGetEventInfo(event, CL_EVENT_REFERENCE_COUNT, sizeof references, &references, NULL);
    for (int i = 0; references == 1 && i < 64; i++) {
        if (failed[i].event == event)
            failed[i].event = NULL;
    }
    cl_int code = enter("clReleaseEvent"), done = real.clReleaseEvent(event);
    return code ? code : done;
}

/* What is to be told when a command has ended. */
typedef struct telling {
    event_notify notify;
    void *data;
    cl_event event;
} telling;

static void *tell(void *of)
{
    telling *t = of;
    usleep((useconds_t)set.callback_delay);
    for (long long i = 0; i < set.callback_times; i++)
        t->notify(t->event, status_of(t->event), t->data);
    real.clReleaseEvent(t->event);
    free(t);
    return NULL;
}

/* On a thread that nobody has seen before, as often and as late as the settings say. */
static void CL_CALLBACK has_ended(cl_event event, cl_int status, void *of)
{
    (void)event;
    (void)status;
    pthread_t thread;
    if (pthread_create(&thread, NULL, tell, of) == 0)
        pthread_detach(thread);
}

cl_int my_clSetEventCallback(cl_event event, cl_int status, event_notify notify, void *data)
{
    cl_int code = enter_alive("clSetEventCallback");
    if (code)
        return code;
    if (status != CL_COMPLETE)
        complain("clSetEventCallback for status %d, which need not come", status);
    telling *t = calloc(1, sizeof *t);
    *t = (telling){notify, data, event};
    real.clRetainEvent(event);
    code = real.clSetEventCallback(event, CL_COMPLETE, has_ended, t);
    if (code) {
        real.clReleaseEvent(event);
        free(t);
    }
    return code;
}

cl_int my_clFlush(cl_command_queue queue)
{
    cl_int code = enter_alive("clFlush");
    flush(queue);
    return code ? code : real.clFlush(queue);
}

cl_int my_clFinish(cl_command_queue queue)
{
    cl_int code = enter_alive("clFinish");
    cl_event all = NULL;
    if (!code)
        code = real.clEnqueueMarkerWithWaitList(queue, 0, NULL, &all);
    if (!code)
        code = wait_for(all);
    if (all)
        real.clReleaseEvent(all);
    return code;
}

cl_int my_clReleaseCommandQueue(cl_command_queue queue)
{
    flush(queue); /* implied */
    cl_int code = enter("clReleaseCommandQueue"), done = real.clReleaseCommandQueue(queue);
    return code ? code : done;
}
