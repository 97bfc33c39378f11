// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.device.DeviceMemory;
import io.highpage.device.PageRuns;
import io.highpage.internal.budget.Account;
import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.os.HostMemory;
import io.highpage.internal.telemetry.Told;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.Verification;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;

/**
 * The home of a buffer's pages: its host window, with all that is done to it, from the mapping on.
 *
 * <p>Addresses are there for every page for as long as the buffer lives. Memory behind them comes
 * when a page first needs it, in {@link #prepare}, while the page is owned by the batch that brings
 * it: first the account is charged, then the kernel is asked, and where that fails the charge is
 * taken back. It stays when the page leaves, so that coming home again costs a copy only; it goes
 * when the home is given up, again by a batch that owns the page, or with the window.
 *
 * <p>So no two threads ever commit or discard the same page, and there is no lock. Page-locks are
 * counted apart, since the kernel does not. Thread-safe, but for {@link #unmap}.
 */
public final class HomeWindow implements TierWindow {
    static final int TIER = 0;

    private final HostMemory host;
    private final HomeCharge charge;
    private final HostMapping mapping; // of the whole buffer, as are the page-locks
    private final MemorySegment memory;
    private final long firstPage;
    private final PageLocks locks;

    private HomeWindow(
            HostMemory host,
            HomeCharge charge,
            HostMapping mapping,
            MemorySegment memory,
            long firstPage,
            PageLocks locks) {
        this.host = host;
        this.charge = charge;
        this.mapping = mapping;
        this.memory = memory;
        this.firstPage = firstPage;
        this.locks = locks;
    }

    /**
     * {@return a home in memory that is there already, and of which somebody else sees to the end}
     */
    public static HomeWindow in(MemorySegment memory, HostMemory host, Account account) {
        HostMapping none = new HostMapping(host); // that is, of others
        return new HomeWindow(
                host, new HomeCharge(account), none, memory, 0, new PageLocks(host, memory));
    }

    /**
     * {@return a home in a mapping}
     *
     * @param account what its pages take is charged to
     * @param arena ends its segments, before {@link #unmap}
     */
    public static HomeWindow in(HostMapping mapping, Account account, Arena arena) {
        HostMemory host = mapping.host();
        MemorySegment memory = mapping.in(arena);
        return new HomeWindow(
                host, new HomeCharge(account), mapping, memory, 0, new PageLocks(host, memory));
    }

    /**
     * {@return a part of it, to bring pages to and from; the rest is done to the whole}
     *
     * @param first its first page
     */
    public HomeWindow span(long first, long offset, long byteSize) {
        return new HomeWindow(
                host, charge, mapping, memory.asSlice(offset, byteSize), first, locks);
    }

    @Override
    public int tier() {
        return TIER;
    }

    @Override
    public String tierName() {
        return Told.HOME;
    }

    @Override
    public String route() {
        return DeviceMemory.BY_RUNTIME;
    }

    @Override
    public long firstPage() {
        return firstPage;
    }

    @Override
    public long byteSize() {
        return memory.byteSize();
    }

    @Override
    public long away(long pages) {
        return 0;
    }

    @Override
    public void retain(long pages, BooleanSupplier waits) {
        // There are addresses for every page; memory behind them is got page by page, in prepare().
    }

    @Override
    public void release(long pages) {
        // The memory of a home is kept when its page leaves: coming back then costs a copy only.
    }

    /** The home of a page that was never written is fresh anonymous memory, which is zero. */
    @Override
    public void prepare(PageRuns fresh, PageRuns uncommitted) {
        if (uncommitted.count() > 0) {
            long bytes = uncommitted.totalBytes();
            BudgetNode refused = charge.add(bytes);
            if (refused != null) {
                Refused.of(refused, account(), TierName.HOME, bytes)
                        .reservation()
                        .orThrow();
            }
            try {
                host.commit(memory, uncommitted);
            } catch (OutOfPageMemoryException full) {
                charge.subtract(bytes);
                throw NoRoom.onMachine(account(), bytes, full);
            } catch (Throwable failure) {
                charge.subtract(bytes);
                throw failure;
            }
        }
    }

    @Override
    public void unprepare(PageRuns uncommitted) {
        charge.subtract(uncommitted.totalBytes());
    }

    @Override
    public void copyTo(TierWindow target, PageRuns runs) {
        target.copyFromHome(memory, runs);
    }

    @Override
    public void copyFromHome(MemorySegment home, PageRuns runs) {
        throw new AssertionError("a page at home does not move home");
    }

    @Override
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public boolean isLost() {
        return false;
    }

    @Override
    public void note(Throwable failure) {
        // Nothing that fails takes the home away.
    }

    @Override
    public boolean giveUpUnused() {
        return false;
    }

    /** A device that lacks memory for the way home is not helped by others that go the same way. */
    @Override
    public RuntimeException notThere(OutOfPageMemoryException said) {
        return said;
    }

    /**
     * Gives the memory of pages up that are owned and have their bytes elsewhere.
     *
     * @return false if the kernel refuses; some may be given up then
     */
    public boolean discard(PageRuns runs) {
        try {
            return host.discard(memory, runs);
        } finally {
            charge.subtract(runs.totalBytes());
        }
    }

    /** {@return the bytes of the buffer's home that are charged} */
    public long chargedBytes() {
        return charge.bytes();
    }

    /** {@return what the memory of the buffer is charged to, at home and on devices} */
    public Account account() {
        return charge.account();
    }

    /** {@return the page-locks of the window} */
    public PageLocks locks() {
        return locks;
    }

    /** {@return whether the kernel reports every page of a range as page-locked} */
    public Verification verifyLocked(long offset, long byteSize) {
        return host.verifyLocked(memory.asSlice(offset, byteSize));
    }

    /**
     * Remembers that a driver may go on with a copy between the window and a device that is lost:
     * it must not go back to the system then.
     */
    public void abandon() {
        mapping.abandon();
    }

    /**
     * Gives the mapping back, unless a driver may still use it. Its segments have ended. Goes on
     * where it stopped if it is called again.
     */
    public void unmap() {
        mapping.unmap();
        charge.clear();
    }
}
