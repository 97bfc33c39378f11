// SPDX-License-Identifier: Apache-2.0

/**
 * Races of the page protocol under jcstress, each with a weakened twin that must break.
 *
 * <p>Uses: outcome, internal.page, device, io.highpage, internal.budget, internal.os,
 * internal.copy, internal.memory, internal.migrate, internal.work, internal.async.
 *
 * <p>Threads: those of jcstress.
 */
package io.highpage.stress;
