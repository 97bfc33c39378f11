// SPDX-License-Identifier: Apache-2.0

/**
 * Looks into another JVM that has Highpage, through the attach API and its MXBeans.
 *
 * <p>Uses: management, cli.console.
 *
 * <p>Threads: that of the command, and one that talks with the other JVM, which may not answer.
 */
@NullMarked
package io.highpage.cli.top;

import org.jspecify.annotations.NullMarked;
