// SPDX-License-Identifier: Apache-2.0

/**
 * The built-in devices, in host memory: one that plays a coherent device, one that plays a private
 * one.
 *
 * <p>Uses: outcome, device, io.highpage, internal.os, internal.memory.
 *
 * <p>Threads: any; copies on the thread that moves pages, kernels on the one that launches them.
 */
@NullMarked
package io.highpage.host;

import org.jspecify.annotations.NullMarked;
