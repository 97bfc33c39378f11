// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.cache;

import java.util.List;

/**
 * What runs on the device, in the order in which it is started. Confined to one thread.
 *
 * @param <M> memory on the device
 */
interface Kernels<M> extends AutoCloseable {
    void normalise(M x, M y);

    /** {@code out = matrix * x}, or {@code out += matrix * x}. */
    void project(M matrix, int rows, M x, M out, boolean add);

    /** Puts key and value of a token into a block. */
    void store(M qkv, M block, int layer, int place);

    /** The query over the first tokens of a block, whose number in the request is given. */
    void attend(M qkv, M block, int layer, int tokens, M partials, int number);

    void combine(M partials, int blocks, M out);

    @Override
    void close();

    /**
     * A token's own memory, on the device.
     *
     * @param x what goes into a layer, and what comes out of it
     * @param normal of the same size
     * @param qkv its query, key and value
     * @param attended of the size of x
     * @param partials what each block says
     * @param <M> memory on the device
     */
    record Token<M>(M x, M normal, M qkv, M attended, M partials) {}

    /**
     * All memory that a token needs, on the device.
     *
     * @param token its own
     * @param qkvMatrices of the layers
     * @param outMatrices of the layers
     * @param blocks of the request, in order; the token's place is in the last
     * @param <M> memory on the device
     */
    record Memory<M>(Token<M> token, List<M> qkvMatrices, List<M> outMatrices, List<M> blocks) {}

    /**
     * Runs a token through all layers.
     *
     * @param kernels what runs it
     * @param shape the model's
     * @param memory what it needs
     * @param position the token's, from 0
     * @throws InterruptedException if the thread is interrupted; what was started ends by itself
     */
    static <M> void run(Kernels<? super M> kernels, Shape shape, Memory<M> memory, int position)
            throws InterruptedException {
        Token<M> token = memory.token();
        for (int layer = 0; layer < shape.layers(); layer++) {
            if (Thread.interrupted()) {
                throw new InterruptedException("the request was cancelled");
            }
            M qkv = memory.qkvMatrices().get(layer);
            kernels.normalise(token.x(), token.normal());
            kernels.project(qkv, 3 * shape.width(), token.normal(), token.qkv(), false);
            attend(kernels, shape, memory, position, layer);
            M out = memory.outMatrices().get(layer);
            kernels.project(out, shape.width(), token.attended(), token.x(), true);
        }
    }

    private static <M> void attend(
            Kernels<? super M> kernels, Shape shape, Memory<M> memory, int position, int layer) {
        Token<M> token = memory.token();
        int last = position / shape.blockTokens();
        int place = position % shape.blockTokens();
        kernels.store(token.qkv(), memory.blocks().get(last), layer, place);
        for (int number = 0; number <= last; number++) {
            M block = memory.blocks().get(number);
            int tokens = number < last ? shape.blockTokens() : place + 1;
            kernels.attend(token.qkv(), block, layer, tokens, token.partials(), number);
        }
        kernels.combine(token.partials(), last + 1, token.attended());
    }
}
