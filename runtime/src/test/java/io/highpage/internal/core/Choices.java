// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import java.util.Random;

/** Where a random run's decisions come from: a seed, or bytes that a fuzzer varies. */
abstract class Choices {
    private static final int OPERATIONS = 40;

    private int taken;

    /** {@return the decisions of a seed, the same every time} */
    static Choices ofSeed(long seed) {
        Random random = new Random(seed);
        return new Choices() {
            @Override
            int below(int bound) {
                return random.nextInt(bound);
            }

            @Override
            boolean isUsedUp() {
                return taken() >= OPERATIONS;
            }

            @Override
            public String toString() {
                return "seed " + seed;
            }
        };
    }

    /**
     * {@return decisions that are spelled out, one byte for each that has at most 256 ways, else
     * three; then zeros}
     */
    static Choices ofBytes(byte[] bytes) {
        return new Choices() {
            private int at;

            @Override
            int below(int bound) {
                int value = 0;
                for (int i = 0; i < (bound <= 256 ? 1 : 3); i++) {
                    value = value << 8 | (at < bytes.length ? bytes[at++] & 0xff : 0);
                }
                return value % bound;
            }

            @Override
            boolean isUsedUp() {
                return at >= bytes.length;
            }

            @Override
            public String toString() {
                return bytes.length + " bytes";
            }
        };
    }

    /** {@return a number from 0 to {@code bound - 1}} */
    abstract int below(int bound);

    abstract boolean isUsedUp();

    /** {@return whether the run goes on by one operation} */
    final boolean more() {
        if (isUsedUp()) {
            return false;
        }
        taken++;
        return true;
    }

    /** {@return operations so far} */
    final int taken() {
        return taken;
    }

    /** Fills an array with bytes in which no page is like another. */
    final void fill(byte[] data) {
        int next = below(1 << 16);
        for (int i = 0; i < data.length; i++) {
            next = next * 1103515245 + 12345;
            data[i] = (byte) (next >>> 16);
        }
    }
}
