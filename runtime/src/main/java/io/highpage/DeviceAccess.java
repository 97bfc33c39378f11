// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.device.Completion;
import io.highpage.internal.core.OpenAccess;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceWaitException;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Keeps a range in device memory while kernels use it. The range is one contiguous piece of device
 * memory.
 *
 * <p>{@link #close()} waits until the work it was told of with {@link #completesWith} is done, or,
 * if it was told of none, until the device's own queue is idle; only then may pages move or memory
 * be freed. If work has failed, the access is closed all the same, and the close then throws what
 * it failed with. If a wait fails, so that it is not known whether the work has ended, the close
 * throws {@link DeviceWaitException}, and the access stays open: close it again.
 *
 * <p>While an access is open, the program leaves its range to the kernels. On a private device the
 * CPU cannot do otherwise: {@link PageBuffer#read}, {@link PageBuffer#write},
 * {@link PageRange#fill}, {@link PageRange#copyTo} and {@link PageRange#hold} fail with
 * {@link PagesBusyException}. On a coherent device they go ahead, since the CPU can touch that
 * memory, and nothing orders them with a kernel: a read may return bytes from before its work, a
 * write may be lost in it. To see what a kernel has written, close the access first, which waits
 * for it. In the checked mode ({@link Highpage.Builder#checked}) coherent devices refuse it too,
 * but for readers beside readers.
 */
public sealed interface DeviceAccess extends Holder permits OpenAccess {

    /** {@return the device that the pages are on} */
    Device device();

    /** {@return what kernels do, as given in the terms} */
    @Override
    AccessMode mode();

    /**
     * {@return what to give to a kernel}: on a coherent device a segment of the range, readable
     * here too (and writable unless the access is {@link AccessMode#READ}); on a private device a
     * zero-length segment whose address is the kernel's pointer, so that a touch by the CPU is an
     * {@link IndexOutOfBoundsException}.
     *
     * @throws IllegalStateException if the access is closed
     * @throws UnsupportedOperationException if the device has no pointers, see {@link #handle()}
     */
    MemorySegment segment();

    /**
     * {@return the kernel's pointer, the address of {@link #segment}} For calls that take a number:
     * no segment has to end with the access, which of a {@linkplain Terms#shared() shared} one the
     * JVM has every thread stop for.
     *
     * @throws IllegalStateException if the access is closed
     * @throws UnsupportedOperationException if the device has no pointers, see {@link #handle()}
     */
    long address();

    /**
     * {@return the driver's memory object for exactly this range, such as a {@code cl_mem}
     * sub-buffer; valid until the access is closed}
     *
     * @throws IllegalStateException if the access is closed
     * @throws UnsupportedOperationException if the device hands out pointers, see
     *     {@link #segment()}
     */
    MemorySegment handle();

    /**
     * Tells the access of work that uses its memory, from any thread. May be called several times;
     * {@link #close()} waits for all that was accepted.
     *
     * @param completion waits for the work
     * @throws IllegalStateException if the access is closed or being closed
     */
    void completesWith(Completion completion);

    /**
     * Uses the memory in the calling thread, such as to enqueue work and tell of it: a close waits
     * for the end, and for the work that was told of inside, also if it came meanwhile. From any
     * thread; may be nested.
     *
     * @param user uses it; may not close the access
     * @throws IllegalStateException if the access is closed or being closed; nothing is done then
     */
    void use(Runnable user);

    /**
     * Makes something over this memory that the close gives back, such as a {@code cl_mem} or an
     * image: after the work has ended, before pages may move, last one first. From any thread; a
     * close waits for the maker.
     *
     * @param maker makes it; may not close the access
     * @param release gives it back; called once, by whoever closes. If it throws, the access is
     *     closed all the same and the close then throws that; after a {@link StackOverflowError} or
     *     {@link OutOfMemoryError} the access stays open, and the next close calls it again
     * @param <T> what it is
     * @return what the maker made
     * @throws IllegalStateException if the access is closed or being closed; nothing is made then
     */
    <T> T make(Supplier<? extends T> maker, Consumer<? super T> release);

    /**
     * Tells the access that a kernel has been given its memory, as bridges do when they set an
     * argument. It is not work yet. In the checked mode {@link #close()} asks that work was told of
     * after it, and throws an {@link IllegalStateException} if none was, with the access closed:
     * the device's own queue is all that it could wait for then. Else this does nothing.
     *
     * @param argument which argument of which kernel, in words
     * @throws IllegalStateException if the access is closed or being closed
     */
    void givenTo(String argument);

    /**
     * {@return whether it was told of work} So its memory may have been written since it was taken,
     * also if it is an {@link AccessMode#WRITE}.
     */
    boolean hasWork();

    /**
     * {@return whether its runtime is in the checked mode ({@link Highpage.Builder#checked}), in
     * which bridges look for what a driver leaves undefined}
     */
    boolean isChecked();

    /**
     * Closes the access once the work that it was told of has ended, without a thread that waits
     * for work which can tell its end ({@link Completion#whenEnded}; events of OpenCL can). Other
     * work, and the device's own queue if it was told of none, is waited for by a thread that is
     * made for it.
     *
     * <p>From now on the access takes no more work. Its pages stay where they are, and it stays
     * open and listed, until all of it has ended; {@link #close()} may be called meanwhile, and
     * waits. Cancelling the future changes nothing else.
     *
     * @return completes when the access is closed; fails as {@link #close()} would, with
     *     {@link DeviceWaitException} if it stays open
     * @throws IllegalStateException if it is confined to a thread, as it is unless its terms say
     *     {@linkplain io.highpage.outcome.Terms#shared() shared}
     */
    CompletableFuture<Void> closeAsync();
}
