// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import java.util.function.Function;

/**
 * A row of the table of numbers to reach.
 *
 * @param name of the row
 * @param what is compared with what
 * @param target what to reach
 * @param comparison finds the ratio in what was measured
 */
record Goal(String name, String what, Target target, Function<Figures, Comparison> comparison) {}
