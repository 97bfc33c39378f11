// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.cache;

import java.util.SplittableRandom;

/**
 * The weights of a model, random and the same for a seed. What a layer does: {@code x += out *
 * attention(qkv * normalised(x))}. The other half of a layer, which has nothing to do with the
 * cache, is left out.
 */
final class Model {
    private final Shape shape;
    private final float[][] qkv;
    private final float[][] out;
    private final float[] tokens;
    private final float[] positions;

    Model(Shape shape, long seed) {
        this.shape = shape;
        SplittableRandom random = new SplittableRandom(seed);
        qkv = new float[shape.layers()][];
        out = new float[shape.layers()][];
        double size = Math.sqrt(3.0 / shape.width()); // what is projected stays as large as it was
        for (int layer = 0; layer < shape.layers(); layer++) {
            qkv[layer] = random(random, shape.qkvFloats(), size);
            out[layer] = random(random, shape.outFloats(), size);
        }
        tokens = random(random, (long) Shape.VOCABULARY * shape.width(), 1);
        positions = random(
                random, (long) shape.blocksMost() * shape.blockTokens() * shape.width(), 0.5);
    }

    private static float[] random(SplittableRandom random, long count, double size) {
        float[] all = new float[Math.toIntExact(count)];
        for (int i = 0; i < all.length; i++) {
            all[i] = (float) ((2 * random.nextDouble() - 1) * size);
        }
        return all;
    }

    Shape shape() {
        return shape;
    }

    /** {@return a row of {@code width} floats for query, key and value each} */
    float[] qkv(int layer) {
        return qkv[layer];
    }

    float[] out(int layer) {
        return out[layer];
    }

    /** {@return what goes into the first layer} */
    float[] embed(int token, int position) {
        int width = shape.width();
        float[] x = new float[width];
        for (int i = 0; i < width; i++) {
            x[i] = tokens[token * width + i] + positions[position * width + i];
        }
        return x;
    }

    /** {@return the token that is most like what comes out of the last layer} */
    int next(float[] x) {
        int best = 0;
        float most = Float.NEGATIVE_INFINITY;
        for (int token = 0; token < Shape.VOCABULARY; token++) {
            float like = 0;
            for (int i = 0; i < x.length; i++) {
                like += x[i] * tokens[token * x.length + i];
            }
            if (like > most) {
                most = like;
                best = token;
            }
        }
        return best;
    }
}
