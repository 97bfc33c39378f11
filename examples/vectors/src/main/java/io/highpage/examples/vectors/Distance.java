// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.vectors;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Squares of distances, as the kernel computes them: sixteen sums, of every sixteenth square each,
 * which are then added pairwise. Subtraction, product and sum of floats are rounded correctly by
 * Java and by OpenCL (full profile), so the same order gives the same bits; only numbers too small
 * to be normal may differ, and coordinates that are multiples of 2<sup>-60</sup> never give one.
 */
final class Distance {
    private static final int LANES = 16;

    private Distance() {}

    /**
     * {@return the square of the distance of a row and a query}
     *
     * @param rows rows of floats
     * @param row which of them
     * @param queries rows of as many floats
     * @param query which of them
     * @param dimensions the floats of a row
     */
    static float squared(
            MemorySegment rows, long row, MemorySegment queries, long query, int dimensions) {
        float[] sums = new float[LANES];
        for (int part = 0; part < dimensions; part += LANES) {
            for (int lane = 0; lane < LANES; lane++) {
                int at = part + lane;
                float difference = rows.getAtIndex(ValueLayout.JAVA_FLOAT, row * dimensions + at)
                        - queries.getAtIndex(ValueLayout.JAVA_FLOAT, query * dimensions + at);
                sums[lane] += difference * difference;
            }
        }
        for (int half = LANES / 2; half > 0; half /= 2) {
            for (int lane = 0; lane < half; lane++) {
                sums[lane] += sums[lane + half];
            }
        }
        return sums[0];
    }
}
