// SPDX-License-Identifier: Apache-2.0

/**
 * Finds out, in a process of its own, in which ways a private device copies right, and how fast;
 * and remembers it.
 *
 * <p>Uses: internal.close, internal.log, internal.work, outcome, device, internal.os,
 * internal.copy, internal.opencl.
 *
 * <p>Threads: the one that opens a device; others that open one like it wait for it.
 */
@NullMarked
package io.highpage.internal.opencl.probe;

import org.jspecify.annotations.NullMarked;
