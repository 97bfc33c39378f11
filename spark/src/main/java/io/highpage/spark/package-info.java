// SPDX-License-Identifier: Apache-2.0

/**
 * OpenCL kernels in the tasks of Apache Spark: a plugin that keeps each executor's device, and what
 * a task has of it.
 *
 * <p>Uses: outcome, device, io.highpage, internal.os, opencl, pipe.
 *
 * <p>Threads: those of Spark. Tasks share their executor's runtime.
 */
@NullMarked
package io.highpage.spark;

import org.jspecify.annotations.NullMarked;
