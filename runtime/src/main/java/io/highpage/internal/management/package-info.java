// SPDX-License-Identifier: Apache-2.0

/**
 * Puts runtimes into the platform's MBean server, and takes them out again. The only package that
 * names classes of the module {@code java.management}, which may be missing.
 *
 * <p>Uses: internal.log, management.
 *
 * <p>Threads: any, and the JDK's common pool a second after a first runtime was opened.
 */
@NullMarked
package io.highpage.internal.management;

import org.jspecify.annotations.NullMarked;
