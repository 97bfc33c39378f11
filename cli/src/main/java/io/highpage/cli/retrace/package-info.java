// SPDX-License-Identifier: Apache-2.0

/**
 * Recordings made into traces: of programs, for the replayer, and of accesses, for the simulator of
 * policies.
 *
 * <p>Uses: outcome, cli.replay, cli.console, cli.recording.
 *
 * <p>Threads: main.
 */
@NullMarked
package io.highpage.cli.retrace;

import org.jspecify.annotations.NullMarked;
