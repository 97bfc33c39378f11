// SPDX-License-Identifier: Apache-2.0

/**
 * Recordings as traces that Perfetto opens.
 *
 * <p>Uses: cli.recording, cli.timeline.
 *
 * <p>Threads: main.
 */
@NullMarked
package io.highpage.cli.perfetto;

import org.jspecify.annotations.NullMarked;
