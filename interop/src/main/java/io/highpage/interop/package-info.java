// SPDX-License-Identifier: Apache-2.0

/**
 * What the bridges share: pins as {@code java.nio} buffers.
 *
 * <p>Uses: io.highpage.
 *
 * <p>Threads: any.
 */
package io.highpage.interop;
