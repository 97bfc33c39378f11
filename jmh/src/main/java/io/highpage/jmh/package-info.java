// SPDX-License-Identifier: Apache-2.0

/**
 * For benchmarks with JMH: states whose pages are put back outside the measured time, and a
 * profiler that tells what an operation moved.
 *
 * <p>Uses: outcome, device, io.highpage.
 *
 * <p>Threads: JMH's.
 */
@NullMarked
package io.highpage.jmh;

import org.jspecify.annotations.NullMarked;
