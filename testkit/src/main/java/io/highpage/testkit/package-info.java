// SPDX-License-Identifier: Apache-2.0

/**
 * What tests of several modules share: other JVMs, control groups, words on the heap, threads that
 * wait, what comes about in the end, examples in documents.
 *
 * <p>Uses: internal.page.
 *
 * <p>Threads: a test's own.
 */
package io.highpage.testkit;
