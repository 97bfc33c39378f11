// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.PartialPin;
import io.highpage.Pin;
import io.highpage.PinAttempt;
import io.highpage.device.DeviceView;
import io.highpage.internal.close.Closes;
import io.highpage.internal.close.Turn;
import io.highpage.internal.jvm.StackRoom;
import io.highpage.internal.memory.DeviceHeap.Place;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.migrate.Claim;
import io.highpage.internal.migrate.Move;
import io.highpage.internal.migrate.PageHolders;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.migrate.Seal;
import io.highpage.internal.os.HostMemory;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.watch.Watch;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PageOutcomes;
import io.highpage.outcome.Refusal;
import io.highpage.outcome.Residency;
import io.highpage.outcome.ResidencyMap;
import io.highpage.outcome.Strength;
import io.highpage.outcome.Terms;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A buffer: checks arguments, takes holders, and moves bytes. The page protocol is in
 * {@code internal.migrate}.
 */
public final class ManagedBuffer implements PageBuffer {
    private final PageRuntime runtime;
    private final long byteSize;
    private final long pageBytes;
    private final int pageShift;
    private final long windowAddress;
    private final Pages pages;
    private final PageTable table;
    private final Pins pins;
    private final BufferMemory memory;
    private final Turn closing = new Turn();
    private volatile boolean gone;

    private final PageHolders holders = new PageHolders() {
        @Override
        public boolean ownKeeps(long page) {
            return runtime.slots().ownKeeps(ManagedBuffer.this, page);
        }

        @Override
        public String named(long page) {
            return runtime.named(holder ->
                    holder.buffer() == id() && touches(holder.offset(), holder.byteSize(), page));
        }
    };

    /** Puts the parts together; {@code memory} is that of the window and the table. */
    ManagedBuffer(
            PageRuntime runtime,
            long byteSize,
            Pages pages,
            HostMemory hostMemory,
            BufferMemory memory) {
        this.runtime = runtime;
        this.byteSize = byteSize;
        this.pageBytes = pages.pageBytes();
        this.pageShift = Long.numberOfTrailingZeros(pageBytes);
        this.windowAddress = pages.window().address();
        this.pages = pages;
        this.table = pages.table();
        this.pins = new Pins(this, pages, hostMemory);
        this.memory = memory;
    }

    // ---- arguments ----

    @Override
    public long id() {
        return pages.bufferId();
    }

    @Override
    public long byteSize() {
        return byteSize;
    }

    @Override
    public long pageBytes() {
        return pageBytes;
    }

    @Override
    public long pageCount() {
        return table.pageCount();
    }

    @Override
    public boolean isOpen() {
        return !pages.isClosed();
    }

    /** {@return the pages that it consists of} */
    public Pages pages() {
        return pages;
    }

    long word(long page) {
        return table.word(page);
    }

    long firstPage(long offset) {
        return offset >>> pageShift; // a division costs as much as a compare-and-set
    }

    long endPage(long offset, long bytes) {
        return (offset + bytes - 1 >>> pageShift) + 1;
    }

    /** {@return whether a byte range touches a page} */
    boolean touches(long offset, long bytes, long page) {
        return firstPage(offset) <= page && page < endPage(offset, bytes);
    }

    private void checkOpen() {
        if (pages.isClosed()) {
            throw closed();
        }
    }

    private IllegalStateException closed() {
        return new IllegalStateException("buffer " + id() + " is closed");
    }

    /** Checks the arguments of every operation, and that nothing will end it in the middle. */
    private void check(long offset, long bytes) {
        StackRoom.check();
        checkOpen();
        if (offset < 0 || bytes <= 0 || bytes > byteSize - offset) {
            throw new IndexOutOfBoundsException("offset=" + offset + " byteSize=" + bytes
                    + " is not a range of buffer " + id() + ", which has " + byteSize + " bytes");
        }
    }

    private DeviceSlot slot(Device device) {
        Objects.requireNonNull(device, "device");
        if (!runtime.devices().contains(device)) {
            throw new IllegalArgumentException(
                    "device " + device.name() + " belongs to another runtime than buffer " + id()
                            + ", whose runtime has its own " + runtime.devices()
                            + ": take the device from device() or devices() of the runtime that"
                            + " allocated the buffer");
        }
        return (DeviceSlot) device;
    }

    /**
     * Makes what a race with {@link #close} looks like uniform: the table's memory may be gone by
     * the time it is read.
     */
    RuntimeException translated(IllegalStateException failure) {
        return pages.isClosed() ? closed() : failure;
    }

    // ---- bytes ----

    @Override
    public void read(long offset, MemorySegment target) {
        Objects.requireNonNull(target, "target");
        check(offset, target.byteSize());
        Bytes.read(this, offset, target);
    }

    @Override
    public void write(long offset, MemorySegment source) {
        Objects.requireNonNull(source, "source");
        check(offset, source.byteSize());
        Bytes.write(this, offset, source);
    }

    @Override
    public void fill(long offset, long bytes, byte value) {
        check(offset, bytes);
        Bytes.fill(this, offset, bytes, value);
    }

    @Override
    public void copyTo(long offset, PageBuffer target, long targetOffset, long bytes) {
        Objects.requireNonNull(target, "target");
        ManagedBuffer other = (ManagedBuffer) target;
        check(offset, bytes);
        other.check(targetOffset, bytes);
        Bytes.copy(this, offset, other, targetOffset, bytes);
    }

    /**
     * {@return the memory of the window that a claimed page is in; the page is at its offset in the
     * buffer}
     *
     * @throws DeviceLostException if its device went since it was claimed: its home has older bytes
     */
    MemorySegment memoryOf(long page) {
        long word = word(page);
        return switch (PageWord.state(word)) {
            case PageWord.HOST -> pages.window();
            case PageWord.DEVICE -> pages.deviceWindow(PageWord.device(word)).memory();
            default -> throw lostInUse(page, word);
        };
    }

    /** {@return the error for a page whose device went after it was claimed} */
    DeviceLostException lostInUse(long page, long word) {
        return new DeviceLostException(
                "page " + page + " of buffer " + id() + " was lost with device "
                        + pages.device(PageWord.device(word)) + " while its bytes were being used",
                null);
    }

    /**
     * {@return the first page after {@code page}, at most {@code end}, that is not in the same
     * window}
     */
    long runEnd(long page, long end) {
        long first = word(page);
        long next = page + 1;
        while (next < end && samePlace(first, word(next))) {
            next++;
        }
        return next;
    }

    /**
     * {@return the first page, at least {@code start}, from which on to {@code page} all are in the
     * same window}
     */
    long runStart(long page, long start) {
        long last = word(page);
        long first = page;
        while (first > start && samePlace(last, word(first - 1))) {
            first--;
        }
        return first;
    }

    private static boolean samePlace(long word, long other) {
        return ((word ^ other) & (PageWord.STATE_MASK | PageWord.DEVICE_MASK)) == 0;
    }

    /** {@return where a segment of the window starts in the buffer} */
    long offsetOf(MemorySegment home) {
        return home.address() - windowAddress;
    }

    /**
     * {@return the home of a byte range that has been checked, as a segment that ends with an
     * arena}
     */
    @SuppressWarnings("restricted")
    MemorySegment windowAt(long offset, long bytes, Arena arena) {
        return MemorySegment.ofAddress(windowAddress + offset)
                .reinterpret(bytes, arena, null); // a slice checks again
    }

    // ---- placement ----

    @Override
    public ResidencyMap residency() {
        return residency(0, byteSize);
    }

    @Override
    public ResidencyMap residency(long offset, long bytes) {
        check(offset, bytes);
        try {
            long first = firstPage(offset);
            byte[] places = new byte[Math.toIntExact(endPage(offset, bytes) - first)];
            for (int i = 0; i < places.length; i++) {
                places[i] = (byte) residencyOf(word(first + i)).ordinal();
            }
            return new ResidencyMap(first, places);
        } catch (IllegalStateException race) {
            throw translated(race);
        }
    }

    private Residency residencyOf(long word) {
        boolean lost = PageWord.state(word) == PageWord.DEVICE
                && pages.device(PageWord.device(word)).isLost();
        return lost ? Residency.LOST : PageWord.residency(word);
    }

    @Override
    public MoveReport prefetch(Device device) {
        return prefetch(device, 0, byteSize);
    }

    @Override
    public MoveReport prefetch(Device device, long offset, long bytes) {
        check(offset, bytes);
        DeviceSlot target = slot(device);
        return moved(() -> Move.in(pages, target, firstPage(offset), endPage(offset, bytes)));
    }

    @Override
    public MoveReport evict() {
        return evict(0, byteSize);
    }

    @Override
    public MoveReport evict(long offset, long bytes) {
        check(offset, bytes);
        return moved(() -> Move.home(pages, firstPage(offset), endPage(offset, bytes)));
    }

    private MoveReport moved(Supplier<MoveReport> move) {
        MoveReport report;
        try {
            report = move.get();
        } catch (IllegalStateException race) {
            throw translated(race);
        }
        if (report.outcomes().count(PageOutcome.CLOSED) > 0) {
            throw closed();
        }
        return report;
    }

    // ---- holds ----

    @Override
    public Hold hold() {
        return hold(0, byteSize);
    }

    @Override
    public Hold hold(long offset, long bytes) {
        return hold(Terms.defaults(), offset, bytes);
    }

    @Override
    public Hold hold(Terms terms, long offset, long bytes) {
        check(offset, bytes);
        checkNotOnlyForPins(terms);
        claim(Claim.Kind.HOLD, null, offset, bytes, terms);
        HolderSlot slot = null;
        try {
            slot = list(ShortHold.KIND, terms, offset, bytes, false);
            ShortHold hold = ShortHold.of(this, terms, offset, bytes, slot);
            hold.opened();
            return hold;
        } catch (RuntimeException | Error failure) {
            unhold(offset, bytes);
            HolderSlot.leave(slot);
            throw failure;
        }
    }

    void unhold(long offset, long bytes) {
        Claim.release(pages, Claim.Kind.HOLD, firstPage(offset), endPage(offset, bytes));
    }

    /** Claims a range for one internal operation. */
    void holdBriefly(long firstPage, long endPage) {
        try {
            Claim.take(pages, Claim.Kind.HOLD, null, firstPage, endPage, Terms.defaults(), holders);
        } catch (IllegalStateException race) {
            throw translated(race);
        }
    }

    void releaseBriefly(long firstPage, long endPage) {
        Claim.release(pages, Claim.Kind.HOLD, firstPage, endPage);
    }

    /** {@return the private device that all pages of a range seem to be on, or null} */
    DeviceSlot privateDevice(long firstPage, long endPage) {
        try {
            long word = word(firstPage);
            if (PageWord.state(word) != PageWord.DEVICE || runEnd(firstPage, endPage) != endPage) {
                return null;
            }
            DeviceSlot device = pages.device(PageWord.device(word));
            return device.isCoherent() ? null : device;
        } catch (IllegalStateException race) {
            throw translated(race);
        }
    }

    /**
     * Claims a range for one copy by the driver, if it is there and nobody accesses it.
     * {@return whether it is claimed}
     */
    boolean tryHoldForDriver(DeviceSlot device, long firstPage, long endPage) {
        try {
            return Claim.tryInPlace(pages, Claim.Kind.DRIVER_COPY, device, firstPage, endPage);
        } catch (IllegalStateException race) {
            throw translated(race);
        }
    }

    private static void checkNotOnlyForPins(Terms terms) {
        Objects.requireNonNull(terms, "terms");
        if (!terms.isRegistered() || terms.strength() != Strength.RUNTIME) {
            throw new IllegalArgumentException("terms bare() and pageLocked() are for pins only");
        }
    }

    void claim(Claim.Kind kind, DeviceSlot device, long offset, long bytes, Terms terms) {
        try {
            Claim.take(
                    pages, kind, device, firstPage(offset), endPage(offset, bytes), terms, holders);
        } catch (IllegalStateException race) {
            throw translated(race);
        }
    }

    /** {@return why the range cannot be had, or null: it is claimed} */
    Refusal tryClaim(Claim.Kind kind, DeviceSlot device, long offset, long bytes, Terms terms) {
        try {
            return Claim.tryTake(
                    pages, kind, device, firstPage(offset), endPage(offset, bytes), terms, holders);
        } catch (IllegalStateException race) {
            throw translated(race);
        }
    }

    PageOutcomes claimPossible(Claim.Kind kind, long offset, long bytes, Terms terms) {
        try {
            return Claim.takePossible(
                    pages, kind, firstPage(offset), endPage(offset, bytes), terms, holders);
        } catch (IllegalStateException race) {
            throw translated(race);
        }
    }

    /** Lists a holder whose counts have been taken. */
    HolderSlot list(String kind, Terms terms, long offset, long bytes, boolean whole) {
        return runtime.slots().take(kind, this, terms, offset, bytes, whole);
    }

    // ---- pins ----

    @Override
    public Pin pin(Terms terms) {
        return pin(terms, 0, byteSize);
    }

    @Override
    public Pin pin(Terms terms, long offset, long bytes) {
        Objects.requireNonNull(terms, "terms");
        check(offset, bytes);
        return pins.take(terms, offset, bytes);
    }

    @Override
    public PartialPin pinPossible(Terms terms, long offset, long bytes) {
        Objects.requireNonNull(terms, "terms");
        check(offset, bytes);
        return pins.takePossible(terms, offset, bytes);
    }

    Pins pins() {
        return pins;
    }

    @Override
    public PinAttempt tryPin(Terms terms) {
        return tryPin(terms, 0, byteSize);
    }

    @Override
    public PinAttempt tryPin(Terms terms, long offset, long bytes) {
        Objects.requireNonNull(terms, "terms");
        check(offset, bytes);
        return pins.attempt(terms, offset, bytes);
    }

    // ---- device access ----

    @Override
    public DeviceAccess access(Device device, AccessMode mode) {
        return access(device, mode, 0, byteSize);
    }

    @Override
    public DeviceAccess access(Device device, AccessMode mode, long offset, long bytes) {
        return access(Terms.defaults(), device, mode, offset, bytes);
    }

    @Override
    public DeviceAccess access(
            Terms terms, Device device, AccessMode mode, long offset, long bytes) {
        check(offset, bytes);
        Objects.requireNonNull(mode, "mode");
        checkNotOnlyForPins(terms);
        DeviceSlot target = slot(device);
        StackRoom.checkLong();
        claim(Claim.Kind.ACCESS, target, offset, bytes, terms);
        HolderSlot slot = null;
        DeviceView view = null;
        try {
            slot = list(OpenAccess.KIND, terms, offset, bytes, false);
            Place place = pages.deviceWindow(target.id()).place();
            view = view(target, place, offset, bytes);
            OpenAccess access = OpenAccess.of(this, terms, target, mode, offset, bytes, view, slot);
            access.opened();
            return access;
        } catch (RuntimeException | Error failure) {
            Throwable failed = view == null ? failure : Closes.step(failure, view.release());
            unaccess(offset, bytes);
            HolderSlot.leave(slot);
            Closes.rethrow(failed);
            throw failure;
        }
    }

    private static DeviceView view(DeviceSlot device, Place place, long offset, long bytes) {
        try {
            return place.extent().view(place.base() + offset, bytes);
        } catch (DeviceLostException lost) {
            device.note(lost);
            throw lost;
        }
    }

    void unaccess(long offset, long bytes) {
        Claim.release(pages, Claim.Kind.ACCESS, firstPage(offset), endPage(offset, bytes));
    }

    // ---- the end ----

    @Override
    public void close() {
        runtime.close(this);
    }

    /** {@return whose turn it is to close it} */
    Turn closing() {
        return closing;
    }

    /**
     * Closes every page, so that nothing is counted or moved any more; or none of them.
     * {@return whether it did, or had been done}
     *
     * @param waits waits a little for what is moving; false if that was long enough
     */
    boolean trySeal(BooleanSupplier waits) {
        return pages.isClosed() || Seal.tryClose(pages, waits);
    }

    /** Opens every page again. */
    void unseal() {
        if (!pages.isClosed()) {
            Seal.reopen(pages);
        }
    }

    /**
     * Gives the memory of a sealed buffer back, all of it also where some of that fails; goes on
     * where it stopped.
     */
    void dispose() {
        pages.markClosed(); // before anything that may fail: sealed, it is neither open nor closed
        Watch.closed(this);
        Throwable failed = Closes.step(null, pages::close);
        failed = Closes.step(failed, () -> {
            memory.close(!pages.isWindowInUse());
            gone = pages.isOffDevices();
        });
        Closes.rethrow(failed);
    }

    /** {@return whether it is closed and has nothing any more} */
    boolean isGone() {
        return gone;
    }

    @Override
    public String toString() {
        return "buffer " + id() + " of " + byteSize + " bytes in " + pageCount() + " pages of "
                + pageBytes + (isOpen() ? "" : ", closed");
    }
}
