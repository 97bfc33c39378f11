// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.device.PageRuns;
import io.highpage.internal.copy.RunList;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Memory that only the driver may copy: its context knows the way. */
public abstract class PrivateExtent extends ClExtent {
    PrivateExtent(ClContext context, long byteSize) {
        super(context, byteSize);
    }

    /** {@return how the driver copies to this memory} */
    abstract Transfer in();

    /** {@return how the driver copies from this memory} */
    abstract Transfer out();

    @Override
    public final void copyIn(long base, MemorySegment window, PageRuns runs) {
        copy(in(), base, window, runs);
    }

    @Override
    public final void copyOut(long base, MemorySegment window, PageRuns runs) {
        copy(out(), base, window, runs);
    }

    private void copy(Transfer transfer, long base, MemorySegment window, PageRuns runs) {
        if (runs.count() > 0) {
            whileUsed(() -> context().copying().copy(context(), transfer, base, window, runs));
        }
    }

    /**
     * {@return whether a driver that maps a range leaves the memory behind it to the device: what a
     * command writes there meanwhile stays} Some map all of an allocation, and write all of it
     * back. For a probe; what is in the extent is lost.
     *
     * @param bytes half the length of the extent, a multiple of its pages
     * @param scratch as long
     */
    public final boolean mapsApart(long bytes, MemorySegment scratch) {
        try (Arena arena = Arena.ofConfined()) {
            RunList behind = RunList.one(arena, 0, bytes);
            for (Transfer transfer : List.of(in(), out())) {
                scratch.fill((byte) 1);
                copyIn(bytes, scratch, behind);
                new MappedCopying.Maps(context(), transfer, arena)
                        .during(0, bytes, memory -> zero(bytes, behind));
                copyOut(bytes, scratch, behind);
                if (scratch.asSlice(0, bytes).mismatch(MemorySegment.ofArray(new byte[(int) bytes]))
                        >= 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
