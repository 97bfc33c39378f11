/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which path copies how fast, as ratios to memcpy within one run.
 *
 * Question: from how many bytes on is a streaming path ahead? The buffers are reused, which
 * favours memcpy below the cache size: where streaming wins here, it wins in practice.
 * Rounds alternate between the paths, and each keeps its best one, so that a busy neighbour
 * disturbs all of them alike. Not measured: what the copy leaves in the cache for its reader.
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
#define ROUND_COUNT 9
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

/* Seconds for one copy, over enough of them to be measurable; negative without the path. */
static double time_copy(hp_path_t path, char *target, const char *source, size_t bytes)
{
    const hp_run_t run = {0, bytes};
    size_t repeats = bytes < ROUND_BYTES ? ROUND_BYTES / bytes : 1;
    double start = seconds();
    for (size_t i = 0; i < repeats; i++)
        if (hp_copy_runs_with(path, target, source, &run, 1) != HP_OK)
            return -1;
    return (seconds() - start) / (double)repeats;
}

static void compare(char *target, const char *source, size_t bytes)
{
    double best[PATH_COUNT] = {1e9, 1e9, 1e9, 1e9};
    for (int round = 0; round < ROUND_COUNT; round++)
        for (int path = 0; path < PATH_COUNT; path++) {
            double time = time_copy((hp_path_t)path, target, source, bytes);
            if (time < best[path])
                best[path] = time;
        }
    printf("%9zu %9.1f", bytes >> 10, (double)bytes / best[0] * 1e-9);
    for (int path = 1; path < PATH_COUNT; path++)
        if (best[path] < 0)
            printf("%9s", "-");
        else
            printf("%9.2f", best[0] / best[path]);
    printf("   %d\n", (int)hp_copy_path(bytes));
}

/* The same for zeroes: memset against streaming, which has no path of its own in the API. */
static void compare_zero(char *target, size_t bytes)
{
    double best[2] = {1e9, 1e9};
    size_t repeats = bytes < ROUND_BYTES ? ROUND_BYTES / bytes : 1;
    for (int round = 0; round < 2 * ROUND_COUNT; round++) {
        double start = seconds();
        for (size_t i = 0; i < repeats; i++)
            if (round % 2 == 0) {
                memset(target, 0, bytes);
                __asm__ volatile("" : : "r"(target) : "memory"); /* nobody reads them: keep it */
            } else {
                hp_stream_zero(target, bytes);
                hp_stream_fence();
            }
        double time = (seconds() - start) / (double)repeats;
        if (time < best[round % 2])
            best[round % 2] = time;
    }
    printf("%9zu %9.1f%9.2f\n", bytes >> 10, (double)bytes / best[0] * 1e-9, best[0] / best[1]);
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
