// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.ToLongFunction;

/** The longest of many, and how many there were. */
final class Longest<T> {
    private final int most;
    private final PriorityQueue<T> kept;
    private final Comparator<T> order;
    private long all;

    Longest(int most, ToLongFunction<T> length) {
        this.most = most;
        order = Comparator.comparingLong(length);
        kept = new PriorityQueue<>(order);
    }

    void add(T one) {
        all++;
        if (kept.size() < most) {
            kept.add(one);
        } else if (order.compare(one, kept.element()) > 0) {
            kept.remove();
            kept.add(one);
        }
    }

    /** {@return those that were kept, longest first} */
    List<T> kept() {
        return kept.stream().sorted(order.reversed()).toList();
    }

    /** {@return how many there were, kept or not} */
    long all() {
        return all;
    }
}
