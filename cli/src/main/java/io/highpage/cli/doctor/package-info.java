// SPDX-License-Identifier: Apache-2.0

/**
 * What this machine has, what it lacks, what that costs and how to get it.
 *
 * <p>Uses: internal.jvm, device, io.highpage, internal.os, uring, cli.console, cli.kernel.
 *
 * <p>Threads: main.
 */
@NullMarked
package io.highpage.cli.doctor;

import org.jspecify.annotations.NullMarked;
