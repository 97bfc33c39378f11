// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.vectors;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.outcome.Allocation;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Vectors of floats, one row each, that one thread appends while others search them. Thread-safe.
 *
 * <p>Rows are written into blocks. The block at the end is kept at home by the writer's long-term
 * pin, into which appending is a plain copy. When it is full the pin ends: from then on nobody
 * writes to its pages, so a kernel's reading access takes them to the device when a search needs
 * them, and they stay there until something else needs the room. Blocks lie in spans, which a
 * device holds or not one by one, and spans in buffers, of which there are as many as it takes.
 */
public final class Vectors implements AutoCloseable {
    /** The rows of a block; a block is whole pages. */
    static final int BLOCK_ROWS = 256;

    private final Highpage highpage;
    private final int dimensions;
    private final long bufferBytes;
    private final long spanBytes;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private final List<PageBuffer> buffers = new ArrayList<>();
    private long rows;
    private boolean writing;

    /**
     * Makes an empty collection.
     *
     * @param highpage whose memory it takes
     * @param dimensions the floats of a row, a multiple of 16
     * @param bufferBytes the bytes of a buffer, in whole spans
     * @param spanBytes the bytes of a span
     */
    public Vectors(Highpage highpage, int dimensions, long bufferBytes, long spanBytes) {
        if (dimensions < 16 || dimensions % 16 != 0 || bufferBytes % spanBytes != 0) {
            throw new IllegalArgumentException("dimensions=" + dimensions
                    + " has to be a multiple of 16, bufferBytes=" + bufferBytes + " of "
                    + spanBytes);
        }
        this.highpage = highpage;
        this.dimensions = dimensions;
        this.bufferBytes = bufferBytes;
        this.spanBytes = spanBytes;
    }

    /** What a search sees: the rows that there were when it began, and none of later ones. */
    record View(List<Part> parts, long sealedRows, float[] tail, int tailRows) {
        long rows() {
            return sealedRows + tailRows;
        }
    }

    /** The full blocks of a span: rows that only a kernel looks at. */
    record Part(PageRange range, long firstRow, int rows) {}

    /** {@return the floats of a row} */
    public int dimensions() {
        return dimensions;
    }

    /** {@return the most rows that a span has: the kernel's arguments are that large} */
    public int spanRows() {
        return (int) (spanBytes / blockBytes()) * BLOCK_ROWS;
    }

    /**
     * {@return the one who appends, for the calling thread only; there is one at a time}
     *
     * @throws IllegalStateException if there is one
     */
    public Writer writer() {
        lock.lock();
        try {
            if (writing) {
                throw new IllegalStateException("these vectors have a writer already");
            }
            writing = true;
            return new Writer();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Appends rows. Confined to the thread that got it: so are its pins, which closes in no time.
     */
    public final class Writer implements AutoCloseable {
        private @Nullable Pin block; // null between two blocks

        private Writer() {}

        /**
         * Appends a row; every search that begins after this sees it.
         *
         * @param vector its floats
         * @return its number, from 0
         */
        public long append(float[] vector) {
            if (vector.length != dimensions) {
                throw new IllegalArgumentException(
                        "a vector of " + vector.length + " floats, not of " + dimensions);
            }
            lock.lock();
            try {
                if (block == null) {
                    block = openBlock()
                            .pin(Pin.longTerm()
                                    .owner("vectors: writer")
                                    .deadline(Duration.ofSeconds(30)));
                }
                long inBlock = rows % BLOCK_ROWS * rowBytes();
                MemorySegment.copy(
                        vector, 0, block.segment(), ValueLayout.JAVA_FLOAT, inBlock, dimensions);
                if (++rows % BLOCK_ROWS == 0) {
                    close(block);
                }
                return rows - 1;
            } finally {
                lock.unlock();
            }
        }

        private void close(Pin pin) {
            pin.close();
            block = null;
        }

        /** Ends it; another may go on in the same block. A second call does nothing. */
        @Override
        public void close() {
            lock.lock();
            try {
                if (block != null) {
                    close(block);
                }
                writing = false;
            } finally {
                lock.unlock();
            }
        }
    }

    /** {@return the block that the next row belongs to} */
    private PageRange openBlock() {
        long span = rows / spanRows();
        if (span / spansOfBuffer() == buffers.size()) {
            buffers.add(highpage.allocate(bufferBytes, Allocation.defaults().spanBytes(spanBytes)));
        }
        return range(span, rows % spanRows() / BLOCK_ROWS * BLOCK_ROWS, BLOCK_ROWS);
    }

    private PageRange range(long span, long firstRow, int count) {
        long offset = span % spansOfBuffer() * spanBytes + firstRow * rowBytes();
        return buffers.get((int) (span / spansOfBuffer())).range(offset, count * rowBytes());
    }

    private int spansOfBuffer() {
        return (int) (bufferBytes / spanBytes);
    }

    /** {@return what is there now; the rows of the open block are copied, at most 255} */
    View view() {
        lock.lock();
        try {
            long sealed = rows / BLOCK_ROWS * BLOCK_ROWS;
            List<Part> parts = new ArrayList<>();
            for (long row = 0; row < sealed; row += spanRows()) {
                int count = (int) Math.min(spanRows(), sealed - row);
                parts.add(new Part(range(row / spanRows(), 0, count), row, count));
            }
            int open = (int) (rows - sealed);
            float[] tail = new float[open * dimensions];
            if (open > 0) {
                openBlock().read(0, tail);
            }
            return new View(parts, sealed, tail, open);
        } finally {
            lock.unlock();
        }
    }

    private long rowBytes() {
        return (long) dimensions * Float.BYTES;
    }

    private long blockBytes() {
        return BLOCK_ROWS * rowBytes();
    }

    /** Gives all memory back. No search is under way, and no writer is open. */
    @Override
    public void close() {
        buffers.forEach(PageBuffer::close);
    }
}
