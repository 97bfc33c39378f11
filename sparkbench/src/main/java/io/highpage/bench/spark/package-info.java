// SPDX-License-Identifier: Apache-2.0

/**
 * {@code highpage bench spark}: Highpage's jobs and columns on a cluster of Apache Spark on this
 * machine, against what a program would write by hand.
 *
 * <p>Uses: device, io.highpage, opencl, jocl, pipe, spark, spark.demo, bench, bench.report,
 * bench.command.
 *
 * <p>Threads: main, one that kills an executor; those of Spark's tasks.
 */
package io.highpage.bench.spark;
