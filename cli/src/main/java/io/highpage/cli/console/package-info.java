// SPDX-License-Identifier: Apache-2.0

/**
 * What every command needs to talk to people and machines.
 *
 * <p>Uses: outcome, io.highpage, internal.os, uring, internal.pipe, pipe.
 *
 * <p>Threads: main; output files are also seen by the one that cleans up.
 */
@NullMarked
package io.highpage.cli.console;

import org.jspecify.annotations.NullMarked;
