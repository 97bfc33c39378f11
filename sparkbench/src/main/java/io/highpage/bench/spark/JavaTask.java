// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A kernel over a file in plain Java. */
final class JavaTask extends FileTask {
    private static final long serialVersionUID = 1;

    /** So many bytes at a time, which stay in a core's first cache. */
    private static final int BLOCK_BYTES = 16 << 10;

    private final BenchKernel kernel;

    JavaTask(BenchKernel kernel, Path outputs) {
        super(outputs);
        this.kernel = kernel;
    }

    @Override
    void work(FileChannel in, FileChannel out) throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES).order(ByteOrder.nativeOrder());
        float[] block = new float[BLOCK_BYTES / Float.BYTES];
        while (in.read(piece) >= 0) {
            piece.flip();
            for (int at = 0; at < piece.limit(); at += BLOCK_BYTES) {
                int count = Math.min(BLOCK_BYTES, piece.limit() - at) / Float.BYTES;
                piece.slice(at, count * Float.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .asFloatBuffer()
                        .get(block, 0, count);
                kernel.inJava(block, count);
                piece.slice(at, count * Float.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .asFloatBuffer()
                        .put(block, 0, count);
            }
            while (piece.hasRemaining()) {
                out.write(piece);
            }
            piece.clear();
        }
    }
}
