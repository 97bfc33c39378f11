// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Hold;
import io.highpage.Residency;
import io.highpage.Terms;
import io.highpage.internal.page.PageWord;
import java.lang.foreign.MemorySegment;

/** A short-term hold. */
public final class ShortHold extends RangeHolder implements Hold {
    private final MemorySegment host;

    static final String KIND = "hold";

    /** Wraps counts and a slot that have been taken. */
    ShortHold(ManagedBuffer buffer, Terms terms, long offset, long byteSize, HolderSlot slot) {
        super(buffer, terms, offset, byteSize, arena(terms), slot);
        this.host = buffer.windowAt(offset, byteSize, arena);
    }

    @Override
    public MemorySegment segment() {
        Pieces pieces = pieces();
        if (!pieces.next() || pieces.byteSize() != byteSize) {
            throw new IllegalStateException(this + " is in several places: "
                    + buffer.residency(offset, byteSize).picture(64) + "; walk it with pieces()");
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
        buffer.unhold(offset, byteSize);
    }

    private final class Cursor implements Pieces {
        private long start;
        private long end;
        private MemorySegment base;
        private Residency residency;
        private int deviceId;
        private MemorySegment device; // of deviceId; made when a page there is met

        @Override
        public boolean next() {
            start = end;
            if (start == byteSize) {
                return false;
            }
            long page = buffer.firstPage(offset + start);
            long word = buffer.word(page);
            end = Math.min(
                    byteSize, buffer.runEnd(page, buffer.endPage(offset, byteSize)) * buffer.pageBytes() - offset);
            residency = PageWord.residency(word);
            if (residency == Residency.LOST) {
                throw buffer.lostInUse(page, word);
            }
            base = residency == Residency.HOST ? host : onDevice(PageWord.device(word));
            return true;
        }

        /** Pages of one hold are rarely on two devices; then the base changes from piece to piece. */
        private MemorySegment onDevice(int id) {
            if (deviceId != id) {
                device = scoped(
                        buffer.pages().deviceWindow(id).memory().asSlice(ShortHold.this.offset, byteSize), arena);
                deviceId = id;
            }
            return device;
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

        @Override
        public MemorySegment base() {
            return base;
        }

        @Override
        public long baseOffset() {
            return start;
        }
    }
}
