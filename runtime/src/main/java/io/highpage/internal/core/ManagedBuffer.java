// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.HomeRegistration;
import io.highpage.Keeper;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.PartialPin;
import io.highpage.Pin;
import io.highpage.PinAttempt;
import io.highpage.ResidencyMap;
import io.highpage.device.Completion;
import io.highpage.internal.async.OwnedFuture;
import io.highpage.internal.async.Workers;
import io.highpage.internal.budget.Account;
import io.highpage.internal.close.Closes;
import io.highpage.internal.close.Turn;
import io.highpage.internal.copy.SharedCopy;
import io.highpage.internal.jvm.StackRoom;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.migrate.CheckedUses;
import io.highpage.internal.migrate.Claim;
import io.highpage.internal.migrate.GoingBack;
import io.highpage.internal.migrate.Overwriter;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.migrate.Patience;
import io.highpage.internal.migrate.Seal;
import io.highpage.internal.outcome.RefusedPages;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.internal.telemetry.BufferAllocationEvent;
import io.highpage.internal.telemetry.BufferCloseEvent;
import io.highpage.internal.watch.Watch;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PageOutcomes;
import io.highpage.outcome.Refusal;
import io.highpage.outcome.Terms;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * A buffer: its pages, what counts and lists on them for its {@linkplain ManagedRange ranges}, and
 * its end. The page protocol is in {@code internal.migrate}.
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
    private final HeldPages held;
    private final KeptHomes homes;
    private final BufferMemory memory;
    private final ManagedRange whole;
    private final @Nullable CheckedUses checked; // null: not in the checked mode
    private final Turn closing = new Turn();
    private volatile boolean gone;

    /**
     * Hears of pins that end, if a device is preferred; else null. Plain, since every pin that ends
     * reads it: who misses a change that is under way leaves its pages at home.
     */
    private @Nullable GoingBack goingBack;

    /** Puts the parts together; {@code memory} is that of the home and the table. */
    ManagedBuffer(PageRuntime runtime, long byteSize, Pages pages, BufferMemory memory) {
        this.runtime = runtime;
        this.byteSize = byteSize;
        this.pageBytes = pages.pageBytes();
        this.pageShift = Long.numberOfTrailingZeros(pageBytes);
        this.windowAddress = pages.home().memory().address();
        this.pages = pages;
        this.table = pages.table();
        this.pins = new Pins(this, pages);
        this.held = new HeldPages(pages);
        this.homes = new KeptHomes(this, pages);
        this.memory = memory;
        this.whole = new ManagedRange(this, 0, byteSize);
        this.checked = runtime.isChecked() ? new CheckedUses(pages) : null;
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
    public long spanBytes() {
        return pages.spanBytes();
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

    /** {@return what it has taken of each tier} */
    Account account() {
        return pages.home().account();
    }

    long word(long page) {
        return table.word(page);
    }

    /** {@return the page that a byte is in} */
    long pageAt(long offset) {
        return offset >>> pageShift; // a division costs as much as a compare-and-set
    }

    void checkOpen() {
        if (pages.isClosed()) {
            throw closed();
        }
    }

    IllegalStateException closed() {
        return new IllegalStateException("buffer " + id() + " is closed");
    }

    /**
     * Checks before every operation that it is open, and that nothing will end it in the middle.
     */
    void checkUsable() {
        StackRoom.check();
        checkOpen();
    }

    /** {@return the devices of its runtime, by number from 1} */
    List<Device> devices() {
        return runtime.devices();
    }

    DeviceSlot slot(Device device) {
        return runtime.slot(device, this);
    }

    /**
     * Makes what a race with {@link #close} looks like uniform: the table's memory may be gone by
     * the time it is read. What failed stays the cause, since it may have been something else.
     */
    RuntimeException translated(IllegalStateException failure) {
        return pages.isClosed()
                ? new IllegalStateException("buffer " + id() + " is closed", failure)
                : failure;
    }

    // ---- ranges ----

    @Override
    public ManagedRange range(long offset, long bytes) {
        return whole.range(offset, bytes);
    }

    @Override
    public PageBuffer buffer() {
        return this;
    }

    @Override
    public long offset() {
        return 0;
    }

    @Override
    public void fill(byte value) {
        whole.fill(value);
    }

    @Override
    public void copyTo(PageRange target, long targetOffset) {
        whole.copyTo(target, targetOffset);
    }

    @Override
    public ResidencyMap residency() {
        return whole.residency();
    }

    @Override
    public MoveReport prefetch(Device device) {
        return whole.prefetch(device);
    }

    @Override
    public MoveReport evict() {
        return whole.evict();
    }

    @Override
    public CompletableFuture<MoveReport> prefetchAsync(Device device) {
        return whole.prefetchAsync(device);
    }

    @Override
    public CompletableFuture<MoveReport> evictAsync() {
        return whole.evictAsync();
    }

    @Override
    public void prefer(Device device) {
        DeviceSlot target = slot(device);
        checkUsable();
        GoingBack goes = goingBack;
        GoingBack next = goes != null && goes.tier() == target.id()
                ? goes
                : new GoingBack(pages, target.id());
        boolean ignored = runtime.background().ask(next); // again, if there was no thread before
        if (next != goes) {
            replaceGoingBack(next);
        }
    }

    @Override
    public void preferHome() {
        checkUsable();
        replaceGoingBack(null);
    }

    private void replaceGoingBack(@Nullable GoingBack next) {
        GoingBack before;
        synchronized (pins) { // of two that replace it each ends another one
            before = goingBack;
            goingBack = next;
        }
        if (before != null) {
            before.end();
        }
    }

    /** {@return what brings pages back to the device that is preferred; null if none is} */
    @Nullable
    GoingBack goingBack() {
        return goingBack;
    }

    @Override
    public Optional<Device> preferred() {
        GoingBack goes = goingBack;
        return goes == null ? Optional.empty() : Optional.of(pages.device(goes.tier()));
    }

    /** Hears that a pin has ended. Cannot fail. */
    void unpinned(ManagedRange range) {
        GoingBack goes = goingBack;
        if (goes != null) {
            goes.note(range.firstPage(), range.endPage());
        }
    }

    @Override
    public Hold hold() {
        return whole.hold();
    }

    @Override
    public Hold hold(Terms terms) {
        return whole.hold(terms);
    }

    @Override
    public Pin pin(Terms terms) {
        return whole.pin(terms);
    }

    @Override
    public PinAttempt tryPin(Terms terms) {
        return whole.tryPin(terms);
    }

    @Override
    public PartialPin pinPossible(Terms terms) {
        return whole.pinPossible(terms);
    }

    @Override
    public DeviceAccess access(Device device, AccessMode mode) {
        return whole.access(device, mode);
    }

    @Override
    public DeviceAccess access(Terms terms, Device device) {
        return whole.access(terms, device);
    }

    @Override
    public CompletableFuture<Pin> pinAsync(Terms terms) {
        return whole.pinAsync(terms);
    }

    @Override
    public CompletableFuture<DeviceAccess> accessAsync(Terms terms, Device device) {
        return whole.accessAsync(terms, device);
    }

    @Override
    public CompletableFuture<DeviceAccess> accessAsync(
            Terms terms, Device device, Completion after) {
        return whole.accessAsync(terms, device, after);
    }

    // ---- bytes ----

    /**
     * Refuses the empty segment that stands for memory of a private device: a program that gives it
     * away for bytes would else be told that all of them were copied.
     */
    void checkTouchable(MemorySegment memory) {
        if (memory.byteSize() == 0 && memory.isNative() && runtime.isForKernels(memory.address())) {
            throw new IndexOutOfBoundsException("the segment of an access has no bytes for the CPU:"
                    + " it is the address that a kernel gets (0x"
                    + Long.toHexString(memory.address()) + " on a private device); give memory of"
                    + " the program, or another range by copyTo");
        }
    }

    @Override
    public void read(long offset, MemorySegment target) {
        whole.read(offset, target);
    }

    @Override
    public void write(long offset, MemorySegment source) {
        whole.write(offset, source);
    }

    /** {@return the address of the home of a byte that has been checked} */
    long addressAt(long offset) {
        return windowAddress + offset;
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

    // ---- counts ----

    /** Claims a range for one internal operation. */
    void holdBriefly(ManagedRange range, AccessMode mode) {
        claimUse(Verb.hold(mode), PageWord.HOME, range, ManagedRange.defaults(mode));
    }

    void releaseBriefly(ManagedRange range, AccessMode mode) {
        releaseUse(Verb.hold(mode), PageWord.HOME, range);
    }

    /**
     * As {@link #claim}, for a hold: in the checked mode they and accesses keep out of each other's
     * way.
     */
    void claimUse(Verb verb, int tier, ManagedRange range, Terms terms) {
        Terms left = enter(verb, tier, range, terms);
        try {
            claim(verb, tier, range, left);
        } catch (RuntimeException | Error failure) {
            leave(verb, tier, range);
            throw failure;
        }
    }

    /** Gives back what was claimed for a hold or an access, in the same mode. */
    void releaseUse(Verb verb, int tier, ManagedRange range) {
        range.release(verb);
        leave(verb, tier, range);
    }

    /** {@return the terms with the time that is left; the same if the mode is not checked} */
    Terms enter(Verb verb, int tier, ManagedRange range, Terms terms) {
        CheckedUses uses = checked;
        return uses == null
                ? terms
                : uses.enter(verb, tier, range.firstPage(), range.endPage(), terms);
    }

    /** {@return whether it may go on; if not, its patience is suspended} */
    boolean tryEnter(Verb verb, int tier, ManagedRange range, Patience patience) {
        CheckedUses uses = checked;
        return uses == null
                || uses.tryEnter(verb, tier, range.firstPage(), range.endPage(), patience);
    }

    boolean isChecked() {
        return checked != null;
    }

    void leave(Verb verb, int tier, ManagedRange range) {
        CheckedUses uses = checked;
        if (uses != null) {
            uses.leave(verb, tier, range.firstPage(), range.endPage());
        }
    }

    /**
     * {@return the private device on which a driver can work on all pages of a range, as it seems;
     * home if there is none}
     */
    int privateTier(ManagedRange range, Verb driver) {
        try {
            long first = word(range.firstPage());
            if (!PageWord.isOnDevice(first)) {
                return PageWord.HOME;
            }
            int tier = PageWord.device(first);
            for (long page = range.firstPage(); page < range.endPage(); page++) {
                long word = word(page);
                // What is at home too is read there.
                boolean there = driver == Verb.DRIVER_READ
                        ? PageWord.state(word) == PageWord.DEVICE
                        : PageWord.isOnDevice(word);
                if (!there || PageWord.device(word) != tier) {
                    return PageWord.HOME;
                }
            }
            return pages.device(tier).isCoherent() ? PageWord.HOME : tier;
        } catch (IllegalStateException race) {
            throw translated(race);
        }
    }

    /**
     * Claims a range for one copy by the driver, if it is there and nobody accesses it.
     * {@return whether it is claimed}
     */
    boolean tryHoldForDriver(int tier, ManagedRange range, Verb driver) {
        try {
            return Claim.tryInPlace(
                    range.pages(), driver, tier, range.firstPage(), range.endPage());
        } catch (IllegalStateException race) {
            throw translated(race);
        }
    }

    void claim(Verb verb, int tier, ManagedRange range, Terms terms) {
        try {
            Claim.take(range.pages(), verb, tier, range.firstPage(), range.endPage(), terms);
        } catch (IllegalStateException race) {
            throw translated(race);
        }
    }

    /** As {@link #claim}, for an access that overwrites the range. */
    void claimToOverwrite(int tier, ManagedRange range, Terms terms, Overwriter overwriter) {
        try {
            Claim.takeToOverwrite(
                    pages, tier, range.firstPage(), range.endPage(), terms, overwriter);
        } catch (IllegalStateException race) {
            throw translated(race);
        }
    }

    /** {@return why the range cannot be had, or null: it is claimed} */
    @Nullable
    Refusal tryClaim(Verb verb, int tier, ManagedRange range, Terms terms) {
        try {
            return Claim.tryTake(
                    range.pages(), verb, tier, range.firstPage(), range.endPage(), terms);
        } catch (IllegalStateException race) {
            throw translated(race);
        }
    }

    PageOutcomes claimPossible(Verb verb, ManagedRange range, Terms terms) {
        try {
            return Claim.takePossible(
                    range.pages(), verb, range.firstPage(), range.endPage(), terms);
        } catch (IllegalStateException race) {
            throw translated(race);
        }
    }

    /** {@return what copies bytes of its pages by the CPU} */
    SharedCopy copying() {
        return runtime.copying();
    }

    /** Lists a holder whose counts have been taken. */
    HolderSlot list(String kind, ManagedRange range, Terms terms, boolean whole) {
        return runtime.slots().take(kind, range, terms, whole);
    }

    /** {@return where the bytes of pages are that are held} */
    HeldPages held() {
        return held;
    }

    Pins pins() {
        return pins;
    }

    KeptHomes homes() {
        return homes;
    }

    @Override
    public HomeRegistration registerHome(Keeper keeper) {
        checkUsable();
        return homes.add(keeper);
    }

    long windowAddress() {
        return windowAddress;
    }

    // ---- asynchronous operations ----

    /** {@return the future of an operation on pages of this buffer, which has begun} */
    <T> CompletableFuture<T> begin(ManagedRange range, Workers.Start<T> start) {
        OwnedFuture<T> future = runtime.workers().submit(start);
        return future == null ? CompletableFuture.failedFuture(tooMany(range)) : future;
    }

    /** {@return the future of an operation that begins when work on a device has ended} */
    <T> CompletableFuture<T> beginAfter(
            Completion work, ManagedRange range, Workers.Start<T> start) {
        List<AfterWork<T>> made = new ArrayList<>(1);
        OwnedFuture<T> future = runtime.workers().prepare(of -> {
            made.add(new AfterWork<>(work, start.of(of), of));
            return made.getFirst();
        });
        if (future == null) {
            AfterWork.leave(work);
            return CompletableFuture.failedFuture(tooMany(range));
        }
        try {
            if (!made.getFirst().ask(future)) {
                throw new IllegalArgumentException("the work that " + range + " is to be accessed"
                        + " after cannot tell when it has ended (Completion.whenEnded): await it,"
                        + " then ask");
            }
            return future;
        } catch (Throwable failure) {
            boolean ignored = future.end(failure);
            throw failure;
        }
    }

    /** Has one of the threads of asynchronous operations run something that does not wait. */
    void execute(Runnable task) {
        runtime.workers().execute(task);
    }

    private static HighpageException tooMany(ManagedRange range) {
        return new RefusedPages(
                        range.firstPage(),
                        PageOutcome.NOT_TRIED,
                        null,
                        null,
                        () -> "asynchronous operation on " + range + " was not begun: "
                                + Workers.OPERATIONS_MAX + " are under way in its runtime, the"
                                + " most at once; await some of their futures, then ask again")
                .toException();
    }

    /** {@return the future that has a holder, and that nobody has taken it from; or null} */
    @Nullable
    OwnedFuture<?> untakenFutureOf(RangeHolder holder) {
        return runtime.workers().untakenFutureOf(holder);
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
    void dispose(@Nullable BufferCloseEvent event) {
        pages.markClosed(); // before anything that may fail: sealed, it is neither open nor closed
        Watch.closed(this);
        Throwable failed = Closes.step(null, pages::close);
        failed = Closes.step(failed, () -> {
            memory.close();
            if (pages.isOffDevices()) {
                account().close();
                gone = true;
            }
        });
        if (event != null && gone) {
            event.runtime = runtime.name();
            event.buffer = id();
            event.byteSize = byteSize;
            event.tell();
        }
        Closes.rethrow(failed);
    }

    /** Tells that it was allocated. */
    void tell(BufferAllocationEvent event) {
        event.runtime = runtime.name();
        event.buffer = id();
        event.byteSize = byteSize;
        event.pageBytes = pageBytes;
        event.spanBytes = spanBytes();
        event.charged = account().budget();
        event.tell();
    }

    /** {@return the name of its runtime} */
    String runtimeName() {
        return runtime.name();
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
