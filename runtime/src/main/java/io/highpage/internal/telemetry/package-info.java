// SPDX-License-Identifier: Apache-2.0

/**
 * What can be observed of the runtime, in one place: events of the JDK's flight recorder, which are
 * nothing while nobody records them. The table of all of them is {@code docs/telemetry.md}.
 *
 * <p>Uses: nothing.
 *
 * <p>Threads: any.
 */
@NullMarked
package io.highpage.internal.telemetry;

import org.jspecify.annotations.NullMarked;
