// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.device.DeviceMemory;
import io.highpage.device.Extent;
import io.highpage.internal.budget.Account;
import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.close.Closes;
import io.highpage.internal.close.Turn;
import io.highpage.internal.log.Log;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.OutOfPageMemoryException;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * Carves aligned device windows out of larger extents ("slabs"), within a budget. Drivers give out
 * memory that is aligned to less than a page (PoCL: 128 bytes), enforce no total, and hand fresh
 * memory that faults on first touch; so slabs are kept until the room is needed or the device
 * closes.
 *
 * <p>What is taken is an immutable value that is replaced by compare-and-set, so that nobody waits
 * to look at it, to carve from a slab, or to give back. Only one operation at a time asks the
 * driver, in its {@linkplain Turn turn}: a driver that does not answer stops those who need more of
 * this device's memory, for as long as they want to wait. Thread-safe.
 */
public final class DeviceHeap {
    /** Windows from this size on get a slab of their own; smaller ones share slabs of this size. */
    static final long SLAB_BYTES = 16L << 20;

    /** Under a small limit slabs are smaller, so that there can be this many. */
    private static final long SLABS_MIN = 16;

    private final int tier;
    private final String deviceName;
    private final DeviceMemory memory;
    private final long capacityBytes; // asked once: what rests on it must not change
    private final BudgetNode budget; // of all windows
    private final long alignment;
    private final boolean shares; // whether windows share slabs
    private final AtomicReference<Slabs> state = new AtomicReference<>(Slabs.NONE);

    /**
     * Whose turn it is to ask the driver. Slabs come and go in it only; windows in them come and go
     * without it.
     */
    private final Turn driver = new Turn();

    private volatile boolean closed;
    private volatile boolean abandons; // slabs that were not given back, see abandon()

    /**
     * A device window.
     *
     * @param extent the extent that it lies in
     * @param base where it starts there
     * @param byteSize its length
     * @param account what it is charged to until it is given back
     */
    public record Place(Extent extent, long base, long byteSize, Account account) {}

    DeviceHeap(
            int tier, String deviceName, DeviceMemory memory, BudgetNode budget, long alignment) {
        this.tier = tier;
        this.deviceName = deviceName;
        this.memory = memory;
        this.capacityBytes = memory.capacityBytes();
        this.budget = budget;
        this.alignment = alignment;
        this.shares = memory.windowsShareExtents();
    }

    int tier() {
        return tier;
    }

    private TierName where() {
        return new TierName(tier, deviceName);
    }

    long limitBytes() {
        return Math.min(budget.limit(tier), capacityBytes);
    }

    long usedBytes() {
        return state.get().usedBytes();
    }

    /** {@return whether an address is one of the memory that the driver gave out} */
    boolean has(long address) {
        return state.get().has(address);
    }

    /** {@return how many windows there are} */
    int placeCount() {
        return state.get().places();
    }

    /** {@return the largest window: the device's largest extent less what alignment may cost} */
    public long maxPlaceBytes() {
        return Math.min(limitBytes(), memory.maxExtentBytes() - slack()) / alignment * alignment;
    }

    /** {@return what aligning a window in an extent may cost} */
    private long slack() {
        return shares ? alignment : 0;
    }

    // ---- room ----

    /**
     * Asks for room for a window, which others then cannot have. Waits for nobody, asks no driver:
     * whoever has the room may still find that it is not in one piece, or that the driver lacks it.
     *
     * @param account what the room is charged to
     */
    public Reservation reserve(Account account, long byteSize) {
        long bytes = (byteSize + alignment - 1) / alignment * alignment;
        if (bytes > maxPlaceBytes()) {
            return new Reservation.NeverFits(
                    Refused.of(budget, account, where(), byteSize), maxPlaceBytes());
        }
        BudgetNode refused = account.charge(tier, bytes);
        return refused == null
                ? new Reservation.Granted(this, account, bytes)
                : Refused.of(refused, account, where(), bytes).reservation();
    }

    /** Turns reserved room into a window. */
    Place fill(Account account, long bytes, BooleanSupplier waits) {
        Place place = carve(account, bytes);
        while (place == null) {
            if (driver.tryAlone(() -> false)) {
                try {
                    place = carve(account, bytes); // the one before may have brought enough
                    return place != null ? place : grow(account, bytes);
                } finally {
                    driver.leave();
                }
            }
            if (!waits.getAsBoolean()) {
                throw new StillBusy("another operation is getting memory of device " + deviceName
                        + ", and the driver has not answered yet");
            }
            place = carve(account, bytes);
        }
        return place;
    }

    /**
     * {@return the smallest hole that is large enough, so that slabs which are nearly full fill up
     * first; or null}
     */
    private @Nullable Place carve(Account account, long bytes) {
        while (true) {
            Slabs now = state.get();
            Slab best = null;
            int at = -1;
            int hole = -1;
            for (int i = 0; i < now.count(); i++) {
                Slab slab = now.get(i);
                int found = shares || slab.byteSize == bytes ? slab.hole(bytes) : -1;
                if (found >= 0 && (best == null || slab.holes[found + 1] < best.holes[hole + 1])) {
                    best = slab;
                    at = i;
                    hole = found;
                }
            }
            if (best == null) {
                return null;
            }
            Place place = new Place(best.extent, best.holes[hole], bytes, account);
            // ORD volatile: of two who saw the same hole one gets it; pairs with itself.
            if (state.compareAndSet(now, now.filled(at, best.taken(hole, bytes), bytes))) {
                return place;
            }
        }
    }

    // ---- in the driver's turn ----

    private Place grow(Account account, long bytes) {
        long slabBytes = shares ? Math.max(bytes, sharedSlabBytes()) : bytes;
        if (!fits(slabBytes)) {
            slabBytes = bytes; // near the limit every window gets just what it needs
        }
        if (!fits(slabBytes)) {
            freeEmptySlabs();
        }
        if (!fits(slabBytes)) {
            throw noRoom(account, bytes, null);
        }
        try {
            return grow(account, slabBytes, bytes);
        } catch (OutOfPageMemoryException full) {
            freeEmptySlabs();
        }
        try {
            return grow(account, bytes, bytes);
        } catch (OutOfPageMemoryException stillFull) {
            throw noRoom(account, bytes, stillFull);
        }
    }

    private Place grow(Account account, long slabBytes, long bytes) {
        Extent extent = extent(slabBytes + slack());
        try {
            return add(account, extent, slabBytes, bytes);
        } catch (Throwable failure) { // no memory for a few objects
            Closes.rethrow(Closes.step(failure, extent::free));
            throw failure;
        }
    }

    private Place add(Account account, Extent extent, long slabBytes, long bytes) {
        long start = Math.floorMod(-extent.address(), alignment);
        Slab slab = Slab.of(extent, start, slabBytes).taken(0, bytes);
        Place place = new Place(extent, start, bytes, account);
        Slabs now;
        do {
            now = state.get();
            // ORD volatile: as carve().
        } while (!state.compareAndSet(now, now.with(slab, bytes)));
        return place;
    }

    /** Removes a slab that nobody else changes now. */
    private void remove(Slab slab) {
        Slabs now;
        do {
            now = state.get();
            // ORD volatile: as carve().
        } while (!state.compareAndSet(now, now.without(slab)));
    }

    /**
     * Asks the driver, and does not believe it: past the end of a short extent is somebody else's
     * memory.
     */
    private Extent extent(long bytes) {
        Extent extent = memory.allocate(bytes);
        if (extent.byteSize() < bytes) {
            String lie = "device " + deviceName + " gave " + extent.byteSize()
                    + " bytes instead of " + bytes;
            extent.free();
            throw new DeviceException(lie + ", without an error; it is not used", null);
        }
        return extent;
    }

    /**
     * A slab is never more than a share of the limit: else one small buffer could keep a large one
     * out.
     */
    private long sharedSlabBytes() {
        return Math.min(
                SLAB_BYTES,
                Math.min(maxPlaceBytes(), limitBytes() / SLABS_MIN / alignment * alignment));
    }

    private boolean fits(long slabBytes) {
        return slabBytes <= limitBytes() - state.get().slabBytes();
    }

    /**
     * Says what lies in the way: room that is free, but in pieces, is of no use to a window, which
     * is in one.
     */
    NoRoom noRoom(Account account, long bytes, @Nullable OutOfPageMemoryException cause) {
        Slabs now = state.get();
        long slabBytes = now.slabBytes();
        String pieces = slabBytes == now.usedBytes()
                ? ""
                : ", which lie in " + now.count() + " pieces of device memory of "
                        + slabBytes
                        + " bytes together, none of them unused; the most that is free in one"
                        + " piece there is "
                        + now.largestHole();
        String said = cause == null ? "" : " (" + cause.getMessage() + ")";
        Refused refused = new Refused(
                where(),
                account.budget(),
                budget,
                bytes,
                budget.used(tier) - bytes, // less what is asked for
                limitBytes());
        return new NoRoom(new Reservation.NotNow(refused, pieces + said), cause);
    }

    /**
     * Gives the driver back what no window uses, if there is more than a limit that has changed:
     * when it does, when a window ends, and after each turn to ask the driver. Waits for nobody:
     * whoever has the turn looks once more when it has ended.
     */
    public void heedLimit() {
        while (!fits(0) && state.get().empty() != null && driver.tryAlone(() -> false)) {
            try {
                boolean ignored = freeEmptySlabs();
            } finally {
                driver.leave();
            }
        }
    }

    /**
     * Gives the driver back what no window uses: for when memory that it gave out turns out not to
     * be there at the first use.
     *
     * @return whether there was any; not if another operation asks the driver at this moment
     */
    public boolean giveUpEmptySlabs() {
        if (!driver.tryAlone(() -> false)) {
            return false;
        }
        boolean any;
        try {
            any = freeEmptySlabs();
        } finally {
            driver.leave();
        }
        heedLimit();
        return any;
    }

    private boolean freeEmptySlabs() {
        boolean any = false;
        for (Slab slab = withdrawEmpty(); slab != null; slab = withdrawEmpty()) {
            any = true;
            try {
                free(slab);
            } catch (DeviceException failed) {
                Log.warn(DeviceHeap.class, failed.getMessage());
            }
        }
        return any;
    }

    /**
     * Sees to it that nothing more is carved from a slab that no window uses. {@return the slab, or
     * null if there is none}
     */
    private @Nullable Slab withdrawEmpty() {
        while (true) {
            Slabs now = state.get();
            Slab slab = now.empty();
            if (slab == null) {
                return null;
            }
            Slab withdrawn = slab.withdrawn ? slab : slab.withdraw();
            // ORD volatile: as carve().
            if (state.compareAndSet(now, now.with(slab, withdrawn))) {
                return withdrawn;
            }
        }
    }

    /**
     * Gives a withdrawn slab back. Memory counts as given back if the driver failed, but not if
     * that ended with an Error.
     */
    private void free(Slab slab) {
        try {
            slab.extent.free();
        } catch (RuntimeException failed) {
            remove(slab);
            throw failed;
        }
        remove(slab);
    }

    // ---- the end of a window, of all windows ----

    /** Gives a window back. Its slab stays until the room is needed. */
    public void free(Place place) {
        leave(place, false);
    }

    /**
     * As {@link #free}, of a window that the driver of another device may still use: nobody gets
     * that memory again, and its slab is never given back.
     */
    public void abandon(Place place) {
        leave(place, true);
    }

    private void leave(Place place, boolean forGood) {
        while (!closed) {
            Slabs now = state.get();
            int at = now.index(place);
            Slab slab = now.get(at);
            Slab left = forGood ? slab.abandon() : slab.given(place.base(), place.byteSize());
            Slabs next = now.left(at, left, place.byteSize());
            // ORD volatile: as carve().
            if (state.compareAndSet(now, next)) {
                place.account().uncharge(tier, place.byteSize());
                return;
            }
        }
    }

    /**
     * Gives all slabs back to the driver; there are no windows any more. Goes on where it stopped
     * if it is called again.
     *
     * @return the first failure, in which the others are suppressed, or null
     */
    @Nullable
    Throwable close() {
        closed = true;
        Throwable failed = null;
        Slabs all = state.get();
        for (int i = 0; i < all.count(); i++) {
            Slab slab = all.get(i);
            try {
                if (slab.abandoned) {
                    leaveOut(slab);
                } else {
                    free(slab);
                }
            } catch (Throwable failure) {
                failed = Closes.first(failed, failure);
            }
        }
        return failed;
    }

    private void leaveOut(Slab slab) {
        abandons = true;
        remove(slab);
        Log.warn(
                DeviceHeap.class,
                slab.extent.byteSize() + " bytes of memory of device " + deviceName
                        + " are not given back: another device"
                        + " was lost while its driver was copying there, and may go on");
    }

    /** {@return whether memory was left out, which may still be used: the device must not close} */
    boolean abandons() {
        return abandons;
    }

    /** {@return whether the driver has everything back but what is kept} */
    boolean isGone() {
        return closed && state.get().count() == 0;
    }
}
