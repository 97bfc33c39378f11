// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.device.PageRuns;
import io.highpage.outcome.OutOfPageMemoryException;

import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;

/**
 * The memory of a buffer on one tier, as a migration uses it: it counts the pages that come, sees
 * to memory for them, copies their bytes from and to other tiers, and takes off the count those
 * that have left. Offsets are those of the window; a page has the same offset in each.
 *
 * <p>Home and devices differ in what these steps cost and in nothing else: home has memory for
 * every page, so that counting does nothing there, and fresh memory of it is zero; memory of a
 * device is taken with the first page and given back with the last, and has old bytes. Whoever adds
 * a tier says what it does in each step, and the order of the steps stays in
 * {@code internal.migrate}.
 */
public sealed interface TierWindow permits HomeWindow, DeviceWindow {

    /** {@return the number that page words carry: 0 is home} */
    int tier();

    /** {@return what the tier is called: home, or the name of the device in its runtime} */
    String tierName();

    /** {@return who copies to and from here, in a few words: the runtime, or a driver} */
    String route();

    /** {@return the first page of the buffer that it is for} */
    long firstPage();

    /** {@return its length} */
    long byteSize();

    /** {@return how many of so many pages here count as away from home: all or none} */
    long away(long pages);

    /**
     * Counts pages that are here or may come. Called before a page is owned: it may take its time.
     *
     * @param waits waits a little for another operation that gets or gives memory of the tier;
     *     false if that was long enough
     * @throws NoRoom if there is no room now; nothing is counted then
     * @throws io.highpage.outcome.OutOfPageMemoryException if there never is
     * @throws StillBusy if another operation takes longer than the caller waits
     * @throws IllegalStateException if the buffer is closed
     */
    void retain(long pages, BooleanSupplier waits);

    /**
     * Takes pages that have left, or did not come, off the count. Waits for nobody and throws
     * nothing: it comes after pages were published, when there is no way back.
     *
     * @param pages at least one: who takes off none may find the window in another's hands
     */
    void release(long pages);

    /**
     * Makes room for pages that are owned on their way here.
     *
     * @param fresh pages that have no bytes anywhere: they are zero here afterwards
     * @param uncommitted pages whose home has no memory
     * @throws NoRoom if there is no room now; none is taken then
     * @throws io.highpage.outcome.HighpageException if it failed; the bytes here are then undefined
     */
    void prepare(PageRuns fresh, PageRuns uncommitted);

    /**
     * Takes {@link #prepare} back, for pages that did not come after all. Waits for nobody and
     * throws nothing.
     */
    void unprepare(PageRuns uncommitted);

    /**
     * Copies runs to another tier; returns when the bytes have arrived.
     *
     * @throws io.highpage.outcome.HighpageException if it failed; the bytes there are then
     *     undefined
     */
    void copyTo(TierWindow target, PageRuns runs);

    /** As {@link #copyTo}, of memory of the home of these pages to here. */
    void copyFromHome(MemorySegment home, PageRuns runs);

    /** {@return the window as memory that the CPU can touch; valid while a page is counted} */
    MemorySegment memory();

    /** {@return whether the tier is gone, with the bytes of the pages that were there} */
    boolean isLost();

    /** Looks whether a failed step says that the tier is gone. */
    void note(Throwable failure);

    /**
     * Gives up memory that no page needs, because memory that was given out turned out not to be
     * there. {@return whether there was any}
     */
    boolean giveUpUnused();

    /**
     * {@return what to throw if memory that was given out is not there, and none is unused}
     *
     * @param said what the driver or the system said
     */
    RuntimeException notThere(OutOfPageMemoryException said);
}
