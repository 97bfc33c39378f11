// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

/**
 * What was counted, or measured without JMH.
 *
 * @param name of it, such as {@code metadata.tableBytesAPage}
 * @param value how much
 * @param unit of what
 * @param note how it came about
 */
public record Quantity(String name, double value, String unit, String note) {}
