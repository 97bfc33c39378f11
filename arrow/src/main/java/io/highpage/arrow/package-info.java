// SPDX-License-Identifier: Apache-2.0

/**
 * The bridge to Apache Arrow ({@code org.apache.arrow:arrow-memory-core}, tested with 19.0.0).
 * {@code ArrowBuf.nioBuffer}, and what uses it, needs
 * {@code --add-opens=java.base/java.nio=org.apache.arrow.memory.core} ({@code ALL-UNNAMED} on the
 * class path).
 *
 * <p>Uses: io.highpage.
 *
 * <p>Threads: any.
 */
@NullMarked
package io.highpage.arrow;

import org.jspecify.annotations.NullMarked;
