// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.vectors;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** The nearest rows seen so far, for each query of a batch. Confined to one thread. */
final class Nearest {
    private final int most;
    private final List<TreeSet<Hit>> hits = new ArrayList<>();

    Nearest(int queries, int most) {
        this.most = most;
        for (int query = 0; query < queries; query++) {
            hits.add(new TreeSet<>());
        }
    }

    void add(int query, Hit hit) {
        TreeSet<Hit> found = hits.get(query);
        if (found.size() < most) {
            found.add(hit);
        } else if (hit.compareTo(found.last()) < 0) {
            found.pollLast();
            found.add(hit);
        }
    }

    /**
     * Adds what a kernel found.
     *
     * @param found two ints a hit, the bits of its distance and its row, or -1 for none
     * @param ints how many of them
     * @param firstRow the row that the kernel called 0
     * @param queries how many it was asked
     */
    void addAll(int[] found, int ints, long firstRow, int queries) {
        for (int at = 0; at < ints; at += 2) {
            if (found[at + 1] >= 0) {
                float distance = Float.intBitsToFloat(found[at]);
                add(at / 2 / most % queries, new Hit(distance, firstRow + found[at + 1]));
            }
        }
    }

    List<List<Hit>> hits() {
        return hits.stream().map(List::copyOf).toList();
    }
}
