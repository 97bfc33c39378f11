// SPDX-License-Identifier: Apache-2.0

/**
 * How tests make code meet errors of the JVM itself.
 *
 * <p>Uses: testkit.
 *
 * <p>Threads: main, in a JVM of its own.
 */
package io.highpage.testkit.errors;
