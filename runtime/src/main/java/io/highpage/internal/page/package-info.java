// SPDX-License-Identifier: Apache-2.0

/**
 * The words of pages and buffers, every legal change of them as data, and the rules: what an
 * operation may do with a page. Pure: no system call, no device, no waiting.
 *
 * <p>Uses: outcome.
 *
 * <p>Threads: any, at the same time; each step is one atomic access.
 */
@NullMarked
package io.highpage.internal.page;

import org.jspecify.annotations.NullMarked;
