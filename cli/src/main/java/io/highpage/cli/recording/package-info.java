// SPDX-License-Identifier: Apache-2.0

/**
 * Recordings of the JDK's flight recorder, read for what Highpage has recorded in them.
 *
 * <p>Uses: cli.console.
 *
 * <p>Threads: main.
 */
@NullMarked
package io.highpage.cli.recording;

import org.jspecify.annotations.NullMarked;
