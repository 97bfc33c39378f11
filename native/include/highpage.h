/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libhighpage: copies runs of pages, shares the layout of the page table with Java, and is what
 * OpenCL drivers call.
 *
 * Everything here is optional at run time: without this library Highpage copies in pure Java and
 * has drivers tell it nothing. All functions are thread-safe and allocate nothing; errno is not
 * touched. Those for copies block on nothing, keep no state, and return an hp_result_t.
 */
#ifndef HIGHPAGE_H
#define HIGHPAGE_H

#include <stddef.h>
#include <stdint.h>

#define HP_API __attribute__((visibility("default")))

/* ---- The table of one buffer -------------------------------------------------------------- */

/*
 *   byte 0                  56            64               72
 *   +-----------------------+-------------+----------------+----------------+---
 *   | zero                  | buffer word | page word 0    | page word 1    | ...
 *   +-----------------------+-------------+----------------+----------------+---
 *
 * The buffer word has a cache line of its own: a whole-buffer pin must not slow down those who
 * work on the first pages. Behind the last page word is a word for each 4096 pages, by which Java
 * closes pages that have always been absent. All words are naturally aligned, in the byte order of
 * the machine.
 */
#define HP_TABLE_BUFFER_OFFSET 56
#define HP_TABLE_PAGES_OFFSET 64
#define HP_PAGE_WORD_BYTES 8

/*
 * The page word: all that is known about one page.
 *
 *    63    58  57  56  55  54    49 48        34 33        19 18         4 3      0
 *   +--------+---+---+---+---------+------------+------------+------------+--------+
 *   | zero 6 | C | W | M | device 6| accesses 15|  holds 15  |   pins 15  | state 4|
 *   +--------+---+---+---+---------+------------+------------+------------+--------+
 *
 *   state     an hp_page_state_t; a moving or filling state is the page's lock, and has one owner
 *   pins      long-term pins of single pages or ranges; whole-buffer pins are in the buffer word
 *   holds     short-term holds; they keep the page where it is, whichever side that is
 *   accesses  device accesses; they keep the page on its device
 *   device    which device has the page; means nothing in a host state
 *   M         COMMITTED: the page's home in the host window has memory
 *   W         WANTED: a pin or an access waits; short holds give way
 *   C         CLOSED: the buffer is closed, no use may begin
 *
 * A full count is an error that the caller sees, so no count ever carries into its neighbour.
 */
#define HP_PAGE_STATE_SHIFT 0
#define HP_PAGE_STATE_BITS 4
#define HP_PAGE_PINS_SHIFT 4
#define HP_PAGE_PINS_BITS 15
#define HP_PAGE_HOLDS_SHIFT 19
#define HP_PAGE_HOLDS_BITS 15
#define HP_PAGE_ACCESSES_SHIFT 34
#define HP_PAGE_ACCESSES_BITS 15
#define HP_PAGE_DEVICE_SHIFT 49
#define HP_PAGE_DEVICE_BITS 6
#define HP_PAGE_COMMITTED_SHIFT 55
#define HP_PAGE_WANTED_SHIFT 56
#define HP_PAGE_CLOSED_SHIFT 57
#define HP_PAGE_ZERO_SHIFT 58
#define HP_PAGE_ZERO_BITS 6

typedef enum hp_page_state {
    HP_STATE_ABSENT = 0,           /* never written, reads as zero */
    HP_STATE_HOST = 1,             /* the bytes are in the host window */
    HP_STATE_DEVICE = 2,           /* the bytes are in the device window */
    HP_STATE_BOTH = 3,             /* the same bytes are in both windows; all counts read */
    HP_STATE_LOST = 4,             /* the device is gone, and the bytes with it */
    HP_STATE_FILLING_HOST = 5,     /* an absent page gets zeroed host memory */
    HP_STATE_FILLING_DEVICE = 6,   /* an absent page gets zeroed device memory */
    HP_STATE_MOVING_TO_DEVICE = 7, /* the bytes are still in the host window */
    HP_STATE_MOVING_TO_HOST = 8    /* the bytes are still in the device window */
} hp_page_state_t;

/*
 * The buffer word: makes a whole-buffer pin one compare-and-set, whatever the size.
 *
 *     63     62                 32 31                               0
 *   +--------+----------------------+----------------------------------+
 *   | CLOSED | whole-buffer pins 31 |   pages not home alone 32 (away) |
 *   +--------+----------------------+----------------------------------+
 *
 * "Away" rises before a page may be on a device, and only while there are no pins; it falls after
 * a page is at home alone. A page is pinned if its own word or this one says so.
 */
#define HP_BUFFER_AWAY_SHIFT 0
#define HP_BUFFER_AWAY_BITS 32
#define HP_BUFFER_PINS_SHIFT 32
#define HP_BUFFER_PINS_BITS 31
#define HP_BUFFER_CLOSED_SHIFT 63

/* A field that moves must move its neighbours: each one begins where the one before it ends. */
_Static_assert(HP_PAGE_PINS_SHIFT == HP_PAGE_STATE_SHIFT + HP_PAGE_STATE_BITS, "pins");
_Static_assert(HP_PAGE_HOLDS_SHIFT == HP_PAGE_PINS_SHIFT + HP_PAGE_PINS_BITS, "holds");
_Static_assert(HP_PAGE_ACCESSES_SHIFT == HP_PAGE_HOLDS_SHIFT + HP_PAGE_HOLDS_BITS, "accesses");
_Static_assert(HP_PAGE_DEVICE_SHIFT == HP_PAGE_ACCESSES_SHIFT + HP_PAGE_ACCESSES_BITS, "device");
_Static_assert(HP_PAGE_COMMITTED_SHIFT == HP_PAGE_DEVICE_SHIFT + HP_PAGE_DEVICE_BITS, "committed");
_Static_assert(HP_PAGE_WANTED_SHIFT == HP_PAGE_COMMITTED_SHIFT + 1, "wanted");
_Static_assert(HP_PAGE_CLOSED_SHIFT == HP_PAGE_WANTED_SHIFT + 1, "closed");
_Static_assert(HP_PAGE_ZERO_SHIFT == HP_PAGE_CLOSED_SHIFT + 1, "zero bits");
_Static_assert(HP_PAGE_ZERO_SHIFT + HP_PAGE_ZERO_BITS == 64, "the page word has 64 bits");
_Static_assert(HP_STATE_MOVING_TO_HOST < 1 << HP_PAGE_STATE_BITS, "every state fits its field");
_Static_assert(HP_BUFFER_PINS_SHIFT == HP_BUFFER_AWAY_SHIFT + HP_BUFFER_AWAY_BITS, "buffer pins");
_Static_assert(HP_BUFFER_CLOSED_SHIFT == HP_BUFFER_PINS_SHIFT + HP_BUFFER_PINS_BITS, "closed");
_Static_assert(HP_BUFFER_CLOSED_SHIFT == 63, "the buffer word has 64 bits");
_Static_assert(HP_TABLE_PAGES_OFFSET % 64 == 0, "the buffer word has its cache line alone");
_Static_assert(HP_TABLE_BUFFER_OFFSET + 8 == HP_TABLE_PAGES_OFFSET, "one row of words");

/* ---- Copying runs of pages ---------------------------------------------------------------- */

typedef enum hp_result {
    HP_OK = 0,
    HP_INVALID = 1,    /* the arguments are wrong; nothing was written */
    HP_UNSUPPORTED = 2 /* this CPU lacks what was asked for; nothing was written */
} hp_result_t;

/* Neighbouring pages as one piece: bytes [offset, offset + bytes) of both windows. */
typedef struct hp_run {
    uint64_t offset;
    uint64_t bytes;
} hp_run_t;

_Static_assert(offsetof(hp_run_t, offset) == 0, "Java writes runs as two 64-bit words");
_Static_assert(offsetof(hp_run_t, bytes) == 8, "Java writes runs as two 64-bit words");
_Static_assert(sizeof(hp_run_t) == 16, "Java writes runs as two 64-bit words");

/* How bytes are stored. The streaming paths go past the caches to memory. */
typedef enum hp_path {
    HP_PATH_MEMCPY = 0,
    HP_PATH_NT_SSE2 = 1,
    HP_PATH_NT_AVX2 = 2,
    HP_PATH_NT_AVX512 = 3
} hp_path_t;

/*
 * Copies every run from source to the same offsets of target, by the path that hp_copy_path
 * names for the bytes of all runs together. Any alignment and any length will do. When it
 * returns, all stores are ordered before later stores of the calling thread, so a release store
 * may publish the pages.
 *
 * HP_INVALID, with nothing written: target or source is NULL; runs is NULL and run_count is not
 * 0; a run does not fit the address space; or the smallest range that covers all runs overlaps
 * in the two windows. Runs must not overlap each other; that is not checked, and they would only
 * be copied twice.
 */
HP_API hp_result_t hp_copy_runs(void *target, const void *source, const hp_run_t *runs,
                                uint64_t run_count);

/*
 * The same by a path of the caller's choice: for one part of a copy that threads share, whose path
 * is that of the whole; and for comparison. HP_INVALID for an unknown path.
 */
HP_API hp_result_t hp_copy_runs_with(hp_path_t path, void *target, const void *source,
                                     const hp_run_t *runs, uint64_t run_count);

/* The path that hp_copy_runs takes for so many bytes on this machine. */
HP_API hp_path_t hp_copy_path(uint64_t total_bytes);

/* Sets every run of target to zero: what an absent page gets on arrival. Errors as above. */
HP_API hp_result_t hp_zero_runs(void *target, const hp_run_t *runs, uint64_t run_count);

/* ---- What drivers tell -------------------------------------------------------------------- */

/*
 * For clSetEventCallback, with a number of the caller's as its data: what hp_next_ended returns.
 * Called by any thread, also when there is no JVM any more. Of 4096 that nobody asked for, later
 * ones are dropped; 0 is none.
 */
HP_API void hp_event_ended(void *event, int32_t status, void *number);

/* The number that was told first and not yet returned; 0 if none is for so many nanoseconds. */
HP_API uint64_t hp_next_ended(int64_t nanos);

/*
 * For clCreateContext, with a number of the caller's as its data. What is said last of a number is
 * kept, the first 1024 bytes of it, for 16 numbers.
 */
HP_API void hp_context_says(const char *text, const void *info, size_t bytes, void *number);

/*
 * Writes as many bytes of the words of a number as there is room for, and forgets them. Returns how
 * many it wrote, without a zero at the end; 0 if there are none.
 */
HP_API uint64_t hp_take_words(uint64_t number, char *to, uint64_t room);

/* ---- The layout as data ------------------------------------------------------------------- */

/* One constant of this header; the name is without HP_. */
typedef struct hp_constant {
    const char *name;
    uint64_t value;
} hp_constant_t;

_Static_assert(offsetof(hp_constant_t, value) == 8, "Java reads constants as two 64-bit words");
_Static_assert(sizeof(hp_constant_t) == 16, "Java reads constants as two 64-bit words");

/*
 * Every constant of the layouts above, so that a test can compare them with the Java side.
 * The table lives as long as the library. NULL for a NULL count.
 */
HP_API const hp_constant_t *hp_constants(uint64_t *count);

#endif
