// SPDX-License-Identifier: Apache-2.0

/**
 * Who leaves when a tier is full: the uses of spans, and the policy that chooses among them.
 *
 * <p>Uses: outcome, io.highpage.
 *
 * <p>Threads: any.
 */
@NullMarked
package io.highpage.internal.budget;

import org.jspecify.annotations.NullMarked;
