// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.copy;

import io.highpage.internal.work.SharedWork;
import io.highpage.internal.work.Sharing;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * Lets several threads share one large copy: one core alone does not reach the limit of the memory.
 * Thread-safe.
 *
 * @param threads how many share it at most, the caller included, at least 1: with 1 the caller
 *     copies alone
 */
public record SharedCopy(int threads) {
    private static final long FILL_BYTES = 1L << 20;

    /**
     * What Java copies in pieces that it does not take past the caches, since all of it fits there.
     */
    private static final long CACHED_BYTES = 8L << 20;

    private static final long CACHED_PIECE_BYTES = 1L << 20;

    private static final Sharing RUNS = new Sharing();
    private static final Sharing ZEROS = new Sharing();
    private static final Sharing COPIES = new Sharing();
    private static final Sharing FILLS = new Sharing();

    /**
     * Asked whether it could use a segment: no confined one, whose owner it is not. Never started.
     * Null: not made yet.
     */
    private static volatile @Nullable Thread anyThread;

    /** By as many as the list says, as {@link #zero} too. */
    static void copy(RunCopier copier, MemorySegment source, MemorySegment target, RunList runs) {
        long totalBytes = runs.totalBytes();
        if (isShareable(copier, runs, target) && isShared(source)) {
            forEachPart(RUNS, copier, runs, part -> copier.copy(source, target, part, totalBytes));
        } else {
            copier.copy(source, target, runs, totalBytes);
        }
    }

    static void zero(RunCopier copier, MemorySegment target, RunList runs) {
        if (isShareable(copier, runs, target)) {
            forEachPart(ZEROS, copier, runs, part -> copier.zero(target, part));
        } else {
            copier.zero(target, runs);
        }
    }

    /**
     * As {@link MemorySegment#copy(MemorySegment, long, MemorySegment, long, long)}, for any
     * segments and ranges. Only Java's own copy will do: nobody can tell whether memory that the
     * library did not make is a file that another process cuts, or is there at all. Java then
     * throws an {@code InternalError}; native code would end the process.
     */
    public void copy(
            MemorySegment source,
            long offset,
            MemorySegment target,
            long targetOffset,
            long byteSize) {
        long pieceBytes =
                byteSize < CACHED_BYTES ? CACHED_PIECE_BYTES : JavaCopier.INSTANCE.pieceBytes();
        if (byteSize < 2 * pieceBytes
                || threads == 1
                || !isShared(source)
                || !isShared(target)
                || overlap(source.address() + offset, target.address() + targetOffset, byteSize)) {
            MemorySegment.copy(source, offset, target, targetOffset, byteSize);
            return;
        }
        COPIES.forEachPart(
                threads,
                byteSize,
                pieceBytes,
                (done, bytes) -> MemorySegment.copy(
                        source, offset + done, target, targetOffset + done, bytes));
    }

    /**
     * As {@link #copy}, with the fastest means: both are windows of buffers, which nobody can take
     * away or cut.
     */
    public void copyWindows(
            MemorySegment source,
            long offset,
            MemorySegment target,
            long targetOffset,
            long byteSize) {
        copyWindows(source, offset, target, targetOffset, byteSize, byteSize);
    }

    /**
     * As {@link #copyWindows(MemorySegment, long, MemorySegment, long, long)}, a part of a copy.
     *
     * @param totalBytes length of the whole copy: a large one had better go past the caches
     */
    public void copyWindows(
            MemorySegment source,
            long offset,
            MemorySegment target,
            long targetOffset,
            long byteSize,
            long totalBytes) {
        RunCopier copier = RunCopier.fastest(source, target);
        if (byteSize < 2 * copier.pieceBytes()
                || overlap(source.address() + offset, target.address() + targetOffset, byteSize)) {
            MemorySegment.copy(source, offset, target, targetOffset, byteSize);
            return;
        }
        MemorySegment from = source.asSlice(offset, byteSize);
        MemorySegment to = target.asSlice(targetOffset, byteSize);
        SharedWork.Part part = (done, bytes) -> {
            try (Arena arena = Arena.ofConfined()) {
                copier.copy(
                        from.asSlice(done),
                        to.asSlice(done),
                        RunList.one(arena, 0, bytes),
                        totalBytes);
            }
        };
        if (isShared(from) && isShared(to)) {
            RUNS.forEachPart(
                    threads, byteSize, copier.pieceBytes(), part, () -> part.use(0, byteSize));
        } else {
            part.use(0, byteSize);
        }
    }

    /**
     * {@return whether every thread may use a segment; where that cannot be found out, the caller
     * works alone}
     */
    private static boolean isShared(MemorySegment segment) {
        Thread any = anyThread;
        if (any == null) {
            try {
                any = makeThread();
            } catch (OutOfMemoryError none) {
                return false;
            }
            anyThread = any;
        }
        return segment.isAccessibleBy(any);
    }

    /**
     * It lives as long as the library, so it must not keep anything of the program whose thread
     * happens to come first.
     */
    private static Thread makeThread() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        return Thread.ofPlatform()
                .group(group)
                .inheritInheritableThreadLocals(false)
                .unstarted(() -> {});
    }

    /** Parts of an overlapping copy would overwrite each other's source. */
    private static boolean overlap(long address, long other, long byteSize) {
        return Math.abs(address - other) < byteSize;
    }

    /** As {@link MemorySegment#fill}, for a range of any segment. */
    public void fill(MemorySegment target, long offset, long byteSize, byte value) {
        if (byteSize < 2 * FILL_BYTES || threads == 1 || !isShared(target)) {
            target.asSlice(offset, byteSize).fill(value);
            return;
        }
        FILLS.forEachPart(
                threads,
                byteSize,
                FILL_BYTES,
                (done, bytes) -> target.asSlice(offset + done, bytes).fill(value));
    }

    private static boolean isShareable(RunCopier copier, RunList runs, MemorySegment target) {
        return runs.totalBytes() >= 2 * copier.pieceBytes()
                && runs.threads() > 1
                && isShared(runs.segment())
                && isShared(target);
    }

    private static void forEachPart(
            Sharing kind, RunCopier copier, RunList runs, Consumer<RunList> use) {
        SharedWork.Part part = (from, bytes) -> {
            try (Arena arena = Arena.ofConfined()) {
                use.accept(runs.part(arena, from, bytes));
            }
        };
        kind.forEachPart(
                runs.threads(),
                runs.totalBytes(),
                copier.pieceBytes(),
                part,
                () -> use.accept(runs));
    }
}
