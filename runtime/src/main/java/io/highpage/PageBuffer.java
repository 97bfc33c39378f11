// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.internal.core.ManagedBuffer;
import io.highpage.outcome.PagesBusyException;

import java.util.Optional;

/**
 * A contiguous range of pages that move between host memory and device memory: the unit of
 * placement. Thread-safe.
 *
 * <p>What can be done with all of it is said at {@link PageRange}; with a part of it,
 * {@code buffer.range(offset, byteSize)} does. A byte range counts for every page that it touches.
 * Offsets and sizes are bytes; a range that is negative or goes beyond the end is an
 * {@link IndexOutOfBoundsException}, and any use after {@link #close()} an
 * {@link IllegalStateException}; nothing has changed then.
 */
public sealed interface PageBuffer extends PageRange, AutoCloseable permits ManagedBuffer {

    /** {@return the number of this buffer in its runtime, as messages show it} */
    long id();

    /** {@return the length in bytes, as it was asked for} */
    @Override
    long byteSize();

    /** {@return the size of a page in bytes} */
    long pageBytes();

    /**
     * {@return the length of a span in bytes, as {@link io.highpage.outcome.Allocation} chose it:
     * the whole buffer, in whole pages, if it chose none, or is no longer than one}
     */
    long spanBytes();

    /** {@return the number of pages} */
    long pageCount();

    /**
     * Has pages return to a device by themselves. When a pin ends, and none ended on the same pages
     * for 50 ms, those that are at home and that nobody holds or waits for are copied there by a
     * thread of the runtime, in pieces of at most 32 MiB, as long as the device has room: nothing
     * leaves it for them. They are valid at home too then. Held pages, and those that found no
     * room, are tried again. Nothing is moved at once, and nobody waits for it.
     *
     * <p>Stays so until the buffer closes, another device is preferred, or {@link #preferHome()}.
     *
     * @param device a device of the buffer's runtime
     * @throws IllegalArgumentException if it is one of another runtime
     */
    void prefer(Device device);

    /** Leaves pages at home when pins end, as is so until a device is preferred. */
    void preferHome();

    /** {@return the device that is {@linkplain #prefer preferred}, empty if none is} */
    Optional<Device> preferred();

    /**
     * Says that something outside the runtime keeps the memory of the buffer's home from now on,
     * all of it, while pages come and go. For home memory that is what a pin is: all pages get some
     * now, which counts in the buffer's {@linkplain Budget budget}, and none gives it up. So a page
     * that comes home is at the same place of the same memory each time. Nothing else is kept: what
     * is in the memory of a page's home are its bytes only while a pin keeps the page there.
     *
     * <p>Takes a reading pin of the whole buffer for the moment: what is only on a device is copied
     * home, and stays valid there too. Several registrations may be open at once.
     *
     * @param keeper who keeps it
     * @return the registration; the buffer cannot be closed while it is open
     * @throws IllegalStateException if the buffer is closed
     * @throws PagesBusyException and others as for {@link PageRange#pin}, if the whole buffer
     *     cannot be pinned now
     */
    HomeRegistration registerHome(Keeper keeper);

    /** {@return whether the buffer has not been closed yet} */
    boolean isOpen();

    /**
     * Gives back all memory of the buffer. A second call does nothing.
     *
     * @throws IllegalStateException if a pin, hold, access or registration of its home is open; the
     *     message names them and the buffer is unchanged. Or if a native call of another thread
     *     does not let its memory go within a second: the buffer is closed then, and another call
     *     goes on
     */
    @Override
    void close();
}
