// SPDX-License-Identifier: Apache-2.0
package io.highpage.interop;

import io.highpage.Pin;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Pins for code that wants {@code java.nio} buffers. Thread-safe. */
public final class Buffers {
    /** The JDK makes no larger buffer of a segment, as it makes no larger array. */
    private static final int LARGEST = Integer.MAX_VALUE - 8;

    private Buffers() {}

    /**
     * {@return a pin's bytes as a direct buffer in native byte order, valid until the pin is
     * closed} Nothing is copied: buffer and pin are the same memory. Who may use the buffer is as
     * for the pin's segment; asynchronous channels need a
     * {@linkplain io.highpage.outcome.Terms#shared() shared} pin.
     *
     * @param pin an open pin of at most 2 GiB less 9 bytes, which is where buffers end
     * @throws IllegalArgumentException if the pin is larger
     * @throws IllegalStateException if the pin is closed
     */
    public static ByteBuffer of(Pin pin) {
        MemorySegment segment = pin.segment();
        if (segment.byteSize() > LARGEST) {
            throw new IllegalArgumentException("a ByteBuffer holds at most " + LARGEST
                    + " bytes, but the pin has byteSize=" + segment.byteSize()
                    + "; take slices of its segment, or pin smaller ranges");
        }
        return segment.asByteBuffer().order(ByteOrder.nativeOrder());
    }
}
