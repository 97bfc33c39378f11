// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.device.Completion;
import io.highpage.internal.core.ManagedRange;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;

import java.util.concurrent.CompletableFuture;

/**
 * A range of bytes of a buffer, and what can be done with the pages that it touches: all of it is
 * said here once, for a part of a buffer ({@link PageBuffer#range}) and for a whole one. A range is
 * checked when it is made, and can be used again and again: a program that pins the same range
 * often makes it once.
 *
 * <p>Immutable, and usable from any thread. A range keeps nothing: once its buffer is closed, every
 * operation is an {@link IllegalStateException}. Bytes of a page outside the range are not changed,
 * but move and stay with it.
 *
 * <p>A null argument is a {@link NullPointerException}; nothing has changed then. Waiting for a
 * page is bounded by a deadline ({@link Terms#deadline}); by default an operation waits up to a
 * second for pages that are moving and not at all for pages that are held, pinned or accessed.
 */
public sealed interface PageRange permits PageBuffer, ManagedRange {

    /** {@return the buffer that it is a range of; a buffer itself if this is one} */
    PageBuffer buffer();

    /** {@return the first byte of the range in the buffer; 0 of a whole one} */
    long offset();

    /** {@return the length in bytes} */
    long byteSize();

    // ---- bytes, wherever the pages are ----

    /**
     * Sets every byte. Zeroes are written by the device's driver where the pages are on a private
     * device (all that lie in a stretch of 16 MiB); they stay there. If it fails, the bytes of the
     * range are undefined.
     *
     * @param value the byte to store
     * @throws PagesBusyException if a page had to move and could not
     */
    void fill(byte value);

    /**
     * Copies all bytes to another buffer, or within this one (as if through a temporary buffer),
     * straight from its pages to the other's. Where the pages of one buffer are on a private device
     * (all that lie in a stretch of 16 MiB), they stay there, and the device's driver copies to or
     * from the other buffer's; otherwise pages on a private device come home. If it fails, the
     * bytes that were to be overwritten are undefined, all others as before.
     *
     * @param target the buffer to copy to
     * @param targetOffset first byte to overwrite there
     * @throws IndexOutOfBoundsException if the bytes do not lie in the target from there on
     * @throws PagesBusyException if a page had to move and could not
     */
    void copyTo(PageBuffer target, long targetOffset);

    // ---- where the pages are ----

    /** {@return where the pages are right now, and on which device} */
    ResidencyMap residency();

    /**
     * Moves the pages to a device, as far as they may move: absent pages arrive zeroed, pages with
     * a hold, a pin or an access stay, as do pages whose bytes are only on another device. Bytes
     * that are copied stay valid at home, until somebody may write to them: readers
     * ({@link AccessMode#READ}) at home and on the device can then have them together, and an
     * eviction copies nothing. If the device is full, spans leave it for this that are worth less
     * there: which were used less often, by the uses on that device, and were not themselves
     * prefetched and not yet used. It waits for nobody who holds room, and says in the report who
     * does.
     *
     * @param device a device of this runtime
     * @return what moved and why the rest did not
     */
    MoveReport prefetch(Device device);

    /**
     * Moves the pages out of device memory, as far as they may move. Absent pages stay absent.
     *
     * @return what moved and why the rest did not
     */
    MoveReport evict();

    /**
     * As {@link #prefetch}, by a thread of the runtime; see {@link #pinAsync} for what asynchronous
     * operations have in common. It waits for nobody but, for a tenth of a second, for memory of
     * the device that others are getting or giving back.
     *
     * @param device a device of this runtime
     * @return what will have moved and why the rest did not
     */
    CompletableFuture<MoveReport> prefetchAsync(Device device);

    /**
     * As {@link #evict}, by a thread of the runtime; see {@link #pinAsync} for what asynchronous
     * operations have in common.
     *
     * @return what will have moved and why the rest did not
     */
    CompletableFuture<MoveReport> evictAsync();

    // ---- holders ----

    /** {@return a hold on the default terms, see {@link #hold(Terms)}} */
    Hold hold();

    /**
     * Takes a short-term hold.
     *
     * @param terms mode, owner, deadline, confinement
     * @return the hold
     * @throws PagesBusyException if a page had to move and could not
     * @throws OutOfPageMemoryException if the host has no memory for a page
     * @throws DeviceLostException if a page was on a device that is gone
     * @throws IllegalArgumentException if the terms ask for what only a pin has
     */
    Hold hold(Terms terms);

    /**
     * Pins for the long term. Of a whole buffer at home this costs the same whatever its size.
     *
     * @param terms mode, owner, deadline, confinement, strength
     * @return the pin
     * @throws PagesBusyException if a page had to move and could not; nothing is pinned then
     * @throws OutOfPageMemoryException if the host has no memory for a page, or the memlock limit
     *     is too low
     * @throws DeviceException if the driver failed to copy a page out
     * @throws DeviceLostException if a page was on a device that is gone
     */
    Pin pin(Terms terms);

    /**
     * As {@link #pin}, with the refusal as a result: cheap, for programs that go on without the
     * pin.
     *
     * @param terms mode, owner, deadline, confinement, strength
     * @return the pin, or why there is none
     */
    PinAttempt tryPin(Terms terms);

    /**
     * Pins for the long term what can be pinned, and says why the rest cannot. Pages that are held,
     * accessed or moving are waited for within the deadline of the terms, which is one for all.
     *
     * @param terms mode, owner, deadline, confinement, strength
     * @return a pin for each contiguous piece, perhaps none, and the outcome of every page
     * @throws OutOfPageMemoryException if the memlock limit is too low; nothing is pinned then
     */
    PartialPin pinPossible(Terms terms);

    /**
     * As {@link #pin}, without a thread that waits: a few threads of the runtime copy
     * ({@code -Dhighpage.asyncThreads}, by default 2 to 4), and an operation that has to wait has
     * none of them meanwhile. Wrong arguments, and a closed buffer, are thrown at once; everything
     * else that the synchronous form throws is what the future fails with. The deadline counts from
     * this call. At most 4096 operations of a runtime are under way at once; the future of one more
     * has failed with a {@link PagesBusyException}, and can be asked for again.
     *
     * <p>The pin belongs to the future until {@code get}, {@code join}, {@code getNow},
     * {@code resultNow} or a stage that is given it first hands it over; from then on to whoever
     * got it, who closes it. A future that is cancelled before that, also one that is complete,
     * that fails, or that is there when its buffer or runtime closes gives everything back itself;
     * the last with an {@link IllegalStateException}. Cancelling ends an operation that waits at
     * once, and one that copies when the copies under way have ended. What
     * {@link CompletableFuture#anyOf} passes on is not handed over by that: use
     * {@code applyToEither}.
     *
     * <p>Whatever the terms say, any thread may use and close the pin, as with
     * {@link Terms#shared}. A page that the caller keeps itself is waited for like every other,
     * since the caller may let it go meanwhile.
     *
     * <p>Operations that are under way at the same time are in no order, whoever asked for them,
     * even of one range: have one begin in a stage of the other ({@code thenCompose}) for that.
     * What a thread did before it asked is visible to the operation, and what that did to whoever
     * sees its future complete. Stages that are added before that run in the future's default
     * executor, not in the threads that copy.
     *
     * @param terms mode, owner, deadline, strength
     * @return the pin
     */
    CompletableFuture<Pin> pinAsync(Terms terms);

    /**
     * {@return an access on the default terms, but for the mode, see {@link #access(Terms,
     * Device)}}
     *
     * @param device a device of this runtime
     * @param mode what kernels will do
     */
    DeviceAccess access(Device device, AccessMode mode);

    /**
     * Brings the pages to a device, all of them or nothing, and keeps them there. After a failure
     * no page is accessed; pages that had already arrived stay on the device.
     *
     * <p>If the device is full, spans of any buffer of the runtime leave it that nobody holds, in
     * the order of the runtime's {@link EvictionPolicy}. If others hold all the room, it is waited
     * for as for pages that they hold: until the deadline, by default not at all; if the calling
     * thread holds it, the access is refused at once.
     *
     * @param terms mode (what kernels will do), owner, deadline, confinement
     * @param device a device of this runtime
     * @return the access
     * @throws PagesBusyException if a page is pinned, or had to move and could not
     * @throws OutOfPageMemoryException if the device has no memory for the span, or others hold it
     *     until the deadline, or it passed before enough had left: the message tells
     * @throws DeviceException if the driver failed to copy a page in
     * @throws DeviceLostException if the device is gone
     * @throws IllegalArgumentException if the range is not in one span of the buffer (see
     *     {@link io.highpage.outcome.Allocation}), the terms ask for what only a pin has, or the
     *     device is another runtime's
     */
    DeviceAccess access(Terms terms, Device device);

    /**
     * As {@link #access(Terms, Device)}, without a thread that waits; see {@link #pinAsync} for
     * what asynchronous operations have in common. Room on the device that the caller holds itself
     * is waited for too.
     *
     * @param terms mode (what kernels will do), owner, deadline
     * @param device a device of this runtime
     * @return the access
     * @throws IllegalArgumentException as {@link #access(Terms, Device)}
     */
    CompletableFuture<DeviceAccess> accessAsync(Terms terms, Device device);

    /**
     * As {@link #accessAsync(Terms, Device)}, once work has ended, such as a kernel that fills
     * something else which kernels on this range need: no thread waits for it. Until then the
     * access keeps nothing, and its deadline counts from then; nothing but cancelling, a close of
     * the buffer or the runtime, or {@link CompletableFuture#orTimeout} ends the wait for work that
     * never ends. If the work fails, so does the future, with what {@link Completion#await} throws.
     *
     * @param terms mode (what kernels will do), owner, deadline
     * @param device a device of this runtime
     * @param after the work, on any device, which must tell its end: an event of OpenCL does
     * @return the access
     * @throws IllegalArgumentException as {@link #access(Terms, Device)}, or if the work cannot
     *     tell its end ({@link Completion#whenEnded})
     */
    CompletableFuture<DeviceAccess> accessAsync(Terms terms, Device device, Completion after);
}
