// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.vectors;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.cl_mem;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The same search without Highpage: rows in Java's direct buffers, copied to {@code cl_mem}s. */
final class ByHand implements Figure.Way {
    /** What is copied before a batch. */
    enum Copies {
        /** All rows: the plain way. */
        ALL,
        /** What is not there yet: as little as can be. Needs room for everything. */
        APPENDED,
        /** All rows, a span at a time, where there is no room for more. */
        STREAMED
    }

    private final OpenClMachine machine;
    private final OpenClMachine.ClKernel kernel;
    private final Copies copies;
    private final int dimensions;
    private final int spanRows;
    private final int k;
    private final cl_mem queries;
    private final cl_mem hits;
    private final List<ByteBuffer> spans = new ArrayList<>();
    private final List<cl_mem> memories = new ArrayList<>();
    private int rows;
    private int copied;
    private long bytesMoved;

    ByHand(
            OpenClMachine machine,
            Copies copies,
            int dimensions,
            int spanRows,
            int k,
            int queriesMost) {
        this.machine = machine;
        this.copies = copies;
        this.dimensions = dimensions;
        this.spanRows = spanRows;
        this.k = k;
        kernel = machine.kernel(dimensions, k);
        queries = memory((long) queriesMost * rowBytes());
        hits = memory((long) Machine.slices(spanRows) * queriesMost * k * 2 * Integer.BYTES);
    }

    private cl_mem memory(long bytes) {
        return CL.clCreateBuffer(machine.context(), CL.CL_MEM_READ_WRITE, bytes, null, null);
    }

    @Override
    public void append(float[] row) {
        if (rows == spans.size() * spanRows) {
            spans.add(ByteBuffer.allocateDirect(spanRows * rowBytes())
                    .order(ByteOrder.nativeOrder()));
            if (copies != Copies.STREAMED || memories.isEmpty()) {
                memories.add(memory((long) spanRows * rowBytes()));
            }
        }
        spans.getLast().asFloatBuffer().put(rows % spanRows * dimensions, row);
        rows++;
    }

    @Override
    public List<List<Hit>> nearest(float[][] batch) {
        Nearest nearest = new Nearest(batch.length, k);
        float[] asked = Search.flat(batch, dimensions);
        write(queries, 0, asked.length * Float.BYTES, Pointer.to(asked));
        int[] found = new int[Machine.slices(spanRows) * batch.length * k * 2];
        for (int span = 0; span < spans.size(); span++) {
            int first = span * spanRows;
            int count = Math.min(spanRows, rows - first);
            kernel.start(copied(span, first, count), count, queries, batch.length, hits);
            int ints = Machine.slices(count) * batch.length * k * 2;
            read(ints, found);
            nearest.addAll(found, ints, first, batch.length);
        }
        copied = rows;
        return nearest.hits();
    }

    /** {@return a span's rows on the device} */
    private cl_mem copied(int span, int first, int count) {
        cl_mem memory = memories.get(copies == Copies.STREAMED ? 0 : span);
        int from = copies == Copies.APPENDED ? Math.clamp(copied - first, 0, count) : 0;
        if (from < count) {
            ByteBuffer part = spans.get(span).slice(from * rowBytes(), (count - from) * rowBytes());
            write(memory, from * rowBytes(), part.capacity(), Pointer.to(part));
        }
        return memory;
    }

    private void read(int ints, int[] found) {
        long bytes = (long) ints * Integer.BYTES;
        CL.clEnqueueReadBuffer(
                machine.queue(), hits, true, 0, bytes, Pointer.to(found), 0, null, null);
        bytesMoved += bytes;
    }

    private void write(cl_mem memory, int offset, int bytes, Pointer from) {
        CL.clEnqueueWriteBuffer(machine.queue(), memory, true, offset, bytes, from, 0, null, null);
        bytesMoved += bytes;
    }

    private int rowBytes() {
        return dimensions * Float.BYTES;
    }

    @Override
    public long bytesMoved() {
        return bytesMoved;
    }

    @Override
    public void close() {
        memories.forEach(CL::clReleaseMemObject);
        CL.clReleaseMemObject(hits);
        CL.clReleaseMemObject(queries);
        kernel.close();
    }
}
