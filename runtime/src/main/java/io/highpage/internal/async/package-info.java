// SPDX-License-Identifier: Apache-2.0

/**
 * What asynchronous operations have in common: the threads that run them, and the futures that own
 * what they bring until somebody takes it.
 *
 * <p>Uses: internal.close, internal.log, internal.jvm.
 *
 * <p>Threads: any, and a few of its own for each runtime, which callers wait for by a future only.
 */
@NullMarked
package io.highpage.internal.async;

import org.jspecify.annotations.NullMarked;
