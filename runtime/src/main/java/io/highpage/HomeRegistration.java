// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.internal.core.KeptHome;

import java.lang.foreign.MemorySegment;

/**
 * Says that a {@link Keeper} keeps the memory of a buffer's home, wherever its pages are; see
 * {@link PageBuffer#registerHome}. Belongs to the keeper: it is closed when the keeper has let the
 * memory go, and not before. Thread-safe.
 */
public sealed interface HomeRegistration extends AutoCloseable permits KeptHome {

    /** {@return the buffer; it cannot be closed while this is open} */
    PageBuffer buffer();

    /** {@return who keeps it} */
    Keeper keeper();

    /**
     * {@return where the memory begins, as a segment of no length: bytes are to be read and written
     * under pins only} Byte {@code i} of the buffer is {@code i} bytes behind it.
     */
    MemorySegment address();

    /** {@return whether it has not been closed yet} */
    boolean isOpen();

    /** Says that the keeper has let the memory go. Any thread may; a second call does nothing. */
    @Override
    void close();
}
