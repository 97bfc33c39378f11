// SPDX-License-Identifier: Apache-2.0

/**
 * A runtime's counters as meters of Micrometer.
 *
 * <p>Uses: outcome, io.highpage.
 *
 * <p>Threads: any.
 */
@NullMarked
package io.highpage.micrometer;

import org.jspecify.annotations.NullMarked;
