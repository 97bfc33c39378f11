// SPDX-License-Identifier: Apache-2.0

/**
 * Tiers: the memory that pages can be in. Home, with its mapping and page-locks, and devices, whose
 * windows are carved from slabs.
 *
 * <p>Uses: internal.close, internal.log, internal.telemetry, outcome, internal.outcome, device,
 * internal.budget, internal.os.
 *
 * <p>Threads: any; nobody waits for another in a driver.
 */
@NullMarked
package io.highpage.internal.memory;

import org.jspecify.annotations.NullMarked;
