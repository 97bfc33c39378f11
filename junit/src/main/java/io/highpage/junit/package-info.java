// SPDX-License-Identifier: Apache-2.0

/**
 * For tests of programs that use Highpage ({@link io.highpage.junit.HighpageLeakCheck},
 * {@link io.highpage.junit.ForEachDevice}) and of new devices
 * ({@link io.highpage.junit.DeviceContract}).
 *
 * <p>Uses: internal.watch, outcome, device, io.highpage.
 *
 * <p>Threads: the test engine's.
 */
@NullMarked
package io.highpage.junit;

import org.jspecify.annotations.NullMarked;
