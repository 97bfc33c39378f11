// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;
import io.highpage.internal.budget.Account;
import io.highpage.internal.budget.SpanHistory;
import io.highpage.internal.close.Closes;
import io.highpage.internal.memory.DeviceHeap.Place;
import io.highpage.internal.memory.Residents.Seat;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.OutOfPageMemoryException;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * A buffer's window on one device: one contiguous piece of device memory for a span, taken when the
 * first page moves there and given back when the last one leaves.
 *
 * <p>One word says how many pages are counted and what is being done: there is no memory
 * ({@code NONE}), it is being taken ({@code TAKING}), it is there ({@code THERE}), it is being
 * given back ({@code GIVING}). Whoever counts the first page turns {@code NONE} into
 * {@code TAKING}, whoever takes off the last one {@code THERE} into {@code GIVING}, by a
 * compare-and-set that one thread wins. That thread alone writes the fields, calls the driver with
 * no lock held, and ends with a store of the word; whoever counts a page after that sees what it
 * wrote. So the place needs no lock: those who read it have a page counted here, and while one is,
 * nobody gives the window back. Who wants to count a page meanwhile waits, as for a page that
 * moves; nobody else does.
 *
 * <p>A close seals the word, from when on nothing is taken or given, and then gives back what there
 * is, whatever is counted: all pages are closed by then. Thread-safe.
 */
public final class DeviceWindow implements TierWindow {
    // The word: what is done (2 bits) above how many pages are counted.
    private static final long COUNT_MASK = (1L << 48) - 1;
    private static final long PHASE_MASK = 3L << 48;
    private static final long NONE = 0;
    private static final long TAKING = 1L << 48;
    private static final long THERE = 2L << 48;
    private static final long GIVING = 3L << 48;
    /** The buffer is closing: nothing is taken or given any more. */
    private static final long SEALED = 1L << 50;
    /** The buffer is closed. */
    private static final long DROPPED = 1L << 51;

    /** Of a private device, and while there is none: nothing that the CPU could touch. */
    private static final DeviceView NO_VIEW = DeviceView.pointer(MemorySegment.NULL);

    private final DeviceSlot device;
    private final Account account;
    private final WindowOwner owner;
    private final long firstPage;
    private final long byteSize;
    private final AtomicLong word = new AtomicLong(NONE);

    // Written by whoever takes or gives; read by who keeps a page here, which was published after
    // that. Others that ask where it is may be told of the time before.
    private @Nullable Place place;
    private DeviceView view = NO_VIEW; // of a coherent device made once

    /** Whether the driver of another device, which is lost, may still use the place. */
    private volatile boolean abandoned;

    /** How giving it back failed, until that is told. */
    private @Nullable Throwable untold;

    /** From the first use on; kept while the span is elsewhere, so that it is known again. */
    private SpanHistory history = SpanHistory.NEVER_THERE;

    /** From the first use on, until the buffer is closed. */
    private @Nullable Seat seat;

    /**
     * A window that has no memory yet.
     *
     * @param account what its memory is charged to
     * @param owner whose pages it is for
     * @param firstPage the first of them
     */
    public DeviceWindow(
            DeviceSlot device, Account account, WindowOwner owner, long firstPage, long byteSize) {
        this.device = device;
        this.account = account;
        this.owner = owner;
        this.firstPage = firstPage;
        this.byteSize = byteSize;
    }

    public DeviceSlot device() {
        return device;
    }

    /** {@return what its memory is charged to} */
    public Account account() {
        return account;
    }

    /** {@return whose pages it is for} */
    public WindowOwner owner() {
        return owner;
    }

    @Override
    public long firstPage() {
        return firstPage;
    }

    /** The device memory that it takes, while it does. */
    @Override
    public long byteSize() {
        return byteSize;
    }

    /** {@return the extent that it lies in, for comparison; null if it has none now} */
    public @Nullable Extent extent() {
        Place now = place;
        return now == null ? null : now.extent();
    }

    /** {@return the uses of the span on the device} */
    public SpanHistory history() {
        return history;
    }

    /** Counts a use of the span, which is there. */
    public void use(AccessMode mode) {
        assert isThere();
        device.clock().use(history, mode);
    }

    /** Counts a use that is about to come, if the span is there. */
    public void announce() {
        if (isThere()) {
            device.clock().announce(history);
        }
    }

    /** {@return whether it has memory} */
    public boolean isThere() {
        return phase(word.get()) == THERE;
    }

    /** {@return how many pages have memory here, or are about to; 0 while there is none} */
    public long countedPages() {
        long now = word.get();
        return phase(now) == THERE ? count(now) : 0;
    }

    /** {@return whether memory is being taken for it or given back, or its buffer closes} */
    public boolean isPassing() {
        long now = word.get();
        return is(now, SEALED) || phase(now) == TAKING || phase(now) == GIVING;
    }

    @Override
    public int tier() {
        return device.id();
    }

    @Override
    public String tierName() {
        return device.name();
    }

    @Override
    public String route() {
        return device.route();
    }

    @Override
    public long away(long pages) {
        return pages;
    }

    private static long phase(long word) {
        return word & PHASE_MASK;
    }

    private static long count(long word) {
        return word & COUNT_MASK;
    }

    private static boolean is(long word, long flag) {
        return (word & flag) != 0;
    }

    private boolean change(long from, long to) {
        // ORD volatile: of a count, a seal and a last release one comes first; what a taker wrote
        // is visible to who counts; pairs with itself, take(), endGiving() and drop().
        return word.compareAndSet(from, to);
    }

    @Override
    public void retain(long pages, BooleanSupplier waits) {
        while (true) {
            long now = word.get();
            if (is(now, DROPPED)) {
                throw new IllegalStateException("the buffer is closed");
            }
            boolean sealed = is(now, SEALED);
            if (!sealed && phase(now) == THERE) {
                if (change(now, now + pages)) {
                    return;
                }
            } else if (!sealed && phase(now) == NONE) {
                if (change(now, TAKING)) {
                    take(pages, waits);
                    return;
                }
            } else if (!waits.getAsBoolean()) {
                throw new StillBusy(
                        sealed
                                ? "the buffer is being closed"
                                : "another operation is "
                                        + (phase(now) == TAKING ? "getting" : "giving back")
                                        + " the buffer's memory on device " + device);
            }
        }
    }

    /**
     * Room for a window is asked for by one operation only, in its turn: if several of those that
     * want the same window did, the room of one would be missing to the others, and to other
     * buffers.
     */
    private void take(long pages, BooleanSupplier waits) {
        assert phase(word.get()) == TAKING;
        long next = NONE;
        try {
            comes();
            Place taken = place;
            if (taken == null) { // else it could not be given back
                taken = device.heap().reserve(account, byteSize).orThrow().fill(waits);
                place = taken;
                device.clock().resident(device.heap().placeCount());
                device.heap().heedLimit(); // others may have left it to this turn
            }
            if (device.isCoherent()) {
                view = viewed(taken);
            }
            next = THERE | pages;
        } catch (Throwable failure) {
            untold = Closes.first(untold, giveBack());
            throw failure;
        } finally {
            // ORD release: what was written is visible to who counts, or seals; pairs with
            // change().
            word.setRelease(next);
        }
    }

    /** From here on whoever looks for room on the device finds it. */
    private void comes() {
        if (history == SpanHistory.NEVER_THERE) {
            history = new SpanHistory();
        }
        if (seat == null) {
            seat = device.residents().seat(this);
        }
        seat.come();
    }

    /**
     * {@return what the CPU sees of a window; the driver is not believed that it sees all of it}
     */
    private DeviceView viewed(Place taken) {
        DeviceView seen = taken.extent().view(taken.base(), byteSize);
        MemorySegment memory = seen.segment();
        if (memory == null || memory.byteSize() != byteSize) {
            seen.release().run();
            throw new DeviceException(
                    "device " + device + " shows " + memory + " for " + byteSize + " bytes", null);
        }
        return seen;
    }

    /**
     * Does nothing once the buffer is closed. What fails is told when the buffer closes.
     *
     * <p>{@inheritDoc}
     */
    @Override
    public void release(long pages) {
        while (true) {
            long now = word.get();
            if (is(now, DROPPED)) {
                return; // the buffer was closed between a retain and the look at its pages
            }
            assert pages > 0 && count(now) >= pages
                    : "device window count below zero: " + count(now) + " less " + pages;
            boolean gives = count(now) == pages && !is(now, SEALED);
            if (change(now, gives ? GIVING : now - pages)) {
                if (gives) {
                    endGiving();
                }
                return;
            }
        }
    }

    private void endGiving() {
        assert phase(word.get()) == GIVING;
        untold = Closes.first(untold, giveBack());
        // ORD release: as take().
        word.setRelease(NONE);
    }

    /** {@return where the window is; valid while a page is counted} */
    public Place place() {
        return Objects.requireNonNull(place, "no page is counted");
    }

    /**
     * Of a coherent device only.
     *
     * @throws IllegalStateException if no page is counted: a holder is used while it closes
     */
    @Override
    public MemorySegment memory() {
        DeviceView there = view;
        if (there == NO_VIEW) {
            throw new IllegalStateException("whoever kept this memory of " + device.name()
                    + " is being closed, and it is given back");
        }
        return Objects.requireNonNull(there.segment()); // viewed() has seen to that
    }

    /** Device memory has old bytes. */
    @Override
    public void prepare(PageRuns fresh, PageRuns uncommitted) {
        if (fresh.count() > 0) {
            Place there = place();
            there.extent().zero(there.base(), fresh);
            checkThere();
        }
    }

    @Override
    public void unprepare(PageRuns uncommitted) {
        // The window is kept or given back as a whole, by those who count pages in it.
    }

    @Override
    public void copyTo(TierWindow target, PageRuns runs) {
        Place there = place();
        there.extent().copyOut(there.base(), target.memory(), runs);
        device.counters().out(runs.totalBytes());
    }

    @Override
    public void copyFromHome(MemorySegment home, PageRuns runs) {
        Place there = place();
        there.extent().copyIn(there.base(), home, runs);
        checkThere();
        device.counters().in(runs.totalBytes());
    }

    /**
     * Another call may have been told meanwhile that the device is gone. Once published, pages that
     * came here would be lost; they still have their homes.
     */
    private void checkThere() {
        if (device.isLost()) {
            throw new DeviceLostException(
                    "device " + device + " was lost while pages were copied to it", null);
        }
    }

    @Override
    public boolean isLost() {
        return device.isLost();
    }

    @Override
    public void note(Throwable failure) {
        device.note(failure);
    }

    @Override
    public boolean giveUpUnused() {
        return device.heap().giveUpEmptySlabs();
    }

    /** Others have memory that is there: what they give up the driver has again. */
    @Override
    public RuntimeException notThere(OutOfPageMemoryException said) {
        return device.heap().noRoom(account, place().byteSize(), said);
    }

    /**
     * Remembers that the driver of a lost device may go on with a copy from or to this window, if
     * there is one now.
     */
    public void abandon() {
        abandoned |= phase(word.get()) == THERE;
    }

    /** {@return where its memory begins; 0 if there is none now, or none that the CPU can touch} */
    public long address() {
        return Objects.requireNonNull(view.segment()).address();
    }

    // ---- the end ----

    /**
     * Sees to it that the window is neither taken nor given any more.
     *
     * @param waits waits a little for another operation that does so now; false if that was long
     *     enough
     * @return whether it is sealed now
     */
    public boolean trySeal(BooleanSupplier waits) {
        while (true) {
            long now = word.get();
            boolean rests = phase(now) == NONE || phase(now) == THERE;
            if (rests && change(now, now | SEALED)) {
                return true;
            }
            if (!rests && !waits.getAsBoolean()) {
                return false;
            }
        }
    }

    /** Takes a seal back. */
    public void unseal() {
        while (true) {
            long now = word.get();
            boolean gives = phase(now) == THERE && count(now) == 0; // the last page left meanwhile
            if (change(now, gives ? GIVING : now & ~SEALED)) {
                if (gives) {
                    endGiving();
                }
                return;
            }
        }
    }

    /**
     * Gives the window back whatever is counted: the buffer, which has been sealed, closes. It is
     * never taken again. Goes on where it stopped if it is called again.
     *
     * @return the first thing that failed when this or an earlier use was given back, or null
     */
    public @Nullable Throwable drop() {
        // ORD volatile: pairs with change().
        word.set(DROPPED);
        Throwable failed = Closes.first(untold, giveBack());
        untold = null;
        if (seat != null) {
            device.residents().leave(seat);
            seat = null;
        }
        return failed;
    }

    /** {@return whether it was dropped and has nothing of the device any more} */
    public boolean isGone() {
        return is(word.get(), DROPPED) && place == null;
    }

    /**
     * Gives back what there is. A view counts as released also if that fails. {@return the first
     * failure, or null}
     */
    private @Nullable Throwable giveBack() {
        Throwable failed = releaseView();
        try {
            Place taken = place;
            if (taken != null) {
                if (abandoned) {
                    device.heap().abandon(taken);
                    abandoned = false;
                } else {
                    device.heap().free(taken);
                }
                place = null;
            }
            device.heap().heedLimit();
        } catch (Throwable failure) {
            failed = Closes.first(failed, failure);
        }
        if (seat != null) {
            seat.go();
        }
        return failed;
    }

    private @Nullable Throwable releaseView() {
        DeviceView seen = view;
        view = NO_VIEW;
        try {
            seen.release().run();
            return null;
        } catch (Throwable failure) {
            device.note(failure);
            boolean nothingToGive = device.isLost() && failure instanceof DeviceException;
            return nothingToGive ? null : failure;
        }
    }
}
