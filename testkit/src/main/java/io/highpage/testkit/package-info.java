// SPDX-License-Identifier: Apache-2.0

/**
 * What tests of several modules share: other JVMs.
 *
 * <p>Uses: nothing.
 *
 * <p>Threads: a test's own.
 */
package io.highpage.testkit;
