// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.internal.core.ManagedBudget;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.BudgetInfo;
import io.highpage.outcome.OutOfPageMemoryException;

import java.util.Optional;

/**
 * How much memory the buffers of a part of a program may take: of the host, and of each device.
 * Budgets form a tree. At its root is the {@linkplain Highpage#budget() runtime's own}; every other
 * is {@linkplain #budget made in} one. What a buffer takes counts in its budget and in all above
 * it, and each of them may refuse: so budgets in one may promise more together than it has, and
 * none ever gets what the one above it has not. Thread-safe.
 *
 * <pre>{@code
 * try (Budget cache = hp.budget("cache", 256L << 20);
 *         PageBuffer buffer = cache.allocate(1L << 30, SPANS)) {
 *     buffer.range(0, 64L << 20).prefetch(hp.device()); // no more than 256 MiB at a time
 * }
 * }</pre>
 *
 * <p><b>What counts.</b> Device memory counts by spans, from when a span's first page comes until
 * its last one has left. Host memory counts by pages, from when a page first gets some until that
 * is given up or the buffer closes; a page that has left for a device keeps it meanwhile. So a page
 * may count in both. Allocating a buffer takes nothing.
 *
 * <p><b>When there is none left</b>, what asked for it fails with an
 * {@link OutOfPageMemoryException}, whose message names the budget that refused, its use and its
 * limit; {@link PageRange#prefetch} and {@link PageRange#evict} report it. Limits are bytes from 0
 * up, and may change at any time. One below what is in use refuses what is new, and takes nothing
 * away. One above that of a budget higher up, or of the machine, is accepted: the tighter one
 * decides. Whatever the budgets allow, the machine and its control group are still asked for host
 * memory, and the driver for a device's.
 */
public sealed interface Budget extends AutoCloseable permits ManagedBudget {

    /** {@return its name, as messages show it behind those of the budgets that it is in} */
    String name();

    /** {@return the budget that it is in; empty for the runtime's own} */
    Optional<Budget> parent();

    // ---- limits and uses ----

    /** {@return the most bytes of host memory; {@link Long#MAX_VALUE} if it has no limit} */
    long hostLimitBytes();

    /** {@return the bytes of host memory that are taken} */
    long hostUsedBytes();

    /**
     * {@return the most bytes of a device's memory; {@link Long#MAX_VALUE} if it has no limit}
     *
     * @param device a device of this runtime
     */
    long limitBytes(Device device);

    /**
     * {@return the bytes of a device's memory that are taken, or about to be}
     *
     * @param device a device of this runtime
     */
    long usedBytes(Device device);

    /**
     * Changes the limit of host memory.
     *
     * @param bytes the most bytes, at least 0
     * @return this
     * @throws IllegalArgumentException if it is negative
     * @throws IllegalStateException if this is closed
     */
    Budget hostMemory(long bytes);

    /**
     * Changes the limit of a device's memory. What the runtime keeps of it for later use, beyond
     * its own limit, goes back to the driver: at once, or when a call that asks it for memory at
     * this moment has returned. {@link Highpage.Builder#writeBackAhead} heeds each limit.
     *
     * @param device a device of this runtime
     * @param bytes the most bytes, at least 0
     * @return this
     * @throws IllegalArgumentException if it is negative
     * @throws IllegalStateException if this is closed
     */
    Budget deviceMemory(Device device, long bytes);

    /** {@return limits and uses of this budget, and of those in it; a snapshot} */
    BudgetInfo info();

    // ---- what is in it ----

    /**
     * Makes a budget in this one.
     *
     * @param name for messages; not empty
     * @param bytes the most bytes of host memory, and of each device's, at least 0
     * @return the budget
     * @throws IllegalArgumentException if the name is empty or the limit negative
     * @throws IllegalStateException if this, or the runtime, is closed
     */
    Budget budget(String name, long bytes);

    /**
     * Allocates a buffer of base pages (usually 4 KiB) whose memory counts in this budget.
     *
     * @param byteSize length in bytes, at least 1; the last page may be partly used. May be more
     *     than the budget has: memory is taken as pages get it
     * @return the buffer, all of whose pages are absent
     * @throws IllegalArgumentException if the size is out of range
     * @throws OutOfPageMemoryException if the host has no room for the window
     * @throws IllegalStateException if this, or the runtime, is closed
     */
    PageBuffer allocate(long byteSize);

    /**
     * Allocates a buffer, of pages and spans of chosen sizes, whose memory counts in this budget.
     *
     * @param byteSize length in bytes, at least 1; the last page may be partly used. May be more
     *     than the budget has: memory is taken as pages get it
     * @param how the sizes of pages and spans
     * @return the buffer, all of whose pages are absent
     * @throws IllegalArgumentException if a size is out of range, or spans are smaller than pages
     * @throws OutOfPageMemoryException if the host has no room for the window
     * @throws IllegalStateException if this, or the runtime, is closed
     */
    PageBuffer allocate(long byteSize, Allocation how);

    /** {@return whether neither it nor its runtime has been closed} */
    boolean isOpen();

    /**
     * Closes the budget. A second call does nothing.
     *
     * @throws IllegalStateException if a buffer or a budget in it is open; the message names them.
     *     Or if this is the runtime's own, which ends with the runtime
     */
    @Override
    void close();
}
