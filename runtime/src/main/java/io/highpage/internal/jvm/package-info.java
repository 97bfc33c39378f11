// SPDX-License-Identifier: Apache-2.0

/**
 * What the JVM grants: room on the stack and the heap, native access; and what it loads, of one
 * version or of several.
 *
 * <p>Uses: bindings.linux.
 *
 * <p>Threads: any.
 */
@NullMarked
package io.highpage.internal.jvm;

import org.jspecify.annotations.NullMarked;
