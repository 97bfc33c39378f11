// SPDX-License-Identifier: Apache-2.0

/**
 * Not exported: how this project's own tests make code meet errors of the JVM itself.
 *
 * <p>Uses: nothing.
 *
 * <p>Threads: main, in a JVM of its own.
 */
package io.highpage.junit.errors;
