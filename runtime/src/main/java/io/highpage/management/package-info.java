// SPDX-License-Identifier: Apache-2.0

/**
 * What the JDK's management extensions (JMX) tell of a runtime: one MXBean each, named
 * {@code io.highpage:type=Runtime,name=highpage-1}. The table of all numbers is
 * {@code docs/telemetry.md}.
 *
 * <p>Uses: nothing.
 *
 * <p>Threads: any.
 */
@NullMarked
package io.highpage.management;

import org.jspecify.annotations.NullMarked;
