// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Native memory for the millions of short-lived buffers of a test, from one ring: an arena for each
 * would take all the time. A slot comes round again long after jcstress has forgotten its buffer.
 * Thread-safe.
 */
final class Memory {
    static final long SLOT_BYTES = 256;

    /** jcstress keeps some ten thousand states alive at once. */
    private static final long SLOTS = 1 << 18;

    private static final MemorySegment RING = Arena.global().allocate(SLOTS * SLOT_BYTES, 64);
    private static final AtomicLong NEXT = new AtomicLong();

    private Memory() {}

    /** {@return a zeroed slot} */
    static MemorySegment take() {
        return RING.asSlice(NEXT.getAndIncrement() % SLOTS * SLOT_BYTES, SLOT_BYTES)
                .fill((byte) 0);
    }
}
