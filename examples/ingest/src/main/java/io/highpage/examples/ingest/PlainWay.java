// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_mem;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The job as programs do it without Highpage: read into a direct buffer, enqueue a write to the
 * device, kernels, enqueue a read, write. With two pieces at a time, the device works on one while
 * the next one is read.
 */
final class PlainWay {
    private static final int RECORDS = Pipeline.PIECE / Records.BYTES;

    private final Path input;
    private final OpenClFilter filter;
    private final int depth;

    /** {@code depth}: how many pieces at a time. */
    PlainWay(Path input, OpenClFilter filter, int depth) {
        this.input = input;
        this.filter = filter;
        this.depth = depth;
    }

    /** {@return what was done} */
    Result run(Path output) throws IOException {
        long start = System.nanoTime();
        try (Resources resources = new Resources();
                FileChannel in = FileChannel.open(input);
                FileChannel out = FileChannel.open(output, StandardOpenOption.WRITE)) {
            List<Piece> pieces = new ArrayList<>();
            while (pieces.size() < depth) {
                pieces.add(new Piece(resources));
            }
            long records = in.size() / Records.BYTES;
            long count = Math.ceilDiv(records, RECORDS);
            long kept = 0;
            for (long next = 0; next < count + depth - 1; next++) {
                if (next < count) {
                    long left = records - next * RECORDS;
                    pieces.get((int) (next % depth))
                            .begin(in, next * Pipeline.PIECE, (int) Math.min(RECORDS, left));
                }
                long last = next - (depth - 1);
                if (last >= 0) {
                    kept += pieces.get((int) (last % depth)).end(out, kept * Records.BYTES);
                }
            }
            return new Result(records, kept, System.nanoTime() - start, "FileChannel");
        }
    }

    private final class Piece {
        private final ByteBuffer host = ByteBuffer.allocateDirect(Pipeline.PIECE);
        private final ByteBuffer total =
                ByteBuffer.allocateDirect(Integer.BYTES).order(ByteOrder.nativeOrder());
        private final cl_command_queue queue;
        private final cl_mem in;
        private final cl_mem places;
        private final cl_mem out;
        private int records;

        Piece(Resources resources) {
            queue = filter.newQueue(resources); // or a piece would wait for the next one's kernels
            in = memory(resources, Pipeline.PIECE);
            places = memory(resources, Filter.placesBytes(RECORDS));
            out = memory(resources, Pipeline.PIECE);
        }

        private cl_mem memory(Resources resources, long bytes) {
            cl_mem made =
                    CL.clCreateBuffer(filter.context(), CL.CL_MEM_READ_WRITE, bytes, null, null);
            resources.add(() -> CL.clReleaseMemObject(made));
            return made;
        }

        void begin(FileChannel from, long offset, int count) throws IOException {
            records = count;
            host.clear().limit(count * Records.BYTES);
            ChannelTransfer.readFully(from, offset, host);
            CL.clEnqueueWriteBuffer(
                    queue, in, false, 0, host.limit(), Pointer.to(host.rewind()), 0, null, null);
            filter.enqueue(queue, in, count, places, out);
            CL.clFlush(queue);
        }

        int end(FileChannel to, long offset) throws IOException {
            long last = (long) Filter.blocks(records) * Integer.BYTES;
            CL.clEnqueueReadBuffer(
                    queue, places, true, last, Sizeof.cl_int, Pointer.to(total), 0, null, null);
            int kept = total.getInt(0);
            if (kept > 0) {
                host.clear().limit(kept * Records.BYTES);
                CL.clEnqueueReadBuffer(
                        queue, out, true, 0, host.limit(), Pointer.to(host), 0, null, null);
                ChannelTransfer.writeFully(to, offset, host);
            }
            return kept;
        }
    }
}
