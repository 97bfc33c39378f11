// SPDX-License-Identifier: Apache-2.0

/**
 * Page operations recorded from a Linux kernel, and a replayer that puts a runtime through them.
 *
 * <p>Uses: outcome, device, io.highpage.
 *
 * <p>Threads: main.
 */
@NullMarked
package io.highpage.cli.replay;

import org.jspecify.annotations.NullMarked;
