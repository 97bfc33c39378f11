// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import io.highpage.Pin;

import java.io.IOException;

/**
 * A pin that is registered with a ring: the kernel keeps its memory in place, and reads and writes
 * files straight into it. The pin cannot be closed before this. Thread-safe.
 */
public final class FixedBuffer implements AutoCloseable {
    private final Ring ring;

    /** Changed under the ring's lock only. */
    @SuppressWarnings("NullAway.Init") // nobody gets a buffer before the ring has it
    volatile PinnedMemory memory;

    volatile boolean closed;

    FixedBuffer(Ring ring) {
        this.ring = ring;
    }

    /** {@return the ring} */
    public Ring ring() {
        return ring;
    }

    /** {@return the pin whose memory it is} */
    public Pin pin() {
        return memory.pin();
    }

    /** {@return the length of the pin in bytes} */
    public long byteSize() {
        return memory.byteSize();
    }

    /**
     * {@return the number of slots that it takes in the ring's table, one for each GiB or part of
     * it; none if its whole buffer is {@linkplain RegisteredBuffer registered}}
     */
    public int slots() {
        return memory.slotCount();
    }

    /** {@return whether it has not been closed yet, and neither has its ring} */
    public boolean isOpen() {
        return !closed && memory.isInTable();
    }

    /**
     * Puts another pin in place of the present one, for operations from now on. Those in flight end
     * in the memory that they began with; this waits for them, as {@link #close} does, and then the
     * old pin is no longer registered here. The table needs room for both meanwhile. If the kernel
     * refuses the new pin, the present one stays.
     *
     * @param pin the new pin; of the same buffer, if that is {@linkplain RegisteredBuffer
     *     registered} whole and this pin with it
     * @throws IllegalArgumentException as for {@link RegisteredBuffer#register}
     * @throws IllegalStateException as for {@link Ring#register(Pin)} and {@link #close}, or if
     *     this is closed
     * @throws IOException as for {@link Ring#register(Pin)}
     */
    public void update(Pin pin) throws IOException {
        ring.update(this, pin);
    }

    /**
     * Takes it out of the table and waits for its operations, for at most the ring's patience; what
     * has not ended then is cancelled, and awaited as long again. An interrupt does not end it. A
     * second call goes on with what the first could not do, and does nothing if there is nothing
     * left.
     *
     * @throws IllegalStateException if an operation did not end; this is closed all the same, but
     *     the pin stays registered until the operation has ended
     * @throws IOException if the kernel refused; the pin stays registered until this or the ring is
     *     closed again
     */
    @Override
    public void close() throws IOException {
        ring.remove(this);
    }

    PinnedMemory memory() {
        return memory;
    }

    @Override
    public String toString() {
        return "fixed buffer of " + memory.pin() + " in " + ring;
    }
}
