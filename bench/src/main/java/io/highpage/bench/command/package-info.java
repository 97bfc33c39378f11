// SPDX-License-Identifier: Apache-2.0

/**
 * The command line of the benchmarks.
 *
 * <p>Uses: device, bench, bench.policy, bench.report.
 *
 * <p>Threads: main.
 */
package io.highpage.bench.command;
