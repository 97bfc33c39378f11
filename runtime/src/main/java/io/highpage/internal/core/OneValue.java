// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.PageRange;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** One value of a range by its layout, by way of a cell of its own. */
public final class OneValue {
    private OneValue() {}

    /** {@return a cell that has the value} */
    public static MemorySegment read(PageRange range, long offset, ValueLayout layout) {
        MemorySegment cell = cell(range, offset, layout);
        range.read(offset, cell);
        return cell;
    }

    /** {@return a cell for the value, which lies in the range and is aligned there} */
    public static MemorySegment cell(PageRange range, long offset, ValueLayout layout) {
        Objects.requireNonNull(layout, "layout");
        long inBuffer = range.range(offset, layout.byteSize()).offset();
        if (inBuffer % layout.byteAlignment() != 0) {
            throw new IllegalArgumentException("offset=" + offset + " of " + range + " is byte "
                    + inBuffer + " of the buffer, which is no multiple of " + layout.byteAlignment()
                    + ", the alignment of " + layout
                    + ": take one without, such as ValueLayout.JAVA_INT_UNALIGNED");
        }
        return MemorySegment.ofArray(new long[1]).asSlice(0, layout.byteSize());
    }

    /**
     * {@return the layout of the value in a cell, which may be aligned to less than in the buffer}
     */
    @SuppressWarnings("unchecked") // what it gives is of the same kind
    public static <L extends ValueLayout> L inCell(L layout) {
        return layout.byteAlignment() <= Long.BYTES
                ? layout // the same: it keeps how it is read
                : (L) layout.withByteAlignment(Long.BYTES);
    }
}
