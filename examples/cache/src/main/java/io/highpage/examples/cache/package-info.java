// SPDX-License-Identifier: Apache-2.0

/**
 * A cache of keys and values in blocks, for the attention of a small transformer. Read first
 * {@link io.highpage.examples.cache.BlockCache}, then {@link io.highpage.examples.cache.Decoder}.
 *
 * <p>Uses: outcome, device, io.highpage, opencl, jocl, host.
 *
 * <p>Threads: one decodes; any number lease, fork and close.
 */
@NullMarked
package io.highpage.examples.cache;

import org.jspecify.annotations.NullMarked;
