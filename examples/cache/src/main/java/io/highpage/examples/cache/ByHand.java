// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.cache;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.cl_mem;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The same without Highpage, as a person would write it with care: a {@code cl_mem} for each block
 * that the device has room for. The one whose block was not used for longest is taken for another,
 * and what it had is copied out if it was written.
 */
final class ByHand implements Figure.Way {
    private final OpenClMachine machine;
    private final Model model;
    private final Shape shape;
    private final Kernels<Object> kernels;
    private final int blockBytes;
    private final List<cl_mem> all = new ArrayList<>();
    private final List<Object> qkvMatrices = new ArrayList<>();
    private final List<Object> outMatrices = new ArrayList<>();
    private final cl_mem x;
    private final cl_mem normal;
    private final cl_mem qkv;
    private final cl_mem attended;
    private final cl_mem partials;
    private final List<cl_mem> free = new ArrayList<>();
    private final Map<Block, cl_mem> there = new LinkedHashMap<>(16, 0.75f, true); // by last use
    private final Map<Integer, Request> requests = new LinkedHashMap<>();
    private long bytesMoved;

    private static final class Block {
        private final ByteBuffer home;
        private boolean written; // since it came

        Block(int bytes) {
            home = ByteBuffer.allocateDirect(bytes);
        }
    }

    private static final class Request {
        private final List<Block> table = new ArrayList<>();
        private int length;
    }

    ByHand(OpenClMachine machine, Model model, int onDevice) {
        this.machine = machine;
        this.model = model;
        shape = model.shape();
        kernels = machine.kernels(shape);
        blockBytes = (int) Shape.bytes(shape.blockFloats());
        for (int layer = 0; layer < shape.layers(); layer++) {
            qkvMatrices.add(written(model.qkv(layer)));
            outMatrices.add(written(model.out(layer)));
        }
        x = memory(Shape.bytes(shape.width()));
        normal = memory(Shape.bytes(shape.width()));
        qkv = memory(Shape.bytes(3L * shape.width()));
        attended = memory(Shape.bytes(shape.width()));
        partials = memory(Shape.bytes(shape.blocksMost() * shape.partialFloats()));
        for (int slot = 0; slot < onDevice; slot++) {
            free.add(memory(blockBytes));
        }
    }

    private cl_mem memory(long bytes) {
        cl_mem memory =
                CL.clCreateBuffer(machine.context(), CL.CL_MEM_READ_WRITE, bytes, null, null);
        all.add(memory);
        return memory;
    }

    private cl_mem written(float[] floats) {
        cl_mem memory = memory(Shape.bytes(floats.length));
        write(memory, Shape.bytes(floats.length), Pointer.to(floats));
        return memory;
    }

    @Override
    public float[] decode(int number, int token) throws InterruptedException {
        Request request = requests.computeIfAbsent(number, any -> new Request());
        if (request.length == request.table.size() * shape.blockTokens()) {
            request.table.add(new Block(blockBytes));
        }
        float[] in = model.embed(token, request.length);
        write(x, Shape.bytes(in.length), Pointer.to(in));
        List<Object> blocks = new ArrayList<>();
        for (Block block : request.table) {
            blocks.add(onDevice(block, request.table));
        }
        request.table.getLast().written = true;
        Kernels.Memory<Object> memory = new Kernels.Memory<>(
                new Kernels.Token<>(x, normal, qkv, attended, partials),
                qkvMatrices,
                outMatrices,
                blocks);
        Kernels.run(kernels, shape, memory, request.length);
        request.length++;
        CL.clEnqueueReadBuffer(
                machine.queue(), x, true, 0, Shape.bytes(in.length), Pointer.to(in), 0, null, null);
        return in;
    }

    private cl_mem onDevice(Block block, List<Block> needed) {
        cl_mem slot = there.get(block);
        if (slot == null) {
            slot = free.isEmpty() ? takeFrom(needed) : free.removeLast();
            write(slot, blockBytes, Pointer.to(block.home));
            bytesMoved += blockBytes;
            there.put(block, slot);
        }
        return slot;
    }

    private cl_mem takeFrom(List<Block> needed) {
        Block oldest = there.keySet().stream()
                .filter(block -> !needed.contains(block))
                .findFirst()
                .orElseThrow();
        cl_mem slot = there.remove(oldest);
        if (oldest.written) {
            CL.clEnqueueReadBuffer(
                    machine.queue(),
                    slot,
                    true,
                    0,
                    blockBytes,
                    Pointer.to(oldest.home),
                    0,
                    null,
                    null);
            bytesMoved += blockBytes;
            oldest.written = false;
        }
        return slot;
    }

    private void write(cl_mem memory, long bytes, Pointer from) {
        CL.clEnqueueWriteBuffer(machine.queue(), memory, true, 0, bytes, from, 0, null, null);
    }

    @Override
    public long bytesMoved() {
        return bytesMoved;
    }

    @Override
    public void close() {
        all.forEach(CL::clReleaseMemObject);
        kernels.close();
    }
}
