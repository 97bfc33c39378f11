// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Hold;
import io.highpage.internal.page.PageWord;
import io.highpage.outcome.Residency;
import io.highpage.outcome.Terms;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A short-term hold. */
public final class ShortHold extends RangeHolder implements Hold {
    static final String KIND = "hold";

    private ShortHold(
            ManagedBuffer buffer, Terms terms, Arena arena, MemorySegment home, HolderSlot slot) {
        super(buffer, terms, arena, home, slot);
    }

    /** Wraps counts and a slot that have been taken. */
    static ShortHold of(
            ManagedBuffer buffer, Terms terms, long offset, long byteSize, HolderSlot slot) {
        Arena arena = arena(terms);
        return new ShortHold(buffer, terms, arena, buffer.windowAt(offset, byteSize, arena), slot);
    }

    @Override
    public MemorySegment segment() {
        Pieces pieces = pieces();
        if (!pieces.next() || pieces.byteSize() != byteSize()) {
            throw new IllegalStateException(this + " is in several places: "
                    + buffer.residency(offset(), byteSize()).picture(64)
                    + "; walk it with pieces()");
        }
        return pieces.base();
    }

    @Override
    public Pieces pieces() {
        checkOpen();
        return new Cursor();
    }

    @Override
    String kind() {
        return KIND;
    }

    @Override
    void releasePages() {
        buffer.unhold(offset(), byteSize());
    }

    private final class Cursor implements Pieces {
        private final long offset = ShortHold.this.offset();
        private final long byteSize = ShortHold.this.byteSize();
        private long start;
        private long end;
        private MemorySegment base; // null until it is asked for
        private Residency residency;
        private int deviceId;

        @Override
        public boolean next() {
            start = end;
            if (start == byteSize) {
                return false;
            }
            long page = buffer.firstPage(offset + start);
            long word = buffer.word(page);
            end = Math.min(
                    byteSize,
                    buffer.runEnd(page, buffer.endPage(offset, byteSize)) * buffer.pageBytes()
                            - offset);
            residency = PageWord.residency(word);
            if (residency == Residency.LOST) {
                throw buffer.lostInUse(page, word);
            }
            deviceId = PageWord.device(word);
            base = null;
            return true;
        }

        @Override
        public long offset() {
            return start;
        }

        @Override
        public long byteSize() {
            return end - start;
        }

        @Override
        public Residency residency() {
            return residency;
        }

        /**
         * Not the whole range: beside the piece are old bytes, on a device those of buffers that
         * had its memory before.
         */
        @Override
        public MemorySegment base() {
            if (base == null) {
                base = residency == Residency.HOST
                        ? home.asSlice(start, byteSize())
                        : scoped(
                                buffer.pages()
                                        .deviceWindow(deviceId)
                                        .memory()
                                        .asSlice(offset + start, byteSize()),
                                arena);
            }
            return base;
        }

        @Override
        public long baseOffset() {
            return 0;
        }
    }
}
