// SPDX-License-Identifier: Apache-2.0

/**
 * Runs the benchmarks, stores what they measured, and makes tables and charts of it.
 *
 * <p>Uses: device, internal.os, bench.
 *
 * <p>Threads: main.
 */
package io.highpage.bench.report;
