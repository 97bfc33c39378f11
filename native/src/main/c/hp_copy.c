/* SPDX-License-Identifier: Apache-2.0 */
/* Copying and zeroing runs: checks the arguments, chooses the path, walks the runs. */
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "highpage_internal.h"

/*
 * From how many bytes on a copy goes past the caches: half the last-level cache, because source
 * and target must fit together for an ordinary copy to gain from it.
 *
 * The cap is there because sysconf names the cache of the whole socket, of which one core, or a
 * virtual machine, gets a share only. Measured there and back on a machine that reports 508 MiB:
 * memcpy is 1.5 times as fast at 4 MiB and 1.2 to 1.6 times at 8; from 16 MiB on streaming is ahead
 * where one core copies (README.md; two threads: docs/decisions/0372). The floor is for CPUs whose
 * last cache is smaller than twice that, where neither has room.
 */
#define STREAM_BYTES_MIN ((uint64_t)4 << 20)
#define STREAM_BYTES_MAX ((uint64_t)16 << 20)
/* For a system that does not tell its cache size. */
#define STREAM_BYTES_DEFAULT STREAM_BYTES_MAX

/*
 * From how many bytes on zeroes go past the caches. Later than copies: memset reads nothing, so it
 * only loses once the lines that it pushes out of the cache have to go to memory. Measured on a
 * Xeon: 0.8 to 0.9 times as fast as memset at 16 MiB, 1.1 to 1.4 at 32, about 2 from 64 on. On a
 * Zen 5: 0.8 to 1.0, 1.0 to 1.3, and 0.9 to 1.2 (README.md).
 */
#define STREAM_ZERO_BYTES_MIN ((uint64_t)32 << 20)

/*
 * The choice for this CPU in one word, so that it is never seen half-made: the streaming path in
 * the low byte, the threshold above it. 0: not computed yet. The one mutable thing in here.
 */
static _Atomic uint64_t choice;

#define CHOICE_PATH_BITS 8
#define CHOICE_PATH_MASK (((uint64_t)1 << CHOICE_PATH_BITS) - 1)
#define CHOICE_BYTES_MAX (UINT64_MAX >> CHOICE_PATH_BITS)

/* The smallest range that covers all runs, and the bytes that they hold together. */
typedef struct extent {
    uint64_t begin;
    uint64_t end;
    uint64_t total_bytes;
} extent_t;

static uint64_t stream_bytes_min(void)
{
#ifdef _SC_LEVEL3_CACHE_SIZE
    long cache_bytes = sysconf(_SC_LEVEL3_CACHE_SIZE);
#else
    long cache_bytes = 0;
#endif
    if (cache_bytes <= 0)
        return STREAM_BYTES_DEFAULT;
    uint64_t half = (uint64_t)cache_bytes / 2;
    if (half < STREAM_BYTES_MIN)
        return STREAM_BYTES_MIN;
    return half > STREAM_BYTES_MAX ? STREAM_BYTES_MAX : half;
}

static uint64_t compute_choice(void)
{
    for (hp_path_t path = HP_PATH_NT_AVX512; path > HP_PATH_MEMCPY; path--)
        if (hp_stream_supported(path))
            return stream_bytes_min() << CHOICE_PATH_BITS | (uint64_t)path;
    return CHOICE_BYTES_MAX << CHOICE_PATH_BITS | (uint64_t)HP_PATH_MEMCPY;
}

hp_path_t hp_copy_path(uint64_t total_bytes)
{
    /*
     * ORD relaxed, both: the word is all there is to see. Threads that race here compute the same
     * value, so it does not matter whose store lasts.
     */
    uint64_t chosen = atomic_load_explicit(&choice, memory_order_relaxed);
    if (chosen == 0) {
        chosen = compute_choice();
        atomic_store_explicit(&choice, chosen, memory_order_relaxed);
    }
    if (total_bytes < chosen >> CHOICE_PATH_BITS)
        return HP_PATH_MEMCPY;
    return (hp_path_t)(chosen & CHOICE_PATH_MASK);
}

/* Checks the runs and adds them up; nothing has been written when this says HP_INVALID. */
static hp_result_t measure(uintptr_t base, const hp_run_t *runs, uint64_t run_count,
                           extent_t *extent)
{
    extent_t all = {.begin = UINT64_MAX, .end = 0, .total_bytes = 0};
    if (runs == NULL && run_count != 0)
        return HP_INVALID;
    for (uint64_t i = 0; i < run_count; i++) {
        uint64_t begin = runs[i].offset;
        uint64_t end;
        if (__builtin_add_overflow(begin, runs[i].bytes, &end))
            return HP_INVALID;
        if (__builtin_add_overflow(all.total_bytes, runs[i].bytes, &all.total_bytes))
            return HP_INVALID;
        if (runs[i].bytes == 0)
            continue; /* touches nothing, wherever it points: no pointer is made from it */
        all.begin = begin < all.begin ? begin : all.begin;
        all.end = end > all.end ? end : all.end;
    }
    uintptr_t last;
    if (__builtin_add_overflow(base, all.end, &last))
        return HP_INVALID;
    *extent = all;
    return HP_OK;
}

/*
 * Offsets are the same on both sides, so two ranges overlap exactly if the windows are closer to
 * each other than the range is long.
 */
static bool overlaps(uintptr_t target, uintptr_t source, const extent_t *extent)
{
    if (extent->total_bytes == 0)
        return false;
    uintptr_t distance = target > source ? target - source : source - target;
    return distance < extent->end - extent->begin;
}

static hp_result_t check_copy(const void *target, const void *source, const hp_run_t *runs,
                              uint64_t run_count, extent_t *extent)
{
    if (target == NULL || source == NULL)
        return HP_INVALID;
    uintptr_t to = (uintptr_t)target;
    uintptr_t from = (uintptr_t)source;
    /* The higher window is the one that can run over the end of the address space. */
    hp_result_t result = measure(to > from ? to : from, runs, run_count, extent);
    if (result != HP_OK)
        return result;
    return overlaps(to, from, extent) ? HP_INVALID : HP_OK;
}

static void copy_plain(void *target, const void *source, size_t bytes)
{
    memcpy(target, source, bytes);
}

static void copy_each(hp_path_t path, void *target, const void *source, const hp_run_t *runs,
                      uint64_t run_count)
{
    hp_copy_one_t copy_one = path == HP_PATH_MEMCPY ? copy_plain : hp_stream_copy(path);
    for (uint64_t i = 0; i < run_count; i++)
        if (runs[i].bytes != 0)
            copy_one((char *)target + runs[i].offset, (const char *)source + runs[i].offset,
                     runs[i].bytes);
    /*
     * ORD fence: streaming stores are not ordered by a release store; this orders them before the
     * one with which the caller publishes the pages. Once after the last run is enough: nobody
     * can publish a run before this function returns.
     */
    if (path != HP_PATH_MEMCPY)
        hp_stream_fence();
}

hp_result_t hp_copy_runs(void *target, const void *source, const hp_run_t *runs,
                         uint64_t run_count)
{
    extent_t extent;
    hp_result_t result = check_copy(target, source, runs, run_count, &extent);
    if (result != HP_OK)
        return result;
    copy_each(hp_copy_path(extent.total_bytes), target, source, runs, run_count);
    return HP_OK;
}

hp_result_t hp_copy_runs_with(hp_path_t path, void *target, const void *source,
                              const hp_run_t *runs, uint64_t run_count)
{
    /* Java passes an int: anything may arrive. */
    if ((int)path < HP_PATH_MEMCPY || (int)path > HP_PATH_NT_AVX512)
        return HP_INVALID;
    extent_t extent;
    hp_result_t result = check_copy(target, source, runs, run_count, &extent);
    if (result != HP_OK)
        return result;
    if (path != HP_PATH_MEMCPY && !hp_stream_supported(path))
        return HP_UNSUPPORTED;
    copy_each(path, target, source, runs, run_count);
    return HP_OK;
}

hp_result_t hp_zero_runs(void *target, const hp_run_t *runs, uint64_t run_count)
{
    extent_t extent;
    if (target == NULL)
        return HP_INVALID;
    hp_result_t result = measure((uintptr_t)target, runs, run_count, &extent);
    if (result != HP_OK)
        return result;
    bool stream = extent.total_bytes >= STREAM_ZERO_BYTES_MIN;
    for (uint64_t i = 0; i < run_count; i++) {
        if (runs[i].bytes == 0)
            continue;
        char *to = (char *)target + runs[i].offset;
        if (stream)
            hp_stream_zero(to, runs[i].bytes);
        else
            memset(to, 0, runs[i].bytes);
    }
    /* ORD fence: as in copy_each, before the store that publishes the pages. */
    if (stream)
        hp_stream_fence();
    return HP_OK;
}
