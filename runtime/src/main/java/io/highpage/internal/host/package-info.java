// SPDX-License-Identifier: Apache-2.0

/**
 * Offers the built-in devices to discovery.
 *
 * <p>Uses: device, internal.os, host.
 *
 * <p>Threads: any.
 */
@NullMarked
package io.highpage.internal.host;

import org.jspecify.annotations.NullMarked;
