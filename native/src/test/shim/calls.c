/* SPDX-License-Identifier: Apache-2.0 */
#include "shim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
struct count counts[COUNTS];
cl_int lost;

long *count_of(const char *name)
{
    for (struct count *c = counts; c < counts + COUNTS; c++) {
        if (!c->name)
            c->name = name;
        if (strcmp(c->name, name) == 0)
            return &c->count;
    }
    abort();
}

/* A setting is CALL:N:CODE,... where N is a number from 1 on, or N+ for that and all later ones. */
cl_int told(const char *setting, const char *call, long nth)
{
    size_t length = strlen(call);
    const char *rule = text_of(setting);
    while (rule) {
        if (strncmp(rule, call, length) == 0 && rule[length] == ':') {
            char *end;
            long n = strtol(rule + length + 1, &end, 10);
            bool later = *end == '+';
            if (nth == n || (later && nth > n))
                return (cl_int)strtol(end + 1 + later, NULL, 10);
        }
        rule = strchr(rule, ',');
        if (rule)
            rule++;
    }
    return 0;
}

void complain(const char *format, ...)
{
    if (!set.check)
        return;
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fprintf(stderr, "shim: COMPLAINT: %s\n", text);
    __atomic_add_fetch(count_of("complaints"), 1, __ATOMIC_RELAXED);
}

static context_notify listener; // of the context made last
static void *listener_data;

void listen(context_notify notify, void *data)
{
    listener = notify;
    listener_data = data;
}

void say(const char *words)
{
    if (listener)
        listener(words, NULL, 0, listener_data);
}

cl_int enter(const char *call)
{
    pthread_mutex_lock(&lock);
    long nth = ++*count_of(call);
    cl_int code = told("SHIM_FAIL", call, nth);
    cl_int loss = told("SHIM_LOST", call, nth);
    if (loss)
        __atomic_store_n(&lost, loss, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&lock);
    if (set.talks) {
        putchar('.');
        fflush(stdout);
    }
    if (set.trace)
        fprintf(stderr, "shim: %s %ld%s\n", call, nth, code || loss ? " fails" : "");
    if (loss)
        say("the shim lost its device");
    return code ? code : loss;
}

cl_int enter_alive(const char *call)
{
    cl_int code = enter(call);
    return code ? code : lost;
}

void *made(const char *what, void *object, cl_int code, cl_int *error)
{
    if (error)
        *error = code;
    if (object)
        __atomic_add_fetch(count_of(what), 1, __ATOMIC_RELAXED);
    return object;
}
