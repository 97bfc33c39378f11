// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.internal.core.LongTermPin;
import io.highpage.outcome.Strength;
import io.highpage.outcome.Terms;
import io.highpage.outcome.Verification;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * A long-term pin: keeps a range in host memory, in one piece and at one address, for as long as it
 * is open. Pages that were in device memory have been migrated out first, absent pages have been
 * given zeroed memory (the rule that Linux applies to {@code FOLL_LONGTERM}).
 *
 * <p>The segment is anonymous memory that the library owns, never Java heap; each page of the
 * buffer is aligned to its size. What no library can stop: a segment rebuilt from its raw address
 * outlives the pin. A child process that is forked and starts no other program does not have this
 * memory ({@code MADV_DONTFORK}).
 */
public sealed interface Pin extends Holder permits LongTermPin {

    /**
     * {@return the terms to start from:
     * {@code Pin.longTerm().owner("rx-ring").deadline(ofMillis(50))}}
     */
    static Terms longTerm() {
        return Terms.defaults();
    }

    /**
     * {@return exactly the bytes asked for, in host memory; the address stays the same over the
     * buffer's life} Read-only if the pin only {@linkplain #mode reads}.
     *
     * @throws IllegalStateException if the pin is closed
     */
    MemorySegment segment();

    /**
     * {@return the address of the first byte, as that of {@link #segment}} For native code that
     * takes numbers: no segment has to end with the pin, which of a {@linkplain Terms#shared()
     * shared} one the JVM has every thread stop for. So nothing keeps a call that uses the address
     * from going on after the close.
     *
     * @throws IllegalStateException if the pin is closed
     */
    long address();

    /**
     * {@return the pin's bytes as a direct buffer in native byte order, valid until the pin is
     * closed} Nothing is copied: buffer and pin are the same memory. Who may use the buffer is as
     * for the segment, and it is read-only where that is; asynchronous channels need a
     * {@linkplain Terms#shared() shared} pin.
     *
     * @throws IllegalArgumentException if the pin is larger than 2 GiB less 9 bytes, which is where
     *     buffers end
     * @throws IllegalStateException if the pin is closed
     */
    ByteBuffer asByteBuffer();

    /**
     * {@return what keeps the range in place: the strongest of what the terms asked for and of the
     * keepers whose registrations are open}
     */
    Strength strength();

    /**
     * Says that something outside the runtime keeps the pin's memory from now on. While the
     * registration is open the pin cannot be closed. Register before the keeper is given the
     * memory, and close the registration after it has let the memory go. Several registrations may
     * be open at once, also with the same keeper. If the pin is closed at the same time by another
     * thread, exactly one of the two wins.
     *
     * @param keeper who keeps it
     * @return the registration
     * @throws IllegalStateException if the pin is closed
     * @throws WrongThreadException if the pin is confined to another thread
     */
    Registration register(Keeper keeper);

    /**
     * Reads back whether the pin still is what {@link #strength()} says: the page table always, the
     * kernel's own account ({@code /proc/self/smaps}, {@code VmLck}) if the terms asked for
     * {@linkplain Terms#pageLocked() page-locks}, and every keeper while registrations are open.
     * Where the kernel tells page frame numbers (to a process with {@code CAP_SYS_ADMIN}), it also
     * looks whether those of a registered pin are still the ones first seen, and keeps 8 bytes a
     * base page for that. It costs about as much as reading those files.
     *
     * @return the verdict, with the evidence
     * @throws IllegalStateException if the pin is closed
     */
    Verification verify();

    /**
     * Lets the pages go, as any holder.
     *
     * @throws WrongThreadException as for any holder
     * @throws IllegalStateException as for any holder, or if a registration is open; the message
     *     names the keepers, and the pin stays whole
     */
    @Override
    void close();
}
