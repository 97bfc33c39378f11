// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import io.highpage.PageBuffer;
import io.highpage.Pin;

import java.io.IOException;

/**
 * A buffer whose home is registered with a ring once, whole, while its pages come and go. A pin of
 * any range of it then becomes a {@link FixedBuffer} without a call of the kernel, which holds the
 * memory already.
 *
 * <pre>{@code
 * try (RegisteredBuffer whole = ring.register(buffer)) {
 *     buffer.prefetch(device); // its pages may leave and come back
 *     try (Pin pin = buffer.range(offset, length).pin(Pin.longTerm());
 *             FixedBuffer fixed = whole.register(pin)) {
 *         ring.readFully(file, 0, fixed, 0, length, limit);
 *     }
 * }
 * }</pre>
 *
 * <p>All of the buffer's home memory is taken and kept while this is open, and counts in its budget
 * and against the memlock limit. The ring touches bytes under open pins only. The buffer cannot be
 * closed before this. Thread-safe.
 */
public final class RegisteredBuffer implements AutoCloseable {
    private final Ring ring;
    private final WholeMemory memory;

    RegisteredBuffer(Ring ring, WholeMemory memory) {
        this.ring = ring;
        this.memory = memory;
    }

    /** {@return the ring} */
    public Ring ring() {
        return ring;
    }

    /** {@return the buffer whose home it is} */
    public PageBuffer buffer() {
        return memory.buffer();
    }

    /**
     * {@return the number of slots that it takes in the ring's table, one for each GiB or part of
     * it}
     */
    public int slots() {
        return memory.slots.numbers.length;
    }

    /** {@return whether it has not been closed yet, and neither has its ring} */
    public boolean isOpen() {
        return !memory.leaving;
    }

    /**
     * Registers a pin of this buffer: the kernel holds its memory. Takes no slot, and calls neither
     * the kernel nor the table, however long the pin is.
     *
     * @param pin an open pin of this buffer
     * @return the pin as a buffer of the ring; close it before the pin
     * @throws IllegalArgumentException if it is a pin of another buffer
     * @throws IllegalStateException if the pin, this or the ring is closed
     * @throws WrongThreadException if the pin is confined to another thread
     * @throws IOException as for {@link Ring#register(Pin)}
     */
    public FixedBuffer register(Pin pin) throws IOException {
        return ring.register(memory, pin);
    }

    /**
     * Takes the buffer out of the table, with all {@linkplain #register pins} that are in it, and
     * waits for operations on them as {@link FixedBuffer#close} does. A second call goes on with
     * what the first could not do.
     *
     * @throws IllegalStateException if an operation did not end; this is closed all the same, but
     *     the home and the pin stay registered until the operation has ended
     * @throws IOException if the kernel refused; the home stays registered until this or the ring
     *     is closed again
     */
    @Override
    public void close() throws IOException {
        ring.remove(memory);
    }

    WholeMemory memory() {
        return memory;
    }

    @Override
    public String toString() {
        return memory + " in " + ring;
    }
}
