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
     * does not know of the pin's thread, and checks bounds on its own.
     *
     * @param allocator the allocator that accounts for the buffer
     * @param pin an open pin
     * @return the buffer, with one reference; closing it releases that
     * @throws org.apache.arrow.memory.OutOfMemoryException if the allocator's limit is too low;
     *     nothing is kept then
     * @throws IllegalStateException if the pin is closed
     * @throws WrongThreadException if the pin is confined to another thread
     */
    public static ArrowBuf buffer(BufferAllocator allocator, Pin pin) {
        MemorySegment segment = pin.segment();
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
