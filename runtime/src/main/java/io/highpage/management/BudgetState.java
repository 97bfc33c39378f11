// SPDX-License-Identifier: Apache-2.0
package io.highpage.management;

/**
 * What a budget may take of one memory, and has taken.
 *
 * @param name its name behind those of the budgets that it is in, such as {@code runtime/cache}
 * @param memory {@code host memory}, or the name of a device
 * @param usedBytes what is taken
 * @param limitBytes the most that may be; {@link Long#MAX_VALUE} where nothing limits it
 */
public record BudgetState(String name, String memory, long usedBytes, long limitBytes) {}
