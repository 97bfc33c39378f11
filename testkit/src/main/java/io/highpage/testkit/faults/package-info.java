// SPDX-License-Identifier: Apache-2.0

/**
 * Devices and host memory whose calls fail, take long or lie, around real ones.
 *
 * <p>Uses: outcome, device, internal.os.
 *
 * <p>Threads: any.
 */
package io.highpage.testkit.faults;
