// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.copy;

import io.highpage.internal.work.SharedWork;

import java.lang.foreign.MemorySegment;

/** Copies in pure Java: what is used where the native library is missing. */
public final class JavaCopier implements RunCopier {
    public static final JavaCopier INSTANCE = new JavaCopier();

    /**
     * A copy polls no safepoint: one of 1 GiB would stall the whole JVM for 50 ms, one of 4 MiB for
     * some 0.4 ms. From 2.5 MiB on the JDK's own copy goes past the caches, a third faster; so no
     * less.
     */
    private static final long PIECE_BYTES = 4L << 20;

    private JavaCopier() {}

    @Override
    public long pieceBytes() {
        return PIECE_BYTES;
    }

    @Override
    public void copy(MemorySegment source, MemorySegment target, RunList runs, long totalBytes) {
        forEachPiece(
                runs, (offset, bytes) -> MemorySegment.copy(source, offset, target, offset, bytes));
    }

    @Override
    public void zero(MemorySegment target, RunList runs) {
        forEachPiece(runs, (offset, bytes) -> target.asSlice(offset, bytes).fill((byte) 0));
    }

    private static void forEachPiece(RunList runs, SharedWork.Part use) {
        for (int run = 0; run < runs.count(); run++) {
            long end = runs.offset(run) + runs.bytes(run);
            for (long offset = runs.offset(run); offset < end; ) {
                long bytes = Math.min(PIECE_BYTES, end - offset);
                use.use(offset, bytes);
                // Not the constant: a loop of constant steps polls once in a thousand rounds.
                offset += bytes;
            }
        }
    }
}
