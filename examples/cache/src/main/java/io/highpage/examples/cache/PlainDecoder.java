// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.cache;

import java.util.ArrayList;
import java.util.List;

/** The same in plain Java, without blocks: what others are checked against. */
final class PlainDecoder {
    private final Model model;
    private final int width;
    private final List<List<float[]>> keys = new ArrayList<>();
    private final List<List<float[]>> values = new ArrayList<>();

    PlainDecoder(Model model) {
        this.model = model;
        width = model.shape().width();
        for (int layer = 0; layer < model.shape().layers(); layer++) {
            keys.add(new ArrayList<>());
            values.add(new ArrayList<>());
        }
    }

    float[] decode(int token) {
        float[] x = model.embed(token, keys.getFirst().size());
        for (int layer = 0; layer < model.shape().layers(); layer++) {
            float[] qkv = product(model.qkv(layer), normalised(x), 3 * width);
            float[] key = new float[width];
            float[] value = new float[width];
            System.arraycopy(qkv, width, key, 0, width);
            System.arraycopy(qkv, 2 * width, value, 0, width);
            keys.get(layer).add(key);
            values.get(layer).add(value);
            float[] more = product(model.out(layer), attended(qkv, layer), width);
            for (int i = 0; i < width; i++) {
                x[i] += more[i];
            }
        }
        return x;
    }

    private float[] normalised(float[] x) {
        double sum = 0;
        double square = 0;
        for (float value : x) {
            sum += value;
            square += (double) value * value;
        }
        double mean = sum / width;
        double scale = 1 / Math.sqrt(square / width - mean * mean + 1e-5);
        float[] y = new float[width];
        for (int i = 0; i < width; i++) {
            y[i] = (float) ((x[i] - mean) * scale);
        }
        return y;
    }

    private float[] product(float[] matrix, float[] x, int rows) {
        float[] y = new float[rows];
        for (int row = 0; row < rows; row++) {
            double sum = 0;
            for (int i = 0; i < width; i++) {
                sum += (double) matrix[row * width + i] * x[i];
            }
            y[row] = (float) sum;
        }
        return y;
    }

    private float[] attended(float[] query, int layer) {
        int size = model.shape().headFloats();
        float[] out = new float[width];
        for (int first = 0; first < width; first += size) {
            double[] sums = new double[size];
            double weights = 0;
            for (int token = 0; token < keys.get(layer).size(); token++) {
                double score = 0;
                for (int i = first; i < first + size; i++) {
                    score += (double) query[i] * keys.get(layer).get(token)[i];
                }
                double weight = Math.exp(score / Math.sqrt(size));
                weights += weight;
                for (int i = 0; i < size; i++) {
                    sums[i] += weight * values.get(layer).get(token)[first + i];
                }
            }
            for (int i = 0; i < size; i++) {
                out[first + i] = (float) (sums[i] / weights);
            }
        }
        return out;
    }

    /** {@return the largest difference, to the largest number of the second} */
    static double difference(float[] one, float[] other) {
        double most = 0;
        double largest = 0;
        for (int i = 0; i < one.length; i++) {
            // A comparison with not-a-number is false: it has to count as a difference.
            double apart = Math.abs(one[i] - other[i]);
            most = apart <= most ? most : apart;
            largest = Math.max(largest, Math.abs(other[i]));
        }
        return most / largest;
    }
}
