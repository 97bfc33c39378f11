// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** Sums by key, of as many keys as fit; all others are one. */
final class Groups<K, V> {
    /** Of programs that make names without end. */
    private static final int KEYS_MAX = 5_000;

    private final Map<K, V> sums = new HashMap<>();
    private final Supplier<V> none;
    private final K others;

    Groups(K others, Supplier<V> none) {
        this.others = others;
        this.none = none;
    }

    /** {@return the sum of a key} */
    V of(K key) {
        V known = sums.get(key);
        if (known == null) {
            known = sums.computeIfAbsent(sums.size() < KEYS_MAX ? key : others, any -> none.get());
        }
        return known;
    }

    int size() {
        return sums.size();
    }

    /** {@return those with the most, most first} */
    List<Map.Entry<K, V>> largest(int most, ToLongFunction<V> size) {
        return sums.entrySet().stream()
                .sorted(Comparator.comparingLong(
                                (Map.Entry<K, V> each) -> size.applyAsLong(each.getValue()))
                        .reversed())
                .limit(most)
                .toList();
    }
}
