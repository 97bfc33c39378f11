// SPDX-License-Identifier: Apache-2.0

/**
 * Finds the native library that this module carries. Depends on nothing, loads nothing; everything
 * here is thread-safe.
 *
 * <p>Uses: nothing.
 *
 * <p>Threads: any.
 */
@NullMarked
package io.highpage.natives;

import org.jspecify.annotations.NullMarked;
