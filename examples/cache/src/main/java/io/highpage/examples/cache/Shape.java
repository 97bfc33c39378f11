// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.cache;

/**
 * The sizes of a model and of the blocks of its cache.
 *
 * @param layers its layers
 * @param heads the heads of attention of a layer
 * @param headFloats the floats of a head; all heads together are a multiple of 16
 * @param blockTokens the tokens of a block
 * @param blocksMost the most blocks of a request
 */
public record Shape(int layers, int heads, int headFloats, int blockTokens, int blocksMost) {
    /**
     * GPT-2 small: 12 layers of 12 heads of 64 floats, 1024 tokens at most. A block has 28 tokens,
     * which is what fits into 2 MiB.
     */
    public static final Shape GPT2_SMALL = new Shape(12, 12, 64, 28, 37);

    /** The tokens that there are. They mean nothing here, so there are few. */
    static final int VOCABULARY = 256;

    /** {@return the floats of a token in a layer} */
    int width() {
        return heads * headFloats;
    }

    /** {@return the bytes of so many floats} */
    static long bytes(long floats) {
        return floats * Float.BYTES;
    }

    /** {@return the floats of a block: a key and a value for each token and layer} */
    long blockFloats() {
        return 2L * layers * blockTokens * width();
    }

    /** {@return the floats that a block says for one query} */
    long partialFloats() {
        return (long) heads * (headFloats + 2);
    }

    /** {@return the floats of the matrix that makes query, key and value of a layer} */
    long qkvFloats() {
        return 3L * width() * width();
    }

    /** {@return the floats of the matrix behind the attention of a layer} */
    long outFloats() {
        return (long) width() * width();
    }
}
