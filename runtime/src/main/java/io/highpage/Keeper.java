// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import java.lang.foreign.MemorySegment;

/**
 * Something outside the runtime that keeps the memory of pins through a registration of its own: an io_uring ring, a
 * network card's memory region. Implemented by bridges. Must be thread-safe.
 */
public interface Keeper {

    /** {@return a name for messages, such as {@code io_uring ring 'rx'}} */
    String name();

    /**
     * Asks the kernel, or whoever has registered the memory, whether it still keeps it.
     *
     * @param range the whole range of a pin that is registered here
     * @return the answer; {@link Verification.Verdict#UNVERIFIABLE} where it cannot be known
     */
    Verification verify(MemorySegment range);
}
