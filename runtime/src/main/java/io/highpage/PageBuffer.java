// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.internal.core.ManagedBuffer;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.ResidencyMap;
import io.highpage.outcome.Terms;

import java.lang.foreign.MemorySegment;

/**
 * A contiguous range of pages that move between host memory and device memory: the unit of
 * placement. Thread-safe.
 *
 * <p>A byte range counts for every page that it touches. Offsets and sizes are bytes; a range that
 * is negative, empty or beyond the end is an {@link IndexOutOfBoundsException}, a null argument a
 * {@link NullPointerException}, and any use after {@link #close()} an
 * {@link IllegalStateException}; nothing has changed then.
 *
 * <p>Waiting for a page is bounded by a deadline ({@link Terms#deadline}); by default an operation
 * waits up to a second for pages that are moving and not at all for pages that are held, pinned or
 * accessed.
 */
public sealed interface PageBuffer extends AutoCloseable permits ManagedBuffer {

    /** {@return the number of this buffer in its runtime, as messages show it} */
    long id();

    /** {@return the length in bytes, as it was asked for} */
    long byteSize();

    /** {@return the size of a page in bytes} */
    long pageBytes();

    /** {@return the number of pages} */
    long pageCount();

    // ---- bytes, wherever the pages are ----

    /**
     * Copies bytes out of the buffer. A hold: pages on a private device come home, absent pages
     * read as zero.
     *
     * <p>While a device access is open, this may return bytes from before a kernel's work, see
     * {@link DeviceAccess}.
     *
     * @param offset first byte to read
     * @param target takes the bytes, all of it is filled; heap or native. It may be memory of this
     *     buffer, of a pin, a hold or an access: the bytes are then as if copied through a
     *     temporary segment
     * @throws PagesBusyException if a page had to move and could not
     */
    void read(long offset, MemorySegment target);

    /**
     * Copies bytes into the buffer. A hold: pages on a private device come home, absent pages get
     * host memory.
     *
     * <p>While a device access is open, this may write in the middle of a kernel's work, see
     * {@link DeviceAccess}.
     *
     * @param offset first byte to write
     * @param source the bytes; heap or native. It may be memory of this buffer, of a pin, a hold or
     *     an access: the bytes are then as if copied through a temporary segment
     * @throws PagesBusyException if a page had to move and could not
     */
    void write(long offset, MemorySegment source);

    /**
     * Sets every byte of a range. Zeroes are written by the device's driver where the pages are on
     * a private device (all that lie in a stretch of 16 MiB); they stay there. If it fails, the
     * bytes of the range are undefined.
     *
     * @param offset first byte
     * @param byteSize number of bytes
     * @param value the byte to store
     * @throws PagesBusyException if a page had to move and could not
     */
    void fill(long offset, long byteSize, byte value);

    /**
     * Copies bytes to another buffer, or within this one (as if through a temporary buffer),
     * straight from its pages to the other's. Where the pages of one buffer are on a private device
     * (all that lie in a stretch of 16 MiB), they stay there, and the device's driver copies to or
     * from the other buffer's; otherwise pages on a private device come home. If it fails, the
     * bytes of the target range are undefined, all others as before.
     *
     * @param offset first byte to copy
     * @param target the buffer to copy to
     * @param targetOffset first byte to overwrite
     * @param byteSize number of bytes
     * @throws PagesBusyException if a page had to move and could not
     */
    void copyTo(long offset, PageBuffer target, long targetOffset, long byteSize);

    // ---- where the pages are ----

    /** {@return where every page is right now} */
    ResidencyMap residency();

    /**
     * {@return where the pages of a range are right now}
     *
     * @param offset first byte of the range
     * @param byteSize length of the range
     */
    ResidencyMap residency(long offset, long byteSize);

    /**
     * Moves all pages to a device, as far as they may move.
     *
     * @param device a device of this runtime
     * @return what moved and why the rest did not
     */
    MoveReport prefetch(Device device);

    /**
     * Moves the pages of a range to a device, as far as they may move: absent pages arrive zeroed,
     * pages with a hold, a pin or an access stay, as do pages on another device.
     *
     * @param device a device of this runtime
     * @param offset first byte of the range
     * @param byteSize length of the range
     * @return what moved and why the rest did not
     */
    MoveReport prefetch(Device device, long offset, long byteSize);

    /**
     * Moves all pages out of device memory, as far as they may move.
     *
     * @return what moved and why the rest did not
     */
    MoveReport evict();

    /**
     * Moves the pages of a range out of device memory, as far as they may move. Absent pages stay
     * absent.
     *
     * @param offset first byte of the range
     * @param byteSize length of the range
     * @return what moved and why the rest did not
     */
    MoveReport evict(long offset, long byteSize);

    // ---- holders ----

    /** {@return a hold of the whole buffer on the default terms} */
    Hold hold();

    /**
     * {@return a hold of a range on the default terms}
     *
     * @param offset first byte of the range
     * @param byteSize length of the range
     */
    Hold hold(long offset, long byteSize);

    /**
     * Takes a short-term hold of a range.
     *
     * @param terms owner, deadline, confinement
     * @param offset first byte of the range
     * @param byteSize length of the range
     * @return the hold
     * @throws PagesBusyException if a page had to move and could not
     * @throws OutOfPageMemoryException if the host has no memory for a page
     * @throws DeviceLostException if a page was on a device that is gone
     * @throws IllegalArgumentException if the terms ask for what only a pin has
     */
    Hold hold(Terms terms, long offset, long byteSize);

    /**
     * Pins the whole buffer for the long term; at home this costs the same whatever its size.
     *
     * @param terms owner, deadline, confinement, strength
     * @return the pin
     * @throws PagesBusyException if a page had to move and could not; nothing is pinned then
     * @throws OutOfPageMemoryException if the host has no memory for a page, or the memlock limit
     *     is too low
     * @throws DeviceException if the driver failed to copy a page out
     * @throws DeviceLostException if a page was on a device that is gone
     */
    Pin pin(Terms terms);

    /**
     * Pins a range for the long term.
     *
     * @param terms owner, deadline, confinement, strength
     * @param offset first byte of the range
     * @param byteSize length of the range
     * @return the pin
     * @throws PagesBusyException if a page had to move and could not; nothing is pinned then
     * @throws OutOfPageMemoryException if the host has no memory for a page, or the memlock limit
     *     is too low
     * @throws DeviceException if the driver failed to copy a page out
     * @throws DeviceLostException if a page was on a device that is gone
     */
    Pin pin(Terms terms, long offset, long byteSize);

    /**
     * As {@link #pin(Terms)}, with the refusal as a result: cheap, for programs that go on without
     * the pin.
     *
     * @param terms owner, deadline, confinement, strength
     * @return the pin, or why there is none
     */
    PinAttempt tryPin(Terms terms);

    /**
     * As {@link #pin(Terms, long, long)}, with the refusal as a result: cheap, for programs that go
     * on without the pin.
     *
     * @param terms owner, deadline, confinement, strength
     * @param offset first byte of the range
     * @param byteSize length of the range
     * @return the pin, or why there is none
     */
    PinAttempt tryPin(Terms terms, long offset, long byteSize);

    /**
     * Pins for the long term what can be pinned of a range, and says why the rest cannot. Pages
     * that are held, accessed or moving are waited for within the deadline of the terms, which is
     * one for all.
     *
     * @param terms owner, deadline, confinement, strength
     * @param offset first byte of the range
     * @param byteSize length of the range
     * @return a pin for each contiguous piece, perhaps none, and the outcome of every page
     * @throws OutOfPageMemoryException if the memlock limit is too low; nothing is pinned then
     */
    PartialPin pinPossible(Terms terms, long offset, long byteSize);

    /**
     * {@return an access of the whole buffer on the default terms}
     *
     * @param device a device of this runtime
     * @param mode what kernels will do
     */
    DeviceAccess access(Device device, AccessMode mode);

    /**
     * {@return an access of a range on the default terms}
     *
     * @param device a device of this runtime
     * @param mode what kernels will do
     * @param offset first byte of the range
     * @param byteSize length of the range
     */
    DeviceAccess access(Device device, AccessMode mode, long offset, long byteSize);

    /**
     * Brings a range to a device, all of it or nothing, and keeps it there. After a failure no page
     * is accessed; pages that had already arrived stay on the device.
     *
     * @param terms owner, deadline, confinement
     * @param device a device of this runtime
     * @param mode what kernels will do
     * @param offset first byte of the range
     * @param byteSize length of the range
     * @return the access
     * @throws PagesBusyException if a page is pinned, or had to move and could not
     * @throws OutOfPageMemoryException if the device has no memory for the buffer
     * @throws DeviceException if the driver failed to copy a page in
     * @throws DeviceLostException if the device is gone
     * @throws IllegalArgumentException if the terms ask for what only a pin has, or the device is
     *     another runtime's
     */
    DeviceAccess access(Terms terms, Device device, AccessMode mode, long offset, long byteSize);

    /** {@return whether the buffer has not been closed yet} */
    boolean isOpen();

    /**
     * Gives back all memory of the buffer. A second call does nothing.
     *
     * @throws IllegalStateException if a pin, hold or access is open; the message names them and
     *     the buffer is unchanged
     */
    @Override
    void close();
}
