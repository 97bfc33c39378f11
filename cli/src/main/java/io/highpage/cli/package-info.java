// SPDX-License-Identifier: Apache-2.0

/**
 * The commands, one class each; what they do is in the packages beside this one.
 *
 * <p>Uses: outcome, device, io.highpage, internal.os, cli.replay, pipe, cli.console, cli.record,
 * cli.top, cli.recording, cli.retrace, cli.timeline, cli.perfetto, cli.kernel, cli.demo,
 * cli.doctor, cli.run.
 *
 * <p>Threads: main, and one that cleans up at a signal.
 */
@NullMarked
package io.highpage.cli;

import org.jspecify.annotations.NullMarked;
