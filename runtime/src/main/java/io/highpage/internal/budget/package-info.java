// SPDX-License-Identifier: Apache-2.0

/**
 * How many bytes of each tier somebody may take: a tree of budgets, and an account of each buffer
 * in one of them. And who leaves when a tier is full: the uses of spans, and the policy that
 * chooses among them.
 *
 * <p>Uses: outcome, io.highpage.
 *
 * <p>Threads: any, at the same time; waits for nobody.
 */
@NullMarked
package io.highpage.internal.budget;

import org.jspecify.annotations.NullMarked;
