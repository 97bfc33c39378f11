/* SPDX-License-Identifier: Apache-2.0 */
#include "shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct settings set;

/* Drivers that are out there, by name. What the environment says itself counts more. */
static const struct {
    const char *like, *name, *value;
} likenesses[] = {
    {"nvidia", "SHIM_NAME", "like nvidia"},
    {"nvidia", "SHIM_SVM", "coarse"},
    {"nvidia", "SHIM_ALIGN_BITS", "4096"},
    {"nvidia", "SHIM_MEMORY", "268435456"},
    {"nvidia", "SHIM_QUEUE", "in-order"},
    {"nvidia", "SHIM_TYPE", "4"},
    {"nvidia", "SHIM_DELAY", "1000"},
    {"nvidia", "SHIM_FLUSH", "1"},
    {"intel", "SHIM_NAME", "like intel"},
    {"intel", "SHIM_SVM", "fine"},
    {"intel", "SHIM_DELAY", "300"},
    {"intel", "SHIM_FLUSH", "1"},
    {"opencl12", "SHIM_NAME", "like opencl12"},
    {"opencl12", "SHIM_VERSION", "1.2"},
    {"lazy", "SHIM_NAME", "like lazy"},
    {"lazy", "SHIM_SVM", "coarse"},
    {"lazy", "SHIM_MEMORY", "100663296"},
    {"lazy", "SHIM_RESERVED", "20971520"},
    {"lazy", "SHIM_MAX_ALLOC", "67108864"},
    {"lazy", "SHIM_LAZY", "-4"},
};
#define LIKENESSES (sizeof likenesses / sizeof *likenesses)

/* A name that is none would leave the driver as it is, and tests would pass that say nothing. */
static void check_likeness(void)
{
    const char *like = getenv("SHIM_LIKE");
    bool known = !like || !*like;
    for (size_t i = 0; i < LIKENESSES && !known; i++)
        known = strcmp(likenesses[i].like, like) == 0;
    if (!known) {
        fprintf(stderr, "shim: SHIM_LIKE=%s is no likeness\n", like);
        abort();
    }
}

const char *text_of(const char *name)
{
    const char *value = getenv(name), *like = getenv("SHIM_LIKE");
    for (size_t i = 0; i < LIKENESSES && !value && like; i++) {
        if (strcmp(likenesses[i].like, like) == 0 && strcmp(likenesses[i].name, name) == 0)
            value = likenesses[i].value;
    }
    return value && *value ? value : NULL;
}

long long number_of(const char *name, long long otherwise)
{
    return text_of(name) ? strtoll(text_of(name), NULL, 0) : otherwise;
}

bool is(const char *name, const char *wanted)
{
    return text_of(name) && strcmp(text_of(name), wanted) == 0;
}

/* For the same reason. */
static const char *map_text(void)
{
    static const char *const known[] = {"refused", "whole",   "part", "lines", "start",
                                        "small",   "refresh", "once", "one"};
    const char *value = text_of("SHIM_MAP") ? text_of("SHIM_MAP") : "whole";
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i], value) == 0)
            return value;
    }
    fprintf(stderr, "shim: SHIM_MAP=%s is not known\n", value);
    abort();
}

void read_settings(void)
{
    check_likeness();
    set.old = is("SHIM_VERSION", "1.2");
    set.coarse = is("SHIM_SVM", "coarse");
    set.fine = is("SHIM_SVM", "fine");
    set.no_svm = set.old || is("SHIM_SVM", "none");
    set.flush = is("SHIM_FLUSH", "1");
    set.trace = is("SHIM_TRACE", "1");
    set.check = is("SHIM_CHECK", "1");
    set.talks = is("SHIM_TALKS", "1");
    set.stuck = is("SHIM_LOST_EVENT", "stuck");
    set.one_by_one = is("SHIM_ONE_BY_ONE", "1");
    set.no_pinned = is("SHIM_PINNED", "refused");
    set.map = map_text();
    set.pageable = text_of("SHIM_PAGEABLE");
    set.fails = text_of("SHIM_LATE") || text_of("SHIM_LOST");
    set.memory = number_of("SHIM_MEMORY", 0);
    set.reserved = number_of("SHIM_RESERVED", 0);
    set.max_alloc = number_of("SHIM_MAX_ALLOC", set.memory / 4);
    set.lazy = number_of("SHIM_LAZY", 0);
    set.align = number_of("SHIM_ALIGN_BITS", 0);
    set.image_pitch = number_of("SHIM_IMAGE_PITCH", 0);
    set.delay = number_of("SHIM_DELAY", set.flush || set.fails ? 0 : -1);
    set.delay_kernel = number_of("SHIM_DELAY_KERNEL", set.delay);
    set.callback_delay = number_of("SHIM_CALLBACK_DELAY", 0);
    set.callback_times = number_of("SHIM_CALLBACK_TIMES", 1);
    set.exit = number_of("SHIM_EXIT", 0);
}
