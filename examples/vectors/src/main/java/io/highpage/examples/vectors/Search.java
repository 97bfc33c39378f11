// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.vectors;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Terms;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;

/**
 * Searches, of one thread: a kernel, and buffers for its queries and its results. Others may
 * search, and append, at the same time.
 */
public final class Search implements AutoCloseable {
    /** Another search may have the room on the device that this one needs. */
    private static final Terms WAITING =
            Terms.defaults().owner("vectors: search").deadline(Duration.ofSeconds(30));

    private final Device device;
    private final int k;
    private final int queriesMost;
    private final Machine.Kernel kernel;
    private final PageBuffer queries;
    private final PageBuffer hits;

    /**
     * Makes a search.
     *
     * @param highpage the runtime of the machine's memory and of the vectors
     * @param machine the device
     * @param vectors what to search, for its sizes; others of the same may be searched too
     * @param k how many rows to find for a query
     * @param queriesMost the most queries of a batch
     */
    public Search(Highpage highpage, Machine machine, Vectors vectors, int k, int queriesMost) {
        this.device = highpage.device();
        this.k = k;
        this.queriesMost = queriesMost;
        kernel = machine.kernel(vectors.dimensions(), k);
        queries = highpage.allocate((long) queriesMost * vectors.dimensions() * Float.BYTES);
        hits = highpage.allocate(hitBytes(Machine.slices(vectors.spanRows()), queriesMost));
    }

    /**
     * What a search has found.
     *
     * @param rows how many rows there were when it began: it is about these and no others
     * @param hits the nearest of them, nearest first, for each query
     */
    public record Answer(long rows, List<List<Hit>> hits) {}

    /**
     * Finds the nearest rows.
     *
     * @param vectors where
     * @param batch rows that others are to be near to
     * @return the nearest ones
     * @throws InterruptedException if the thread is interrupted; nothing is kept on the device then
     */
    public Answer nearest(Vectors vectors, float[][] batch) throws InterruptedException {
        if (batch.length < 1 || batch.length > queriesMost) {
            throw new IllegalArgumentException(
                    "a batch has 1 to " + queriesMost + " queries, not " + batch.length);
        }
        Vectors.View view = vectors.view();
        float[] flat = flat(batch, vectors.dimensions());
        MemorySegment asked = MemorySegment.ofArray(flat);
        Nearest nearest = new Nearest(batch.length, k);
        queries.write(0, flat);
        try (DeviceAccess to = queries.access(WAITING.mode(AccessMode.READ), device)) {
            for (Vectors.Part part : view.parts()) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("the search was interrupted");
                }
                searchPart(part, to, batch.length, nearest);
            }
        }
        MemorySegment tail = MemorySegment.ofArray(view.tail());
        for (int query = 0; query < batch.length; query++) {
            for (int row = 0; row < view.tailRows(); row++) {
                float distance = Distance.squared(tail, row, asked, query, vectors.dimensions());
                nearest.add(query, new Hit(distance, view.sealedRows() + row));
            }
        }
        return new Answer(view.rows(), nearest.hits());
    }

    private void searchPart(Vectors.Part part, DeviceAccess to, int queryCount, Nearest nearest) {
        int slices = Machine.slices(part.rows());
        PageRange results = hits.range(0, hitBytes(slices, queryCount));
        try (DeviceAccess out = results.access(WAITING.mode(AccessMode.WRITE), device);
                DeviceAccess rows = part.range().access(WAITING.mode(AccessMode.READ), device)) {
            kernel.start(rows, part.rows(), to, queryCount, out);
        } // waits for the kernel
        int[] found = new int[slices * queryCount * k * 2];
        hits.read(0, found);
        nearest.addAll(found, found.length, part.firstRow(), queryCount);
    }

    private long hitBytes(int slices, int queryCount) {
        return (long) slices * queryCount * k * 2 * Integer.BYTES;
    }

    static float[] flat(float[][] rows, int dimensions) {
        float[] all = new float[rows.length * dimensions];
        for (int row = 0; row < rows.length; row++) {
            System.arraycopy(rows[row], 0, all, row * dimensions, dimensions);
        }
        return all;
    }

    @Override
    public void close() {
        hits.close();
        queries.close();
        kernel.close();
    }
}
