// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.copy;

import io.highpage.internal.work.SharedWork;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** Lets several threads share one large copy: one core alone does not reach the limit of the memory. */
public final class SharedCopy {
    private static final long FILL_BYTES = 1L << 20;

    /** Asked whether it could use a segment: no confined one, whose owner it is not. */
    private static final Thread ANY_THREAD = Thread.ofVirtual().unstarted(() -> {});

    private SharedCopy() {}

    static void copy(RunCopier copier, MemorySegment source, MemorySegment target, RunList runs) {
        long totalBytes = runs.totalBytes();
        if (isShareable(copier, runs, target) && source.isAccessibleBy(ANY_THREAD)) {
            forEachPart(copier, runs, part -> copier.copy(source, target, part, totalBytes));
        } else {
            copier.copy(source, target, runs, totalBytes);
        }
    }

    static void zero(RunCopier copier, MemorySegment target, RunList runs) {
        if (isShareable(copier, runs, target)) {
            forEachPart(copier, runs, part -> copier.zero(target, part));
        } else {
            copier.zero(target, runs);
        }
    }

    /** As {@link MemorySegment#copy(MemorySegment, long, MemorySegment, long, long)}, for any segments and ranges. */
    public static void copy(MemorySegment source, long offset, MemorySegment target, long targetOffset, long byteSize) {
        RunCopier copier = RunCopier.fastest();
        if (byteSize < 2 * copier.pieceBytes()
                || !isPlainMemory(source)
                || !isPlainMemory(target)
                || target.isReadOnly() // which native code would not notice
                || overlap(source.address() + offset, target.address() + targetOffset, byteSize)) {
            MemorySegment.copy(source, offset, target, targetOffset, byteSize);
            return;
        }
        MemorySegment from = source.asSlice(offset, byteSize);
        MemorySegment to = target.asSlice(targetOffset, byteSize);
        SharedWork.Part part = (at, bytes) -> copyOne(copier, from.asSlice(at), to.asSlice(at), bytes, byteSize);
        if (from.isAccessibleBy(ANY_THREAD) && to.isAccessibleBy(ANY_THREAD)) {
            SharedWork.forEachPart(byteSize, copier.pieceBytes(), part);
        } else {
            part.use(0, byteSize);
        }
    }

    /** A mapped file may have been cut since: Java then throws an InternalError, native code would end the process. */
    private static boolean isPlainMemory(MemorySegment segment) {
        return segment.isNative() && !segment.isMapped();
    }

    private static void copyOne(
            RunCopier copier, MemorySegment source, MemorySegment target, long byteSize, long totalBytes) {
        try (Arena arena = Arena.ofConfined()) {
            copier.copy(source, target, RunList.one(arena, 0, byteSize), totalBytes);
        }
    }

    /** Parts of an overlapping copy would overwrite each other's source. */
    private static boolean overlap(long address, long other, long byteSize) {
        return Math.abs(address - other) < byteSize;
    }

    /** As {@link MemorySegment#fill}, for a range of any segment. */
    public static void fill(MemorySegment target, long offset, long byteSize, byte value) {
        if (byteSize < 2 * FILL_BYTES || !target.isAccessibleBy(ANY_THREAD)) {
            target.asSlice(offset, byteSize).fill(value);
            return;
        }
        SharedWork.forEachPart(
                byteSize,
                FILL_BYTES,
                (done, bytes) -> target.asSlice(offset + done, bytes).fill(value));
    }

    private static boolean isShareable(RunCopier copier, RunList runs, MemorySegment target) {
        return runs.totalBytes() >= 2 * copier.pieceBytes()
                && SharedWork.threads() > 1
                && runs.segment().isAccessibleBy(ANY_THREAD)
                && target.isAccessibleBy(ANY_THREAD);
    }

    private static void forEachPart(RunCopier copier, RunList runs, Consumer<RunList> use) {
        SharedWork.forEachPart(runs.totalBytes(), copier.pieceBytes(), (from, bytes) -> {
            try (Arena arena = Arena.ofConfined()) {
                use.accept(runs.part(arena, from, bytes));
            }
        });
    }
}
