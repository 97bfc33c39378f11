// SPDX-License-Identifier: Apache-2.0

/**
 * The classes behind the types of {@code outcome}, which only the runtime makes.
 *
 * <p>Uses: internal.log, outcome.
 *
 * <p>Threads: any; what is handed out does not change.
 */
@NullMarked
package io.highpage.internal.outcome;

import org.jspecify.annotations.NullMarked;
