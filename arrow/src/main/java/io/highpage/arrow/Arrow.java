// SPDX-License-Identifier: Apache-2.0
package io.highpage.arrow;

import io.highpage.Keeper;
import io.highpage.Pin;
import io.highpage.Registration;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.ForeignAllocation;

import java.lang.foreign.MemorySegment;

/** Lets Arrow work on the memory of pins. Thread-safe. */
public final class Arrow {
    private Arrow() {}

    /**
     * Makes an Arrow buffer of a pin's bytes, without a copy. The pin cannot be closed before the
     * buffer's last reference is released, which any thread may do. Arrow works with addresses: it
     * does not know of the pin's thread, checks bounds on its own, and may write.
     *
     * @param allocator the allocator that accounts for the buffer
     * @param pin an open pin that does not only {@linkplain Pin#mode read}
     * @return the buffer, with one reference; closing it releases that
     * @throws org.apache.arrow.memory.OutOfMemoryException if the allocator's limit is too low;
     *     nothing is kept then
     * @throws IllegalArgumentException if the pin only reads
     * @throws IllegalStateException if the pin is closed
     * @throws WrongThreadException if the pin is confined to another thread
     */
    public static ArrowBuf buffer(BufferAllocator allocator, Pin pin) {
        MemorySegment segment = pin.segment();
        if (segment.isReadOnly()) {
            throw new IllegalArgumentException(pin + " was taken to read only, and Arrow may write"
                    + " to its buffers: take it with terms in mode READ_WRITE");
        }
        Registration registration = pin.register(
                Keeper.named("Arrow buffer of allocator '" + allocator.getName() + "'"));
        try {
            return allocator.wrapForeignAllocation(
                    new ForeignAllocation(segment.byteSize(), segment.address()) {
                        @Override
                        protected void release0() {
                            registration.close();
                        }
                    });
        } catch (RuntimeException | Error refused) {
            registration.close();
            throw refused;
        }
    }
}
