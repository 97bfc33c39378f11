/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of libhighpage through its public header. Every copy is compared byte by byte over the
 * whole target, guards included, so a byte too many is found as surely as one too few.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "highpage.h"

#define PATH_COUNT 4

static const hp_path_t paths[PATH_COUNT] = {HP_PATH_MEMCPY, HP_PATH_NT_SSE2, HP_PATH_NT_AVX2,
                                            HP_PATH_NT_AVX512};
static const char *const path_names[PATH_COUNT] = {"memcpy", "sse2", "avx2", "avx512"};

static unsigned char *allocate(size_t bytes)
{
    unsigned char *memory = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
    if (memory == NULL) {
        fprintf(stderr, "no memory for the test\n");
        exit(2);
    }
    return memory;
}

/* Bytes that differ from their neighbours, from page to page and from the guard value. */
static void fill(unsigned char *memory, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        memory[i] = (unsigned char)((i * 31 + i / 4096 * 7) % 251);
}

/* What the target must look like: the guard value everywhere but in the runs. */
static bool same(const unsigned char *target, const unsigned char *source, size_t bytes,
                 const hp_run_t *runs, uint64_t run_count)
{
    for (size_t i = 0; i < bytes; i++) {
        unsigned char expected = 0xFE;
        for (uint64_t r = 0; r < run_count; r++)
            if (i >= runs[r].offset && i - runs[r].offset < runs[r].bytes)
                expected = source == NULL ? 0 : source[i];
        if (target[i] != expected) {
            fprintf(stderr, "byte %zu is %u, expected %u\n", i, target[i], expected);
            return false;
        }
    }
    return true;
}

static bool supported(hp_path_t path)
{
    char a = 0;
    char b = 0;
    return hp_copy_runs_with(path, &a, &b, NULL, 0) == HP_OK;
}

/* Both sides at every kind of alignment, lengths around each step of the loops. */
static void copies_any_alignment_and_length(hp_path_t path)
{
    static const size_t lengths[] = {0,   1,    15,   16,   17,    63,    64,    65,    127,  128,
                                     129, 4095, 4096, 4097, 32767, 32768, 32769, 36992, 98309};
    static const size_t shifts[] = {0, 1, 8, 31, 63};
    const size_t capacity = (size_t)98309 + 256;
    unsigned char *source = allocate(capacity);
    unsigned char *target = allocate(capacity);
    fill(source, capacity);
    for (size_t n = 0; n < sizeof(lengths) / sizeof(lengths[0]); n++)
        for (size_t i = 0; i < sizeof(shifts) / sizeof(shifts[0]); i++)
            for (size_t j = 0; j < sizeof(shifts) / sizeof(shifts[0]); j++) {
                hp_run_t run = {.offset = 64, .bytes = lengths[n]};
                size_t bytes = lengths[n] + 128;
                memset(target, 0xFE, capacity);
                CHECK(hp_copy_runs_with(path, target + shifts[i], source + shifts[j], &run, 1) ==
                      HP_OK);
                CHECK(same(target + shifts[i], source + shifts[j], bytes, &run, 1));
            }
    free(target);
    free(source);
}

static void copies_only_the_runs(hp_path_t path)
{
    const hp_run_t runs[] = {{4096, 4096}, {UINT64_MAX, 0}, {3 * 4096, 9 * 4096}, {60000, 77}};
    const size_t bytes = 16 * 4096;
    unsigned char *source = allocate(bytes);
    unsigned char *target = allocate(bytes);
    fill(source, bytes);
    memset(target, 0xFE, bytes);
    CHECK(hp_copy_runs_with(path, target, source, runs, 4) == HP_OK);
    CHECK(same(target, source, bytes, runs, 4));
    free(target);
    free(source);
}

/* Through the front door, on both sides of the threshold. */
static void chooses_by_the_bytes_of_the_call(void)
{
    CHECK(hp_copy_path(0) == HP_PATH_MEMCPY);
    CHECK(hp_copy_path((uint64_t)1 << 20) == HP_PATH_MEMCPY);
    hp_path_t widest = HP_PATH_MEMCPY;
    for (size_t p = 0; p < PATH_COUNT; p++)
        if (supported(paths[p]))
            widest = paths[p];
    CHECK(hp_copy_path((uint64_t)1 << 30) == widest);
    CHECK(hp_copy_path(UINT64_MAX) == widest);

    const size_t bytes = ((size_t)33 << 20) + 5;
    unsigned char *source = allocate(bytes);
    unsigned char *target = allocate(bytes);
    fill(source, bytes);
    for (size_t length = 4096; length < bytes; length = length * 2 + 1) {
        const hp_run_t run = {3, length};
        memset(target, 0xFE, bytes);
        CHECK(hp_copy_runs(target, source, &run, 1) == HP_OK);
        CHECK(same(target, source, bytes, &run, 1));
    }
    free(target);
    free(source);
}

static void zeroes_only_the_runs(void)
{
    const hp_run_t runs[] = {{1, 1}, {4096, 8192}, {UINT64_MAX, 0}, {20001, 4099}};
    const size_t bytes = 8 * 4096;
    unsigned char *target = allocate(bytes);
    memset(target, 0xFE, bytes);
    CHECK(hp_zero_runs(target, runs, 4) == HP_OK);
    CHECK(same(target, NULL, bytes, runs, 4));
    free(target);
}

/* Enough of them to go past the caches, at an odd place. */
static void zeroes_large_runs(void)
{
    const size_t bytes = (size_t)33 << 20;
    const hp_run_t runs[] = {{7, 32 << 20}, {((uint64_t)32 << 20) + 100, 65}};
    unsigned char *target = allocate(bytes);
    memset(target, 0xFE, bytes);
    CHECK(hp_zero_runs(target, runs, 2) == HP_OK);
    CHECK(same(target, NULL, bytes, runs, 2));
    free(target);
}

static void refuses_wrong_arguments(void)
{
    unsigned char a[256];
    unsigned char b[256];
    memset(a, 0xFE, sizeof(a));
    memset(b, 1, sizeof(b));
    const hp_run_t run = {0, 64};
    const hp_run_t over[] = {{0, 64}, {UINT64_MAX - 7, 64}};
    const hp_run_t top = {UINT64_MAX - 64, 64};
    const hp_run_t sum[] = {{0, UINT64_MAX / 2}, {0, UINT64_MAX / 2}, {0, 2}};

    CHECK(hp_copy_runs(NULL, b, &run, 1) == HP_INVALID);
    CHECK(hp_copy_runs(a, NULL, &run, 1) == HP_INVALID);
    CHECK(hp_copy_runs(a, b, NULL, 1) == HP_INVALID);
    CHECK(hp_copy_runs(a, b, NULL, 0) == HP_OK);
    CHECK(hp_copy_runs(a, b, over, 2) == HP_INVALID);
    CHECK(hp_copy_runs(a, b, &top, 1) == HP_INVALID);
    CHECK(hp_copy_runs(a, b, sum, 3) == HP_INVALID);
    CHECK(hp_copy_runs(a, a, &run, 1) == HP_INVALID);
    CHECK(hp_copy_runs(a, a + 63, &run, 1) == HP_INVALID);
    CHECK(hp_copy_runs(a + 63, a, &run, 1) == HP_INVALID);
    CHECK(hp_copy_runs_with((hp_path_t)4, a, b, &run, 1) == HP_INVALID);
    CHECK(hp_copy_runs_with((hp_path_t)-1, a, b, &run, 1) == HP_INVALID);
    CHECK(hp_zero_runs(NULL, &run, 1) == HP_INVALID);
    CHECK(hp_zero_runs(a, NULL, 1) == HP_INVALID);
    CHECK(hp_zero_runs(a, NULL, 0) == HP_OK);
    CHECK(hp_zero_runs(a, over, 2) == HP_INVALID);
    CHECK(hp_zero_runs(a, &top, 1) == HP_INVALID);
    /* The first run of "over" was fine, and yet nothing may have been written. */
    CHECK(same(a, NULL, sizeof(a), NULL, 0));
}

/* Neighbouring windows are not overlapping windows. */
static void takes_windows_that_touch(void)
{
    unsigned char a[128];
    const hp_run_t run = {0, 64};
    fill(a, sizeof(a));
    CHECK(hp_copy_runs(a, a + 64, &run, 1) == HP_OK);
    CHECK(memcmp(a, a + 64, 64) == 0);
}

static void tells_its_constants(void)
{
    uint64_t count = 0;
    CHECK(hp_constants(NULL) == NULL);
    const hp_constant_t *constants = hp_constants(&count);
    CHECK(count > 0);
    bool pins = false;
    for (uint64_t i = 0; i < count; i++) {
        CHECK(constants[i].name != NULL && constants[i].name[0] != '\0');
        for (uint64_t j = 0; j < i; j++)
            CHECK(strcmp(constants[i].name, constants[j].name) != 0);
        if (strcmp(constants[i].name, "PAGE_PINS_SHIFT") == 0)
            pins = constants[i].value == HP_PAGE_PINS_SHIFT;
    }
    CHECK(pins);
}

int main(void)
{
    for (size_t p = 0; p < PATH_COUNT; p++) {
        char a = 0;
        char b = 0;
        if (!supported(paths[p])) {
            CHECK(hp_copy_runs_with(paths[p], &a, &b, NULL, 0) == HP_UNSUPPORTED);
            printf("%s: SKIPPED, this CPU lacks it\n", path_names[p]);
            continue;
        }
        copies_any_alignment_and_length(paths[p]);
        copies_only_the_runs(paths[p]);
    }
    CHECK(supported(HP_PATH_MEMCPY));
    chooses_by_the_bytes_of_the_call();
    zeroes_only_the_runs();
    zeroes_large_runs();
    refuses_wrong_arguments();
    takes_windows_that_touch();
    tells_its_constants();
    return checked();
}
