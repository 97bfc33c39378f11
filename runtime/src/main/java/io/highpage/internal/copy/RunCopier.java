// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.copy;

import io.highpage.device.PageRuns;

import java.lang.foreign.MemorySegment;

/** Copies and zeroes runs of pages with the CPU. Thread-safe. */
public interface RunCopier {

    /**
     * Copies each run from its place in the source to the same place in the target.
     *
     * @param totalBytes length of the whole copy that these runs are a part of: a large one had
     *     better go past the caches
     */
    void copy(MemorySegment source, MemorySegment target, RunList runs, long totalBytes);

    /** Zeroes each run. */
    void zero(MemorySegment target, RunList runs);

    /** {@return what one thread should copy at a time, in bytes} */
    long pieceBytes();

    /** {@return the native copier if the native library is there, else the one in pure Java} */
    static RunCopier fastest() {
        try {
            return NativeCopier.INSTANCE != null ? NativeCopier.INSTANCE : JavaCopier.INSTANCE;
        } catch (LinkageError broken) { // it failed for another reason when it was first needed
            return JavaCopier.INSTANCE;
        }
    }

    /**
     * {@return the fastest one for memory of the library's or a driver's: not for files, nor what
     * may not be written}
     */
    static RunCopier fastest(MemorySegment source, MemorySegment target) {
        return isPlain(source) && isPlain(target) && !target.isReadOnly()
                ? fastest()
                : JavaCopier.INSTANCE;
    }

    private static boolean isPlain(MemorySegment segment) {
        return segment.isNative() && !segment.isMapped();
    }

    /** Checks what native code would not: that every run lies within both windows. */
    static void check(MemorySegment window, PageRuns runs) {
        for (int run = 0; run < runs.count(); run++) {
            java.util.Objects.checkFromIndexSize(
                    runs.offset(run), runs.bytes(run), window.byteSize());
        }
    }
}
