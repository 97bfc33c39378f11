// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.copy;

import io.highpage.internal.work.SharedWork;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** Lets several threads share one large copy: one core alone does not reach the limit of the memory. */
final class SharedCopy {
    /** Long enough that waking a thread for the second one, some ten microseconds, is won back. */
    static final long PART_BYTES = 1L << 20;

    /** Asked whether it could use a segment: no confined one, whose owner it is not. */
    private static final Thread ANY_THREAD = Thread.ofVirtual().unstarted(() -> {});

    private SharedCopy() {}

    static void copy(RunCopier copier, MemorySegment source, MemorySegment target, RunList runs) {
        long totalBytes = runs.totalBytes();
        if (isShareable(runs, target) && source.isAccessibleBy(ANY_THREAD)) {
            forEachPart(runs, part -> copier.copy(source, target, part, totalBytes));
        } else {
            copier.copy(source, target, runs, totalBytes);
        }
    }

    static void zero(RunCopier copier, MemorySegment target, RunList runs) {
        if (isShareable(runs, target)) {
            forEachPart(runs, part -> copier.zero(target, part));
        } else {
            copier.zero(target, runs);
        }
    }

    private static boolean isShareable(RunList runs, MemorySegment target) {
        return runs.totalBytes() >= 2 * PART_BYTES
                && SharedWork.threads() > 1
                && runs.segment().isAccessibleBy(ANY_THREAD)
                && target.isAccessibleBy(ANY_THREAD);
    }

    private static void forEachPart(RunList runs, Consumer<RunList> use) {
        int parts = Math.toIntExact((runs.totalBytes() - 1) / PART_BYTES + 1);
        SharedWork.run(parts, part -> {
            long from = part * PART_BYTES;
            try (Arena arena = Arena.ofConfined()) {
                use.accept(runs.part(arena, from, Math.min(PART_BYTES, runs.totalBytes() - from)));
            }
        });
    }
}
