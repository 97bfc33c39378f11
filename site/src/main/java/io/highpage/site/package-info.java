// SPDX-License-Identifier: Apache-2.0

/**
 * Makes a guide of HTML out of the documents.
 *
 * <p>Uses: nothing.
 *
 * <p>Threads: one.
 */
package io.highpage.site;
