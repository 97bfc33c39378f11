/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of libhighpage count. Of one program: each includes it once. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)

static uint64_t checks;
static uint64_t failures;

static void check(bool holds, const char *condition, const char *file, int line)
{
    checks++;
    if (holds)
        return;
    failures++;
    fprintf(stderr, "%s:%d: failed: %s\n", file, line, condition);
}

/* Prints how many there were. Returns what the program ends with. */
static int checked(void)
{
    printf("%llu checks, %llu failed\n", (unsigned long long)checks,
           (unsigned long long)failures);
    return failures == 0 ? 0 : 1;
}

#endif
