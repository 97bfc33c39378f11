// SPDX-License-Identifier: Apache-2.0

/**
 * Pipes: element-wise kernels over files in pieces, with memory that is made once and used by many
 * runs; a pool of them, and the room of a device.
 *
 * <p>Uses: internal.close, outcome, io.highpage, internal.os, uring, internal.pipe, opencl, jocl.
 *
 * <p>Threads: any; those of a run are {@code reader}, {@code fetcher} and {@code writer}.
 */
@NullMarked
package io.highpage.pipe;

import org.jspecify.annotations.NullMarked;
