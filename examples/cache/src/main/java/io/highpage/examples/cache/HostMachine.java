// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.cache;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.highpage.DeviceAccess;
import io.highpage.device.DeviceMemory;
import io.highpage.host.HostDevice;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.BiConsumer;

/** The built-in device, for machines without OpenCL: attention.cl in plain Java, on its memory. */
public final class HostMachine implements Machine {
    private static final long CAPACITY_BYTES = 4L << 30;

    private final HostDevice device;

    private HostMachine(HostDevice device) {
        this.device = device;
    }

    /** {@return one whose memory the CPU can touch} */
    public static HostMachine coherent() {
        return new HostMachine(HostDevice.coherent(CAPACITY_BYTES));
    }

    /** {@return one whose memory only its kernels can touch} */
    public static HostMachine privateMemory() {
        return new HostMachine(HostDevice.privateMemory(CAPACITY_BYTES));
    }

    @Override
    public DeviceMemory memory() {
        return device;
    }

    @Override
    public String description() {
        return device.description() + ", kernels in plain Java";
    }

    @Override
    @SuppressWarnings("exports") // to be handed to a decoder
    public Kernels<DeviceAccess> kernels(Shape shape) {
        return new JavaKernels(shape);
    }

    @Override
    public void close() {}

    private static float at(MemorySegment floats, long index) {
        return floats.getAtIndex(JAVA_FLOAT, index);
    }

    private static void set(MemorySegment floats, long index, double value) {
        floats.setAtIndex(JAVA_FLOAT, index, (float) value);
    }

    private final class JavaKernels implements Kernels<DeviceAccess> {
        private final Shape shape;
        private final int width;

        JavaKernels(Shape shape) {
            this.shape = shape;
            this.width = shape.width();
        }

        private void run(
                DeviceAccess from, DeviceAccess to, BiConsumer<MemorySegment, MemorySegment> does) {
            device.launch(from, in -> device.launch(to, out -> does.accept(in, out)));
        }

        @Override
        public void normalise(DeviceAccess x, DeviceAccess y) {
            run(x, y, (in, out) -> {
                float sum = 0;
                float square = 0;
                for (int i = 0; i < width; i++) {
                    sum += at(in, i);
                    square += at(in, i) * at(in, i);
                }
                float mean = sum / width;
                double scale = 1 / Math.sqrt(square / width - mean * mean + 1e-5f);
                for (int i = 0; i < width; i++) {
                    set(out, i, (at(in, i) - mean) * scale);
                }
            });
        }

        @Override
        public void project(
                DeviceAccess matrix, int rows, DeviceAccess x, DeviceAccess out, boolean add) {
            device.launch(
                    matrix,
                    weights -> run(x, out, (in, result) -> {
                        for (int row = 0; row < rows; row++) {
                            float sum = add ? at(result, row) : 0;
                            for (int i = 0; i < width; i++) {
                                sum += at(weights, (long) row * width + i) * at(in, i);
                            }
                            set(result, row, sum);
                        }
                    }));
        }

        private long keys(int layer) {
            return 2L * layer * shape.blockTokens() * width;
        }

        private long values(int layer) {
            return keys(layer) + (long) shape.blockTokens() * width;
        }

        @Override
        public void store(DeviceAccess qkv, DeviceAccess block, int layer, int place) {
            run(qkv, block, (in, out) -> {
                for (int i = 0; i < width; i++) {
                    set(out, keys(layer) + place * width + i, at(in, width + i));
                    set(out, values(layer) + place * width + i, at(in, 2 * width + i));
                }
            });
        }

        @Override
        public void attend(
                DeviceAccess qkv,
                DeviceAccess block,
                int layer,
                int tokens,
                DeviceAccess partials,
                int number) {
            device.launch(
                    block,
                    cached -> run(qkv, partials, (in, out) -> {
                        for (int head = 0; head < shape.heads(); head++) {
                            double[] scores = scores(in, cached, layer, tokens, head);
                            weigh(scores, cached, layer, head, out, partial(number, head));
                        }
                    }));
        }

        private double[] scores(
                MemorySegment qkv, MemorySegment block, int layer, int tokens, int head) {
            int first = head * shape.headFloats();
            double[] scores = new double[tokens];
            for (int token = 0; token < tokens; token++) {
                for (int i = first; i < first + shape.headFloats(); i++) {
                    scores[token] += at(qkv, i) * at(block, keys(layer) + token * width + i);
                }
                scores[token] /= Math.sqrt(shape.headFloats());
            }
            return scores;
        }

        private void weigh(
                double[] scores,
                MemorySegment block,
                int layer,
                int head,
                MemorySegment partials,
                long partial) {
            double largest = Arrays.stream(scores).max().orElseThrow();
            double[] sums = new double[shape.headFloats()];
            double weights = 0;
            for (int token = 0; token < scores.length; token++) {
                double weight = Math.exp(scores[token] - largest);
                weights += weight;
                long value = values(layer) + token * width + head * shape.headFloats();
                for (int i = 0; i < sums.length; i++) {
                    sums[i] += weight * at(block, value + i);
                }
            }
            set(partials, partial, largest);
            set(partials, partial + 1, weights);
            for (int i = 0; i < sums.length; i++) {
                set(partials, partial + 2 + i, sums[i]);
            }
        }

        private long partial(int number, int head) {
            return ((long) number * shape.heads() + head) * (shape.headFloats() + 2);
        }

        @Override
        public void combine(DeviceAccess partials, int blocks, DeviceAccess out) {
            run(partials, out, (in, result) -> {
                for (int i = 0; i < width; i++) {
                    int head = i / shape.headFloats();
                    float largest = Float.NEGATIVE_INFINITY;
                    for (int block = 0; block < blocks; block++) {
                        largest = Math.max(largest, at(in, partial(block, head)));
                    }
                    double weights = 0;
                    double sum = 0;
                    for (int block = 0; block < blocks; block++) {
                        long partial = partial(block, head);
                        double scale = Math.exp(at(in, partial) - largest);
                        weights += scale * at(in, partial + 1);
                        sum += scale * at(in, partial + 2 + i % shape.headFloats());
                    }
                    set(result, i, sum / weights);
                }
            });
        }

        @Override
        public void close() {}
    }
}
