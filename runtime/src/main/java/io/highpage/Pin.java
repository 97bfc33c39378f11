// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.internal.core.LongTermPin;
import java.lang.foreign.MemorySegment;

/**
 * A long-term pin: keeps a range in host memory, in one piece and at one address, for as long as it is open. Pages that
 * were in device memory have been migrated out first, absent pages have been given zeroed memory (the rule that Linux
 * applies to {@code FOLL_LONGTERM}).
 *
 * <p>The segment is anonymous, page-aligned memory that the library owns, never Java heap. What no library can stop: a
 * segment rebuilt from its raw address outlives the pin.
 */
public sealed interface Pin extends Holder permits LongTermPin {

    /** {@return the terms to start from: {@code Pin.longTerm().owner("rx-ring").deadline(ofMillis(50))}} */
    static Terms longTerm() {
        return Terms.defaults();
    }

    /**
     * {@return exactly the bytes asked for, in host memory; the address stays the same over the buffer's life}
     *
     * @throws IllegalStateException if the pin is closed
     */
    MemorySegment segment();

    /** {@return what keeps the range in place} */
    Strength strength();

    /**
     * Reads back whether the pin still is what {@link #strength()} says: the page table for {@link Strength#RUNTIME}, and
     * the kernel's own account of the mapping ({@code /proc/self/smaps}) for {@link Strength#PAGE_LOCKED}.
     *
     * @return whether it is
     * @throws IllegalStateException if the pin is closed
     */
    boolean verify();
}
