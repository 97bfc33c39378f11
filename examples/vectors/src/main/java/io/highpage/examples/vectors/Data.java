// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.vectors;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;

/** Vectors that are made, the same for a seed, and the search in plain Java. */
final class Data {
    private static final int STEPS = 1 << 20;

    private Data() {}

    /** {@return rows of coordinates from -1 to 1, in steps of 2<sup>-20</sup>} */
    static float[][] rows(long seed, int count, int dimensions) {
        SplittableRandom random = new SplittableRandom(seed);
        float[][] rows = new float[count][dimensions];
        for (float[] row : rows) {
            for (int at = 0; at < dimensions; at++) {
                row[at] = random.nextInt(-STEPS, STEPS + 1) / (float) STEPS;
            }
        }
        return rows;
    }

    /**
     * {@return the nearest of the first rows, by looking at each}
     *
     * @param rows all rows
     * @param count how many of them there are
     * @param batch the queries
     * @param k how many to find
     */
    static List<List<Hit>> nearest(float[][] rows, int count, float[][] batch, int k) {
        Nearest nearest = new Nearest(batch.length, k);
        for (int query = 0; query < batch.length; query++) {
            MemorySegment asked = MemorySegment.ofArray(batch[query]);
            for (int row = 0; row < count; row++) {
                MemorySegment found = MemorySegment.ofArray(rows[row]);
                nearest.add(
                        query,
                        new Hit(Distance.squared(found, 0, asked, 0, batch[query].length), row));
            }
        }
        return nearest.hits();
    }
}
