// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Device;
import io.highpage.Hold;
import io.highpage.internal.memory.DeviceWindow;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.outcome.Residency;
import io.highpage.outcome.Terms;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A short-term hold: keeps the pages of a range where they are, at home or on a device whose memory
 * the CPU can touch, for as long as somebody uses their bytes.
 *
 * <p>Pages are counted before there is a hold, and every count keeps its page from moving. So a
 * piece, found by the page words once, is where it was found until the hold closes, and walking the
 * pieces takes no lock and asks nobody again. A page may only be lost with its device; then going
 * on to its piece fails. Segments end with the arena of the hold, before the counts are given back:
 * nobody reaches the memory of a page that may move.
 */
public final class ShortHold extends RangeHolder implements Hold {
    static final String KIND = "hold";

    private ShortHold(
            ManagedRange range,
            Terms terms,
            @Nullable Arena arena,
            @Nullable MemorySegment home,
            HolderSlot slot) {
        super(range, terms, arena, home, slot);
    }

    /** Wraps counts and a slot that have been taken. */
    static ShortHold of(ManagedRange range, Terms terms, HolderSlot slot) {
        Arena arena = arena(terms);
        return new ShortHold(range, terms, arena, home(range, arena, terms), slot);
    }

    @Override
    public MemorySegment segment() {
        Pieces pieces = pieces();
        if (byteSize() == 0) {
            return madeSegment();
        }
        if (!pieces.next() || pieces.byteSize() != byteSize()) {
            throw new IllegalStateException(this + " is in several places: "
                    + range.residency().picture(64)
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
        range.buffer().releaseUse(Verb.hold(terms.mode()), PageWord.HOME, range);
    }

    private final class Cursor implements Pieces {
        private final ManagedBuffer buffer = range.buffer();
        private long start;
        private long end;
        private @Nullable MemorySegment base; // null until it is asked for
        private Residency residency = Residency.HOST;
        private int deviceId;
        private long page; // the first one of the piece

        @Override
        public boolean next() {
            checkOpen();
            start = end;
            if (start == range.byteSize()) {
                return false;
            }
            page = buffer.pageAt(range.offset() + start);
            long word = buffer.word(page);
            if (PageWord.holds(word) == 0) {
                throw closing(); // of a hold that is open every page is counted
            }
            end = Math.min(
                    range.byteSize(),
                    buffer.held().runEnd(page, range.endPage()) * buffer.pageBytes()
                            - range.offset());
            deviceId = buffer.held().usedTier(page, word);
            residency = deviceId == PageWord.HOME ? Residency.HOST : Residency.DEVICE;
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

        @Override
        public Optional<Device> device() {
            return residency == Residency.DEVICE
                    ? Optional.of(buffer.pages().device(deviceId))
                    : Optional.empty();
        }

        /**
         * Not the whole range: beside the piece are old bytes, on a device those of buffers that
         * had its memory before.
         */
        @Override
        public MemorySegment base() {
            MemorySegment known = base;
            if (known == null) {
                known = residency == Residency.HOST
                        ? madeSegment().asSlice(start, byteSize())
                        : onDevice();
                base = known;
            }
            return known;
        }

        private MemorySegment onDevice() {
            DeviceWindow window = buffer.pages().deviceWindow(deviceId, page);
            long at = range.offset() + start - buffer.pages().start(window);
            MemorySegment piece = window.memory().asSlice(at, byteSize());
            return limited(scoped(piece, arena()), terms);
        }

        @Override
        public long baseOffset() {
            return 0;
        }
    }
}
