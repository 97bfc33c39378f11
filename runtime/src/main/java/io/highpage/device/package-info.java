// SPDX-License-Identifier: Apache-2.0

/**
 * Devices: what is found on a machine, and what a new kind of device implements.
 *
 * <p>Uses: internal.log, internal.jvm.
 *
 * <p>Threads: any; a device is called by many at the same time.
 */
@NullMarked
package io.highpage.device;

import org.jspecify.annotations.NullMarked;
