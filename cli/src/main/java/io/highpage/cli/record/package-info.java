// SPDX-License-Identifier: Apache-2.0

/**
 * A command that is run with the flight recorder of its Java processes on.
 *
 * <p>Uses: cli.console.
 *
 * <p>Threads: main, and one that passes on the end at a signal.
 */
@NullMarked
package io.highpage.cli.record;

import org.jspecify.annotations.NullMarked;
