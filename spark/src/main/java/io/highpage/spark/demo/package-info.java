// SPDX-License-Identifier: Apache-2.0

/**
 * {@code highpage spark-demo}: a cluster on loopback, a job over real files, an executor that is
 * killed in the middle.
 *
 * <p>Uses: device, spark.
 *
 * <p>Threads: that of the command, one that kills, one at the process's end.
 */
@NullMarked
package io.highpage.spark.demo;

import org.jspecify.annotations.NullMarked;
