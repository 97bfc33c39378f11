// SPDX-License-Identifier: Apache-2.0

/**
 * Runs the benchmarks, stores what they measured, and makes tables and charts of it.
 *
 * <p>Uses: device, internal.os, bench, bench.policy.
 *
 * <p>Threads: main.
 */
package io.highpage.bench.report;
