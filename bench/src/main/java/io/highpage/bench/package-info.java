// SPDX-License-Identifier: Apache-2.0

/**
 * The benchmarks, and what they are compared with.
 *
 * <p>Uses: bindings.linux, outcome, internal.page, device, io.highpage, internal.budget,
 * internal.os, internal.copy, internal.memory, internal.opencl, uring, internal.migrate, opencl,
 * jocl, host.
 *
 * <p>Threads: those of JMH.
 */
package io.highpage.bench;
