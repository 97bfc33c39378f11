// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.cache;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.outcome.AccessMode;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Decodes tokens, one at a time, of one request after another. Confined to one thread.
 *
 * <p>A token opens an access to each block of its request: reading ones, but for the block that it
 * is put into. Those that had left the device come back by that. The weights are accessed each
 * time, too, so they stay.
 */
public final class Decoder implements AutoCloseable {
    private final Device device;
    private final Model model;
    private final Kernels<? super DeviceAccess> kernels;
    private final List<PageBuffer> qkvMatrices = new ArrayList<>();
    private final List<PageBuffer> outMatrices = new ArrayList<>();
    private final PageBuffer x;
    private final PageBuffer normal;
    private final PageBuffer qkv;
    private final PageBuffer attended;
    private final PageBuffer partials;

    /**
     * Makes a decoder.
     *
     * @param highpage whose memory it takes
     * @param kernels of its device; it closes them
     * @param model the weights
     */
    Decoder(Highpage highpage, Kernels<? super DeviceAccess> kernels, Model model) {
        this.device = highpage.device();
        this.model = model;
        this.kernels = kernels;
        Shape shape = model.shape();
        for (int layer = 0; layer < shape.layers(); layer++) {
            qkvMatrices.add(written(highpage, model.qkv(layer)));
            outMatrices.add(written(highpage, model.out(layer)));
        }
        x = highpage.allocate(Shape.bytes(shape.width()));
        normal = highpage.allocate(Shape.bytes(shape.width()));
        qkv = highpage.allocate(Shape.bytes(3L * shape.width()));
        attended = highpage.allocate(Shape.bytes(shape.width()));
        partials = highpage.allocate(Shape.bytes(shape.blocksMost() * shape.partialFloats()));
    }

    private static PageBuffer written(Highpage highpage, float[] floats) {
        PageBuffer buffer = highpage.allocate(Shape.bytes(floats.length));
        buffer.write(0, floats);
        return buffer;
    }

    /**
     * Decodes tokens, and then those that follow.
     *
     * @param lease the request's
     * @param prompt its tokens; those that the lease has already are not decoded again
     * @param more how many to add
     * @return the tokens that were added
     * @throws InterruptedException as {@link #decode}
     */
    public List<Integer> generate(BlockCache.Lease lease, List<Integer> prompt, int more)
            throws InterruptedException {
        if (lease.length() >= prompt.size()) {
            throw new IllegalArgumentException("the lease has " + lease.length()
                    + " tokens, the prompt " + prompt.size() + ": what follows is not known");
        }
        List<Integer> added = new ArrayList<>();
        int next = 0;
        for (int token : prompt.subList(lease.length(), prompt.size())) {
            next = model.next(decode(lease, token));
        }
        while (added.size() < more) {
            added.add(next);
            next = model.next(decode(lease, next));
        }
        return added;
    }

    /**
     * Decodes one token. If this fails, for want of room on the device, say, the lease is as it
     * was, and the token can be decoded again.
     *
     * @param lease the request's; has the token then
     * @param token the token
     * @return what comes out of the last layer
     * @throws InterruptedException if the thread is interrupted; nothing is kept on the device then
     */
    public float[] decode(BlockCache.Lease lease, int token) throws InterruptedException {
        List<PageRange> blocks = lease.withRoom();
        int position = lease.length();
        x.write(0, model.embed(token, position));
        try (Accesses on = new Accesses(device)) {
            int last = blocks.size() - 1;
            List<DeviceAccess> there = Stream.concat(
                            on.read(blocks.subList(0, last)).stream(),
                            Stream.of(on.of(blocks.get(last), AccessMode.READ_WRITE)))
                    .toList();
            Kernels.Token<DeviceAccess> own = new Kernels.Token<>(
                    on.of(x, AccessMode.READ_WRITE),
                    on.of(normal, AccessMode.READ_WRITE),
                    on.of(qkv, AccessMode.READ_WRITE),
                    on.of(attended, AccessMode.READ_WRITE),
                    on.of(partials, AccessMode.READ_WRITE));
            Kernels.Memory<DeviceAccess> memory =
                    new Kernels.Memory<>(own, on.read(qkvMatrices), on.read(outMatrices), there);
            Kernels.run(kernels, model.shape(), memory, position);
        }
        float[] out = new float[model.shape().width()];
        x.read(0, out);
        lease.decoded(token);
        return out;
    }

    @Override
    public void close() {
        Stream.of(List.of(x, normal, qkv, attended, partials), qkvMatrices, outMatrices)
                .flatMap(List::stream)
                .forEach(PageBuffer::close);
        kernels.close();
    }
}
