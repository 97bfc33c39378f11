/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of libhighpage share. Not installed, not exported. */
#ifndef HIGHPAGE_INTERNAL_H
#define HIGHPAGE_INTERNAL_H

#include <stdbool.h>

#include "highpage.h"

/* Copies one run. A streaming path leaves its stores unordered until hp_stream_fence. */
typedef void (*hp_copy_one_t)(void *target, const void *source, size_t bytes);

/* Whether this CPU, and the system's context switch, know the registers of the path. */
bool hp_stream_supported(hp_path_t path);

/* The copy routine of a path that is supported. */
hp_copy_one_t hp_stream_copy(hp_path_t path);

/* Zeroes one run past the caches where the architecture can; leaves its stores unordered too. */
void hp_stream_zero(void *target, size_t bytes);

/* Orders streaming stores before all later stores. */
void hp_stream_fence(void);

#endif
