// SPDX-License-Identifier: Apache-2.0

/**
 * What a recording tells over time, as a page for a browser.
 *
 * <p>Uses: cli.console, cli.recording.
 *
 * <p>Threads: main.
 */
@NullMarked
package io.highpage.cli.timeline;

import org.jspecify.annotations.NullMarked;
