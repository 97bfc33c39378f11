/* SPDX-License-Identifier: Apache-2.0 */
#include "shim.h"

#include <stdlib.h>
#include <string.h>

struct settings set;

const char *text_of(const char *name)
{
    const char *value = getenv(name);
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

void read_settings(void)
{
    set.old = is("SHIM_VERSION", "1.2");
    set.coarse = is("SHIM_SVM", "coarse");
    set.fine = is("SHIM_SVM", "fine");
    set.no_svm = set.old || is("SHIM_SVM", "none");
    set.flush = is("SHIM_FLUSH", "1");
    set.trace = is("SHIM_TRACE", "1");
    set.check = is("SHIM_CHECK", "1");
    set.stuck = is("SHIM_LOST_EVENT", "stuck");
    set.one_by_one = is("SHIM_ONE_BY_ONE", "1");
    set.no_pinned = is("SHIM_PINNED", "refused");
    set.pageable = text_of("SHIM_PAGEABLE");
    set.fails = text_of("SHIM_LATE") || text_of("SHIM_LOST");
    set.memory = number_of("SHIM_MEMORY", 0);
    set.reserved = number_of("SHIM_RESERVED", 0);
    set.max_alloc = number_of("SHIM_MAX_ALLOC", set.memory / 4);
    set.lazy = number_of("SHIM_LAZY", 0);
    set.align = number_of("SHIM_ALIGN_BITS", 0);
    set.delay = number_of("SHIM_DELAY", set.flush || set.fails ? 0 : -1);
    set.delay_kernel = number_of("SHIM_DELAY_KERNEL", set.delay);
    set.callback_delay = number_of("SHIM_CALLBACK_DELAY", 0);
    set.callback_times = number_of("SHIM_CALLBACK_TIMES", 1);
}
