// SPDX-License-Identifier: Apache-2.0
package io.highpage.management;

/**
 * What a buffer has in one place.
 *
 * @param name {@code home}, or the name of a device
 * @param bytes of pages that are valid there
 * @param cleanBytes of those, what is valid at home and on a device
 */
public record TierState(String name, long bytes, long cleanBytes) {}
