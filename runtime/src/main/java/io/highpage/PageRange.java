// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.device.Completion;
import io.highpage.internal.core.ManagedRange;
import io.highpage.internal.core.NioMemory;
import io.highpage.internal.core.OneValue;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.Buffer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * A range of bytes of a buffer, and what can be done with the pages that it touches: all of it is
 * said here once, for a part of a buffer ({@link #range}) and for a whole one. So what takes a
 * range takes a buffer, or a slice of one. A range is checked when it is made, and can be used
 * again and again: a program that pins the same range often makes it once.
 *
 * <p>Offsets are bytes from the start of the range. Numbers in pages are of the machine's own byte
 * order, as kernels have them.
 *
 * <p>A range may be empty, also behind the last byte. What is done with it is done to no page, and
 * succeeds: nothing is copied or moved, and a pin, hold or access of it has an empty segment, is
 * open and listed until it is closed, but keeps nothing, not even its buffer from closing. Kernels
 * get NULL for it.
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

    /** {@return the length in bytes; perhaps 0} */
    long byteSize();

    /**
     * {@return a part of this range, which can be used again and again}
     *
     * @param offset first byte of the part, from the start of this range
     * @param byteSize length of the part, at least 0
     * @throws IndexOutOfBoundsException if it does not lie in this range
     * @throws IllegalStateException if the buffer is closed
     */
    PageRange range(long offset, long byteSize);

    // ---- bytes, wherever the pages are ----

    /**
     * Copies bytes out of the range. A hold that reads: pages on a private device are copied home,
     * and stay valid there too; absent pages read as zero.
     *
     * <p>While a device access is open, this may return bytes from before a kernel's work, see
     * {@link DeviceAccess}.
     *
     * @param offset first byte to read
     * @param target takes the bytes, all of it is filled; heap or native. It may be memory of this
     *     buffer, of a pin, a hold or an access: the bytes are then as if copied through a
     *     temporary segment
     * @throws IndexOutOfBoundsException if the bytes do not lie in this range, or the target is the
     *     segment of an access to a private device, which has none
     * @throws PagesBusyException if a page had to move and could not
     */
    void read(long offset, MemorySegment target);

    /**
     * Copies bytes into the range. A hold: pages on a private device come home, absent pages get
     * host memory.
     *
     * <p>While a device access is open, this may write in the middle of a kernel's work, see
     * {@link DeviceAccess}.
     *
     * @param offset first byte to write
     * @param source the bytes; heap or native. It may be memory of this buffer, of a pin, a hold or
     *     an access: the bytes are then as if copied through a temporary segment
     * @throws IndexOutOfBoundsException if the bytes do not lie in this range, or the source is the
     *     segment of an access to a private device, which has none
     * @throws PagesBusyException if a page had to move and could not
     */
    void write(long offset, MemorySegment source);

    /**
     * As {@link #read(long, MemorySegment)}, into a buffer of {@code java.nio}, heap or direct,
     * from its position to its limit; its position is then its limit, and stays where it is if this
     * fails. A {@code double[]} is {@code DoubleBuffer.wrap(array)}.
     *
     * @param offset first byte to read
     * @param target takes the bytes; numbers only in the machine's own byte order, while a
     *     {@link java.nio.ByteBuffer} may have any
     * @throws IllegalArgumentException if its numbers have the other byte order
     * @throws java.nio.ReadOnlyBufferException if it is read-only
     */
    default void read(long offset, Buffer target) {
        MemorySegment memory = NioMemory.target(target);
        read(offset, memory);
        target.position(target.limit());
    }

    /**
     * As {@link #write(long, MemorySegment)}, from a buffer of {@code java.nio}, heap or direct,
     * from its position to its limit; its position is then its limit, and stays where it is if this
     * fails. A {@code double[]} is {@code DoubleBuffer.wrap(array)}.
     *
     * @param offset first byte to write
     * @param source the bytes; numbers only in the machine's own byte order, while a
     *     {@link java.nio.ByteBuffer} may have any
     * @throws IllegalArgumentException if its numbers have the other byte order
     */
    default void write(long offset, Buffer source) {
        MemorySegment memory = NioMemory.source(source);
        write(offset, memory);
        source.position(source.limit());
    }

    /**
     * Reads bytes, see {@link #read(long, MemorySegment)}.
     *
     * @param offset first byte to read
     * @param target all of it is filled
     */
    default void read(long offset, byte[] target) {
        read(offset, MemorySegment.ofArray(Objects.requireNonNull(target, "target")));
    }

    /**
     * Reads numbers, see {@link #read(long, MemorySegment)}.
     *
     * @param offset first byte to read
     * @param target all of it is filled
     */
    default void read(long offset, int[] target) {
        read(offset, MemorySegment.ofArray(Objects.requireNonNull(target, "target")));
    }

    /**
     * Reads numbers, see {@link #read(long, MemorySegment)}.
     *
     * @param offset first byte to read
     * @param target all of it is filled
     */
    default void read(long offset, float[] target) {
        read(offset, MemorySegment.ofArray(Objects.requireNonNull(target, "target")));
    }

    /**
     * Writes bytes, see {@link #write(long, MemorySegment)}.
     *
     * @param offset first byte to write
     * @param source the bytes
     */
    default void write(long offset, byte[] source) {
        write(offset, MemorySegment.ofArray(Objects.requireNonNull(source, "source")));
    }

    /**
     * Writes numbers, see {@link #write(long, MemorySegment)}.
     *
     * @param offset first byte to write
     * @param source the numbers
     */
    default void write(long offset, int[] source) {
        write(offset, MemorySegment.ofArray(Objects.requireNonNull(source, "source")));
    }

    /**
     * Writes numbers, see {@link #write(long, MemorySegment)}.
     *
     * @param offset first byte to write
     * @param source the numbers
     */
    default void write(long offset, float[] source) {
        write(offset, MemorySegment.ofArray(Objects.requireNonNull(source, "source")));
    }

    /**
     * {@return one value of the range} A {@link #read(long, MemorySegment)} of its own: for many
     * values read an array, or take a hold.
     *
     * @param layout which, such as {@link ValueLayout#JAVA_BYTE}
     * @param offset its byte
     * @throws IndexOutOfBoundsException if it does not lie in this range
     */
    default byte get(ValueLayout.OfByte layout, long offset) {
        return OneValue.read(this, offset, layout).get(OneValue.inCell(layout), 0);
    }

    /**
     * {@return one value of the range} As {@link #get(ValueLayout.OfByte, long)}.
     *
     * @param layout its byte order, and its alignment in the buffer
     * @param offset its first byte
     * @throws IndexOutOfBoundsException if it does not lie in this range
     * @throws IllegalArgumentException if it is not aligned as the layout says
     */
    default int get(ValueLayout.OfInt layout, long offset) {
        return OneValue.read(this, offset, layout).get(OneValue.inCell(layout), 0);
    }

    /**
     * {@return one value of the range} As {@link #get(ValueLayout.OfInt, long)}.
     *
     * @param layout its byte order, and its alignment in the buffer
     * @param offset its first byte
     */
    default long get(ValueLayout.OfLong layout, long offset) {
        return OneValue.read(this, offset, layout).get(OneValue.inCell(layout), 0);
    }

    /**
     * {@return one value of the range} As {@link #get(ValueLayout.OfInt, long)}.
     *
     * @param layout its byte order, and its alignment in the buffer
     * @param offset its first byte
     */
    default float get(ValueLayout.OfFloat layout, long offset) {
        return OneValue.read(this, offset, layout).get(OneValue.inCell(layout), 0);
    }

    /**
     * {@return one value of the range} As {@link #get(ValueLayout.OfInt, long)}.
     *
     * @param layout its byte order, and its alignment in the buffer
     * @param offset its first byte
     */
    default double get(ValueLayout.OfDouble layout, long offset) {
        return OneValue.read(this, offset, layout).get(OneValue.inCell(layout), 0);
    }

    /**
     * Sets one value of the range. A {@link #write(long, MemorySegment)} of its own: for many
     * values write an array, or take a hold.
     *
     * @param layout which, such as {@link ValueLayout#JAVA_BYTE}
     * @param offset its byte
     * @param value the value
     * @throws IndexOutOfBoundsException if it does not lie in this range
     */
    default void set(ValueLayout.OfByte layout, long offset, byte value) {
        MemorySegment cell = OneValue.cell(this, offset, layout);
        cell.set(OneValue.inCell(layout), 0, value);
        write(offset, cell);
    }

    /**
     * Sets one value of the range. As {@link #set(ValueLayout.OfByte, long, byte)}.
     *
     * @param layout its byte order, and its alignment in the buffer
     * @param offset its first byte
     * @param value the value
     * @throws IndexOutOfBoundsException if it does not lie in this range
     * @throws IllegalArgumentException if it is not aligned as the layout says
     */
    default void set(ValueLayout.OfInt layout, long offset, int value) {
        MemorySegment cell = OneValue.cell(this, offset, layout);
        cell.set(OneValue.inCell(layout), 0, value);
        write(offset, cell);
    }

    /**
     * Sets one value of the range. As {@link #set(ValueLayout.OfInt, long, int)}.
     *
     * @param layout its byte order, and its alignment in the buffer
     * @param offset its first byte
     * @param value the value
     */
    default void set(ValueLayout.OfLong layout, long offset, long value) {
        MemorySegment cell = OneValue.cell(this, offset, layout);
        cell.set(OneValue.inCell(layout), 0, value);
        write(offset, cell);
    }

    /**
     * Sets one value of the range. As {@link #set(ValueLayout.OfInt, long, int)}.
     *
     * @param layout its byte order, and its alignment in the buffer
     * @param offset its first byte
     * @param value the value
     */
    default void set(ValueLayout.OfFloat layout, long offset, float value) {
        MemorySegment cell = OneValue.cell(this, offset, layout);
        cell.set(OneValue.inCell(layout), 0, value);
        write(offset, cell);
    }

    /**
     * Sets one value of the range. As {@link #set(ValueLayout.OfInt, long, int)}.
     *
     * @param layout its byte order, and its alignment in the buffer
     * @param offset its first byte
     * @param value the value
     */
    default void set(ValueLayout.OfDouble layout, long offset, double value) {
        MemorySegment cell = OneValue.cell(this, offset, layout);
        cell.set(OneValue.inCell(layout), 0, value);
        write(offset, cell);
    }

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
     * Copies all bytes to another range, of this buffer (as if through a temporary one) or of
     * another, straight from its pages to the other's. Where the pages of one buffer are on a
     * private device (all that lie in a stretch of 16 MiB), they stay there, and the device's
     * driver copies to or from the other buffer's; otherwise pages on a private device come home.
     * If it fails, the bytes that were to be overwritten are undefined, all others as before.
     *
     * @param target the range, or whole buffer, to copy to
     * @param targetOffset first byte to overwrite, from the start of the target
     * @throws IndexOutOfBoundsException if the bytes do not lie in the target from there on
     * @throws PagesBusyException if a page had to move and could not
     */
    void copyTo(PageRange target, long targetOffset);

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
     * Page-locks are made together then, and wait as long again at most for another operation that
     * page-locks pages of the buffer.
     *
     * @param terms mode, owner, deadline, confinement, strength
     * @return a pin for each contiguous piece, perhaps none, and the outcome of every page
     * @throws OutOfPageMemoryException if the memlock limit is too low; nothing is pinned then
     * @throws PagesBusyException if such an operation took longer; nothing is pinned then
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
