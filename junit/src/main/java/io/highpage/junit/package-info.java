// SPDX-License-Identifier: Apache-2.0

/**
 * For tests of programs that use Highpage ({@link io.highpage.junit.HighpageLeakCheck},
 * {@link io.highpage.junit.ForEachDevice}) and of new devices
 * ({@link io.highpage.junit.DeviceContract}).
 */
package io.highpage.junit;
