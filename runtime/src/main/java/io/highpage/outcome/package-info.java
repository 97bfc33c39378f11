// SPDX-License-Identifier: Apache-2.0

/**
 * What operations are given and what they answer: terms, modes, reports, errors. Values and
 * enumerations, below everything.
 *
 * <p>Uses: nothing.
 *
 * <p>Threads: any.
 */
@NullMarked
package io.highpage.outcome;

import org.jspecify.annotations.NullMarked;
