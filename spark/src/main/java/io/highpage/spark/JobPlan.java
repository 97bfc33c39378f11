// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import java.io.Serializable;

/**
 * What all tasks of a job have in common.
 *
 * @param folder where attempts are
 * @param kernel what is run
 * @param options how
 */
record JobPlan(String folder, DeviceKernel kernel, JobOptions options) implements Serializable {}
