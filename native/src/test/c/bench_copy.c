/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which path copies how fast, as ratios to memcpy within one run.
 *
 * Question: from how many bytes on is a streaming path ahead? Copies go there and back, as pages
 * do, so what one copy leaves in the caches is the next one's. Rounds alternate between the paths
 * and begin with one that is not timed; medians are compared.
 *
 *   bench_copy [huge]     huge: back the buffers with huge pages
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "highpage_internal.h"

#define PATH_COUNT 4
#define ROUND_COUNT 25
#define ROUND_BYTES ((size_t)64 << 20)
#define BYTES_MIN ((size_t)64 << 10)
#define BYTES_MAX ((size_t)256 << 20)
#define HUGE_BYTES ((size_t)2 << 20)

static double seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static char *map(int advice)
{
    char *memory = mmap(NULL, BYTES_MAX + HUGE_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        perror("mmap");
        exit(2);
    }
    memory += -(uintptr_t)memory % HUGE_BYTES;
    madvise(memory, BYTES_MAX, advice);
    memset(memory, 1, BYTES_MAX); /* page faults are not the question */
    return memory;
}

static int order(const void *one, const void *other)
{
    double a = *(const double *)one;
    double b = *(const double *)other;
    return (a > b) - (a < b);
}

static double median(double *times)
{
    qsort(times, ROUND_COUNT, sizeof *times, order);
    return times[ROUND_COUNT / 2];
}

/* There and back. */
static bool trip(hp_path_t path, char *one, char *other, size_t bytes)
{
    const hp_run_t run = {0, bytes};
    return hp_copy_runs_with(path, one, other, &run, 1) == HP_OK &&
           hp_copy_runs_with(path, other, one, &run, 1) == HP_OK;
}

/* Seconds for one copy, over enough of them to be measurable; negative without the path. */
static double time_copy(hp_path_t path, char *one, char *other, size_t bytes)
{
    size_t repeats = bytes < ROUND_BYTES ? ROUND_BYTES / bytes : 1;
    if (!trip(path, one, other, bytes))
        return -1;
    double start = seconds();
    for (size_t i = 0; i < repeats; i++)
        trip(path, one, other, bytes);
    return (seconds() - start) / (double)(2 * repeats);
}

static void compare(char *one, char *other, size_t bytes)
{
    double times[PATH_COUNT][ROUND_COUNT];
    double middle[PATH_COUNT];
    for (int round = 0; round < ROUND_COUNT; round++)
        for (int path = 0; path < PATH_COUNT; path++)
            times[path][round] = time_copy((hp_path_t)path, one, other, bytes);
    for (int path = 0; path < PATH_COUNT; path++)
        middle[path] = median(times[path]);
    printf("%9zu %9.1f", bytes >> 10, (double)bytes / middle[0] * 1e-9);
    for (int path = 1; path < PATH_COUNT; path++)
        if (middle[path] < 0)
            printf("%9s", "-");
        else
            printf("%9.2f", middle[0] / middle[path]);
    printf("   %d\n", (int)hp_copy_path(bytes));
}

/* The same for zeroes: memset against streaming, which has no path of its own in the API. */
static void zero(bool stream, char *target, size_t bytes)
{
    if (stream) {
        hp_stream_zero(target, bytes);
        hp_stream_fence();
    } else {
        memset(target, 0, bytes);
        __asm__ volatile("" : : "r"(target) : "memory"); /* nobody reads them: keep it */
    }
}

static double time_zero(bool stream, char *target, size_t bytes)
{
    size_t repeats = bytes < ROUND_BYTES ? ROUND_BYTES / bytes : 1;
    zero(stream, target, bytes);
    double start = seconds();
    for (size_t i = 0; i < repeats; i++)
        zero(stream, target, bytes);
    return (seconds() - start) / (double)repeats;
}

static void compare_zero(char *target, size_t bytes)
{
    double times[2][ROUND_COUNT];
    for (int round = 0; round < ROUND_COUNT; round++)
        for (int stream = 0; stream < 2; stream++)
            times[stream][round] = time_zero(stream, target, bytes);
    double plain = median(times[0]);
    printf("%9zu %9.1f%9.2f\n", bytes >> 10, (double)bytes / plain * 1e-9,
           plain / median(times[1]));
}

int main(int argc, char **argv)
{
    int advice = argc > 1 && strcmp(argv[1], "huge") == 0 ? MADV_HUGEPAGE : MADV_NOHUGEPAGE;
    char *source = map(advice);
    char *target = map(advice);
    printf("%9s %9s%9s%9s%9s   %s\n", "KiB", "GB/s", "sse2", "avx2", "avx512", "chosen");
    printf("%9s %9s%27s\n", "", "memcpy", "(times as fast as memcpy)");
    for (size_t bytes = BYTES_MIN; bytes <= BYTES_MAX; bytes *= 2)
        compare(target, source, bytes);
    printf("\n%9s %9s%9s\n", "KiB", "GB/s", "stream");
    printf("%9s %9s%27s\n", "", "memset", "(times as fast as memset)");
    for (size_t bytes = BYTES_MIN; bytes <= BYTES_MAX; bytes *= 2)
        compare_zero(target, bytes);
    return 0;
}
