// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.PageRange;
import io.highpage.PartialPin;
import io.highpage.Pin;
import io.highpage.PinAttempt;
import io.highpage.ResidencyMap;
import io.highpage.device.Completion;
import io.highpage.internal.async.Workers;
import io.highpage.internal.jvm.StackRoom;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.memory.PageLocks;
import io.highpage.internal.migrate.Claim;
import io.highpage.internal.migrate.Move;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.internal.telemetry.MoveEvent;
import io.highpage.internal.telemetry.Told;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.Residency;
import io.highpage.outcome.Strength;
import io.highpage.outcome.Terms;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A checked range of a buffer, with the pages that it touches: what is handed on inside in place of
 * numbers. Its operations check what else they are given, and take holders.
 */
public final class ManagedRange implements PageRange {
    private static final Terms[] DEFAULTS =
            Arrays.stream(AccessMode.values()).map(Terms.defaults()::mode).toArray(Terms[]::new);

    private final ManagedBuffer buffer;
    private final Pages pages; // the buffer's: one look less on the way to a page's word
    private final long offset;
    private final long byteSize;
    private final long firstPage;
    private final long endPage;

    /** A range that lies in the buffer; an empty one touches no page. */
    ManagedRange(ManagedBuffer buffer, long offset, long byteSize) {
        this.buffer = buffer;
        this.pages = buffer.pages();
        this.offset = offset;
        this.byteSize = byteSize;
        this.firstPage = buffer.pageAt(offset);
        this.endPage = byteSize == 0 ? firstPage : buffer.pageAt(offset + byteSize - 1) + 1;
    }

    /** {@return the default terms in a mode; makes none} */
    static Terms defaults(AccessMode mode) {
        return DEFAULTS[mode.ordinal()];
    }

    // ---- what it is ----

    @Override
    public ManagedBuffer buffer() {
        return buffer;
    }

    @Override
    public long offset() {
        return offset;
    }

    @Override
    public long byteSize() {
        return byteSize;
    }

    @Override
    public ManagedRange range(long from, long bytes) {
        buffer.checkOpen();
        if (from < 0 || bytes < 0 || bytes > byteSize - from) {
            boolean whole = byteSize == buffer.byteSize();
            throw new IndexOutOfBoundsException("offset=" + from + " byteSize=" + bytes
                    + " is not a range of " + (whole ? "buffer " + buffer.id() : this)
                    + ", which has " + byteSize + " bytes");
        }
        return new ManagedRange(buffer, offset + from, bytes);
    }

    /** {@return the byte of the buffer behind the last one} */
    long end() {
        return offset + byteSize;
    }

    /** {@return the pages of the buffer} */
    Pages pages() {
        return pages;
    }

    long firstPage() {
        return firstPage;
    }

    /** {@return the page behind the last one} */
    long endPage() {
        return endPage;
    }

    long pageCount() {
        return endPage - firstPage;
    }

    /** {@return its pages, as what can be page-locked} */
    PageLocks.Range inWindow() {
        long bytes = buffer.pageBytes();
        return new PageLocks.Range(firstPage * bytes, endPage * bytes);
    }

    boolean touches(Pages of, long page) {
        return pages == of && firstPage <= page && page < endPage;
    }

    /** {@return the part from one byte of the buffer to another} */
    ManagedRange part(long start, long stop) {
        return start == offset && stop == end()
                ? this
                : new ManagedRange(buffer, start, stop - start);
    }

    /** {@return the address of its home} */
    long address() {
        return buffer.addressAt(offset);
    }

    /** {@return its home, as a segment that ends with an arena} */
    MemorySegment home(Arena arena) {
        return buffer.windowAt(offset, byteSize, arena);
    }

    // ---- bytes ----

    @Override
    public void read(long from, MemorySegment target) {
        Objects.requireNonNull(target, "target");
        StackRoom.check();
        buffer.checkTouchable(target);
        Bytes.read(range(from, target.byteSize()), target);
    }

    @Override
    public void write(long from, MemorySegment source) {
        Objects.requireNonNull(source, "source");
        StackRoom.check();
        buffer.checkTouchable(source);
        Bytes.write(range(from, source.byteSize()), source);
    }

    @Override
    public void fill(byte value) {
        buffer.checkUsable();
        Bytes.fill(this, value);
    }

    @Override
    public void copyTo(PageRange target, long targetOffset) {
        Objects.requireNonNull(target, "target");
        buffer.checkUsable();
        Bytes.copy(this, (ManagedRange) target.range(targetOffset, byteSize));
    }

    // ---- placement ----

    @Override
    public ResidencyMap residency() {
        buffer.checkUsable();
        try {
            int count = Math.toIntExact(pageCount());
            PagePlaces places = new PagePlaces(firstPage, count, buffer.devices());
            for (int i = 0; i < count; i++) {
                long word = buffer.word(firstPage + i);
                places.put(i, residencyOf(word), PageWord.device(word));
            }
            return places;
        } catch (IllegalStateException race) {
            throw buffer.translated(race);
        }
    }

    private Residency residencyOf(long word) {
        boolean lost =
                PageWord.isOnDevice(word) && pages.device(PageWord.device(word)).isLost();
        if (lost) {
            return PageWord.isAtHome(word) ? Residency.HOST : Residency.LOST;
        }
        return PageWord.residency(word);
    }

    @Override
    public MoveReport prefetch(Device device) {
        MoveEvent event = MoveEvent.begun();
        buffer.checkUsable();
        DeviceSlot target = buffer.slot(device);
        // First those that are there: they do not leave for the others.
        pages.announce(target.id(), firstPage, endPage);
        return told(event, target, moved(() -> Move.in(pages, target.id(), firstPage, endPage)));
    }

    @Override
    public MoveReport evict() {
        MoveEvent event = MoveEvent.begun();
        buffer.checkUsable();
        return told(event, null, moved(() -> Move.home(pages, firstPage, endPage)));
    }

    @Override
    public CompletableFuture<MoveReport> prefetchAsync(Device device) {
        buffer.checkUsable();
        DeviceSlot target = buffer.slot(device);
        return buffer.begin(this, future -> new Later.Moves(this, target, future));
    }

    @Override
    public CompletableFuture<MoveReport> evictAsync() {
        buffer.checkUsable();
        return buffer.begin(this, future -> new Later.Moves(this, null, future));
    }

    private MoveReport moved(Supplier<MoveReport> move) {
        try {
            return move.get();
        } catch (IllegalStateException race) {
            throw buffer.translated(race);
        }
    }

    /**
     * {@return the report of a move on it, which did not meet the end of the buffer, after telling
     * of it}
     *
     * @param target where to; null: home
     */
    MoveReport told(@Nullable MoveEvent event, @Nullable DeviceSlot target, MoveReport report) {
        if (event != null) {
            event.runtime = buffer.runtimeName();
            event.buffer = buffer.id();
            event.operation = (target == null ? Verb.EVICT : Verb.PREFETCH).text();
            event.to = target == null ? Told.HOME : target.name();
            event.firstPage = firstPage;
            event.pages = pageCount();
            event.movedPages = report.movedPages();
            event.failed = report.failure().orElse(null);
            event.tell();
        }
        if (report.outcomes().count(PageOutcome.CLOSED) > 0) {
            throw buffer.closed();
        }
        return report;
    }

    // ---- counts ----

    /** Gives counts on its pages back. Allocates nothing. */
    void release(Verb verb) {
        Claim.release(pages, verb, firstPage, endPage);
    }

    // ---- holds ----

    @Override
    public Hold hold() {
        return hold(Terms.defaults());
    }

    @Override
    public Hold hold(Terms terms) {
        buffer.checkUsable();
        checkNotOnlyForPins(terms);
        buffer.claimUse(Verb.hold(terms.mode()), PageWord.HOME, this, terms);
        HolderSlot slot = HolderSlot.unlisted(false); // until it has one
        try {
            slot = buffer.list(ShortHold.KIND, this, terms, false);
            ShortHold hold = ShortHold.of(this, terms, slot);
            hold.opened();
            return hold;
        } catch (RuntimeException | Error failure) {
            buffer.releaseUse(Verb.hold(terms.mode()), PageWord.HOME, this);
            slot.leave();
            throw failure;
        }
    }

    private static void checkNotOnlyForPins(Terms terms) {
        Objects.requireNonNull(terms, "terms");
        if (!terms.isRegistered() || terms.strength() != Strength.RUNTIME) {
            throw new IllegalArgumentException("terms bare() and pageLocked() are for pins only");
        }
    }

    // ---- pins ----

    @Override
    public Pin pin(Terms terms) {
        Objects.requireNonNull(terms, "terms");
        buffer.checkUsable();
        return buffer.pins().take(terms, this);
    }

    @Override
    public PinAttempt tryPin(Terms terms) {
        Objects.requireNonNull(terms, "terms");
        buffer.checkUsable();
        return buffer.pins().attempt(terms, this);
    }

    @Override
    public PartialPin pinPossible(Terms terms) {
        Objects.requireNonNull(terms, "terms");
        buffer.checkUsable();
        return buffer.pins().takePossible(terms, this);
    }

    @Override
    public CompletableFuture<Pin> pinAsync(Terms terms) {
        Objects.requireNonNull(terms, "terms");
        buffer.checkUsable();
        return buffer.begin(this, future -> new Later.Pinning(this, terms, future));
    }

    // ---- device access ----

    @Override
    public DeviceAccess access(Device device, AccessMode mode) {
        return access(defaults(Objects.requireNonNull(mode, "mode")), device);
    }

    @Override
    public DeviceAccess access(Terms terms, Device device) {
        buffer.checkUsable();
        checkNotOnlyForPins(terms);
        DeviceSlot target = buffer.slot(device);
        checkInOneSpan();
        StackRoom.checkLong();
        return new AccessOpening(this, terms, target).take();
    }

    @Override
    public CompletableFuture<DeviceAccess> accessAsync(Terms terms, Device device) {
        return buffer.begin(this, accessing(terms, device));
    }

    @Override
    public CompletableFuture<DeviceAccess> accessAsync(
            Terms terms, Device device, Completion after) {
        Objects.requireNonNull(after, "after");
        Workers.Start<DeviceAccess> access;
        try {
            access = accessing(terms, device);
        } catch (Throwable refused) {
            AfterWork.leave(after);
            throw refused;
        }
        return buffer.beginAfter(after, this, access);
    }

    private Workers.Start<DeviceAccess> accessing(Terms terms, Device device) {
        buffer.checkUsable();
        checkNotOnlyForPins(terms);
        DeviceSlot target = buffer.slot(device);
        checkInOneSpan();
        return future -> new Later.Accessing(this, terms, target, future);
    }

    /** Each span has memory of its own on a device, and an access is one piece of memory. */
    private void checkInOneSpan() {
        if (endPage > pages.spanEnd(firstPage)) {
            throw new IllegalArgumentException(this + " is not in one span: spans have "
                    + buffer.spanBytes() + " bytes, and the first one of it ends at byte "
                    + pages.spanEnd(firstPage) * buffer.pageBytes()
                    + "; access it span by span, or allocate the buffer with larger spans"
                    + " (Allocation.spanBytes)");
        }
    }

    /** {@return where it starts in the window of its span; it lies in one} */
    long offsetInSpan() {
        return offset - pages.spanStart(firstPage);
    }

    @Override
    public String toString() {
        return "bytes " + offset + ".." + end() + " of buffer " + buffer.id();
    }
}
