// SPDX-License-Identifier: Apache-2.0

/**
 * Memory of devices and page-locks of home memory, as the pages of one runtime use them.
 *
 * <p>Uses: internal.close, outcome, device, internal.os.
 *
 * <p>Threads: any; nobody waits for another in a driver.
 */
package io.highpage.internal.memory;
