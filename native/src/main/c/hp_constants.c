/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layout of highpage.h as data. The preprocessor writes name and value from one word, so a
 * name cannot stand beside another constant's value. A constant that is missing here is one that
 * the Java test cannot compare: add it together with the one in the header.
 */
#include "highpage_internal.h"

#define CONSTANT(name) {#name, (uint64_t)HP_##name}

static const hp_constant_t constants[] = {
    CONSTANT(TABLE_BUFFER_OFFSET),
    CONSTANT(TABLE_PAGES_OFFSET),
    CONSTANT(PAGE_WORD_BYTES),

    CONSTANT(PAGE_STATE_SHIFT),
    CONSTANT(PAGE_STATE_BITS),
    CONSTANT(PAGE_PINS_SHIFT),
    CONSTANT(PAGE_PINS_BITS),
    CONSTANT(PAGE_HOLDS_SHIFT),
    CONSTANT(PAGE_HOLDS_BITS),
    CONSTANT(PAGE_ACCESSES_SHIFT),
    CONSTANT(PAGE_ACCESSES_BITS),
    CONSTANT(PAGE_DEVICE_SHIFT),
    CONSTANT(PAGE_DEVICE_BITS),
    CONSTANT(PAGE_COMMITTED_SHIFT),
    CONSTANT(PAGE_WANTED_SHIFT),
    CONSTANT(PAGE_CLOSED_SHIFT),
    CONSTANT(PAGE_ZERO_SHIFT),
    CONSTANT(PAGE_ZERO_BITS),

    CONSTANT(STATE_ABSENT),
    CONSTANT(STATE_HOST),
    CONSTANT(STATE_DEVICE),
    CONSTANT(STATE_BOTH),
    CONSTANT(STATE_LOST),
    CONSTANT(STATE_FILLING_HOST),
    CONSTANT(STATE_FILLING_DEVICE),
    CONSTANT(STATE_MOVING_TO_DEVICE),
    CONSTANT(STATE_MOVING_TO_HOST),

    CONSTANT(BUFFER_AWAY_SHIFT),
    CONSTANT(BUFFER_AWAY_BITS),
    CONSTANT(BUFFER_PINS_SHIFT),
    CONSTANT(BUFFER_PINS_BITS),
    CONSTANT(BUFFER_CLOSED_SHIFT),

    /* What the compiler made of the struct, not what somebody thinks it makes. */
    {"RUN_OFFSET_OFFSET", offsetof(hp_run_t, offset)},
    {"RUN_BYTES_OFFSET", offsetof(hp_run_t, bytes)},
    {"RUN_SIZE", sizeof(hp_run_t)},

    {"RESULT_OK", HP_OK},
    {"RESULT_INVALID", HP_INVALID},
    {"RESULT_UNSUPPORTED", HP_UNSUPPORTED},

    CONSTANT(PATH_MEMCPY),
    CONSTANT(PATH_NT_SSE2),
    CONSTANT(PATH_NT_AVX2),
    CONSTANT(PATH_NT_AVX512),
};

const hp_constant_t *hp_constants(uint64_t *count)
{
    if (count == NULL)
        return NULL;
    *count = sizeof(constants) / sizeof(constants[0]);
    return constants;
}
