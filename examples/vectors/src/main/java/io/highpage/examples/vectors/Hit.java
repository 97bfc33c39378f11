// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.vectors;

import java.util.Comparator;

/**
 * A row near a query. The order is by distance, and of the same distance by number: which rows are
 * the k nearest is said completely.
 *
 * @param distance the square of the distance
 * @param row the row's number
 */
public record Hit(float distance, long row) implements Comparable<Hit> {
    private static final Comparator<Hit> ORDER =
            Comparator.comparing(Hit::distance).thenComparing(Hit::row);

    @Override
    public int compareTo(Hit other) {
        return ORDER.compare(this, other);
    }
}
