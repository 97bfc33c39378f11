// SPDX-License-Identifier: Apache-2.0

/**
 * io_uring (Linux 5.19 or newer): pins as registered buffers, which the kernel keeps in place, and
 * files that are read and written straight into them. {@code docs/io-uring.md} has the design.
 *
 * <p>Uses: bindings.linux, internal.close, internal.watch, outcome, internal.jvm, io.highpage,
 * internal.os.
 *
 * <p>Threads: any; one at a time has a ring.
 */
@NullMarked
package io.highpage.uring;

import org.jspecify.annotations.NullMarked;
