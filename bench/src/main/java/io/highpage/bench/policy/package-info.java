// SPDX-License-Identifier: Apache-2.0

/**
 * Simulations of a device that is full: which spans leave, in which pieces its memory is.
 *
 * <p>Uses: outcome, device, io.highpage, internal.budget, internal.memory, bench.
 *
 * <p>Threads: one.
 */
package io.highpage.bench.policy;
