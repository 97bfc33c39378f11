/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies past the caches.
 *
 * An ordinary store first reads the line that it is about to overwrite, and pushes out another
 * one. For more bytes than the cache holds both are waste: a third of the memory traffic, and
 * the working set of everybody else. A streaming store does neither, provided that whole lines
 * are written without a pause; so the target is aligned here, not the source.
 *
 * A page ahead is prefetched, since the CPU's own prefetcher stops at the end of a page; not past
 * the end of a run, where that is a page that nobody needs. Measured
 * there and back (README.md), for what was just written past the caches is not in them: on a Zen 5
 * that is 1.3 to 1.9 times as fast as eight pages side by side, two lines of each in turn, which
 * had been up to 1.1 times as fast on a Xeon.
 */
#include <string.h>

#include "highpage_internal.h"

#if defined(__x86_64__)

#include <immintrin.h>

/* A cache line: the grain of streaming stores, and the widest alignment any of them needs. */
#define LINE_BYTES 64
/* Two lines in one go: the adjacent-line prefetcher fetches them as a pair anyway. */
#define STEP_BYTES 128
/* The prefetcher's page, whatever size Highpage's pages have. */
#define AHEAD_BYTES 4096

static inline void fetch_ahead(const char *from)
{
    for (size_t at = 0; at < STEP_BYTES; at += LINE_BYTES)
        _mm_prefetch(from + AHEAD_BYTES + at, _MM_HINT_T0);
}

/* Each variant is compiled for its own instruction set, so that the library runs on any x86-64. */
static inline void step_sse2(char *to, const char *from)
{
    for (size_t at = 0; at < STEP_BYTES; at += LINE_BYTES) {
        const __m128i *in = (const __m128i *)(const void *)(from + at);
        __m128i *out = (__m128i *)(void *)(to + at);
        __m128i a = _mm_loadu_si128(in);
        __m128i b = _mm_loadu_si128(in + 1);
        __m128i c = _mm_loadu_si128(in + 2);
        __m128i d = _mm_loadu_si128(in + 3);
        _mm_stream_si128(out, a);
        _mm_stream_si128(out + 1, b);
        _mm_stream_si128(out + 2, c);
        _mm_stream_si128(out + 3, d);
    }
}

__attribute__((target("avx2"))) static inline void step_avx2(char *to, const char *from)
{
    const __m256i *in = (const __m256i *)(const void *)from;
    __m256i *out = (__m256i *)(void *)to;
    __m256i a = _mm256_loadu_si256(in);
    __m256i b = _mm256_loadu_si256(in + 1);
    __m256i c = _mm256_loadu_si256(in + 2);
    __m256i d = _mm256_loadu_si256(in + 3);
    _mm256_stream_si256(out, a);
    _mm256_stream_si256(out + 1, b);
    _mm256_stream_si256(out + 2, c);
    _mm256_stream_si256(out + 3, d);
}

__attribute__((target("avx512f"))) static inline void step_avx512(char *to, const char *from)
{
    __m512i a = _mm512_loadu_si512(from);
    __m512i b = _mm512_loadu_si512(from + LINE_BYTES);
    _mm512_stream_si512((__m512i *)(void *)to, a);
    _mm512_stream_si512((__m512i *)(void *)(to + LINE_BYTES), b);
}

/* Bytes to copy plainly before the target is aligned. */
static size_t head_bytes(const void *target, size_t bytes)
{
    size_t head = (size_t)(-(uintptr_t)target % LINE_BYTES);
    return head < bytes ? head : bytes;
}

/*
 * One routine per instruction set. A macro, because a function for a wider set cannot be inlined
 * into one for a narrower set, and a call for every two lines would cost more than it moves.
 */
#define DEFINE_STREAM_COPY(name, step, isa)                                                        \
    isa static void name(void *target, const void *source, size_t bytes)                           \
    {                                                                                              \
        size_t head = head_bytes(target, bytes);                                                   \
        memcpy(target, source, head);                                                              \
        char *to = (char *)target + head;                                                          \
        const char *from = (const char *)source + head;                                            \
        size_t left = bytes - head;                                                                \
        for (; left >= AHEAD_BYTES + STEP_BYTES;                                                   \
             left -= STEP_BYTES, to += STEP_BYTES, from += STEP_BYTES) {                           \
            fetch_ahead(from);                                                                     \
            step(to, from);                                                                        \
        }                                                                                          \
        for (; left >= STEP_BYTES; left -= STEP_BYTES, to += STEP_BYTES, from += STEP_BYTES)       \
            step(to, from);                                                                        \
        memcpy(to, from, left);                                                                    \
    }

DEFINE_STREAM_COPY(copy_sse2, step_sse2, )
DEFINE_STREAM_COPY(copy_avx2, step_avx2, __attribute__((target("avx2"))))
DEFINE_STREAM_COPY(copy_avx512, step_avx512, __attribute__((target("avx512f"))))

/*
 * Nothing is loaded, so nothing waits for a prefetcher, and the narrowest registers fill a line
 * as fast as the memory takes it: one stream, one instruction set.
 */
void hp_stream_zero(void *target, size_t bytes)
{
    size_t head = head_bytes(target, bytes);
    memset(target, 0, head);
    char *to = (char *)target + head;
    size_t left = bytes - head;
    const __m128i zero = _mm_setzero_si128();
    for (; left >= LINE_BYTES; left -= LINE_BYTES, to += LINE_BYTES)
        for (size_t at = 0; at < LINE_BYTES; at += sizeof(zero))
            _mm_stream_si128((__m128i *)(void *)(to + at), zero);
    memset(to, 0, left);
}

bool hp_stream_supported(hp_path_t path)
{
    /* The builtins look at the CPU and at the registers that the system saves (XCR0). */
    __builtin_cpu_init();
    switch (path) {
    case HP_PATH_NT_SSE2:
        return true; /* part of x86-64 */
    case HP_PATH_NT_AVX2:
        return __builtin_cpu_supports("avx2") != 0;
    case HP_PATH_NT_AVX512:
        return __builtin_cpu_supports("avx512f") != 0;
    case HP_PATH_MEMCPY:
    default:
        return false;
    }
}

hp_copy_one_t hp_stream_copy(hp_path_t path)
{
    switch (path) {
    case HP_PATH_NT_AVX512:
        return copy_avx512;
    case HP_PATH_NT_AVX2:
        return copy_avx2;
    case HP_PATH_NT_SSE2:
    case HP_PATH_MEMCPY:
    default:
        return copy_sse2;
    }
}

void hp_stream_fence(void)
{
    _mm_sfence();
}

#else /* No streaming paths on this architecture: callers see none supported. */

bool hp_stream_supported(hp_path_t path)
{
    (void)path;
    return false;
}

hp_copy_one_t hp_stream_copy(hp_path_t path)
{
    (void)path;
    return NULL;
}

void hp_stream_zero(void *target, size_t bytes)
{
    memset(target, 0, bytes);
}

void hp_stream_fence(void)
{
}

#endif
