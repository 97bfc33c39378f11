// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import io.highpage.internal.os.MemoryLimits.Bound;
import io.highpage.outcome.OutOfPageMemoryException;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets memory be given to windows as long as there is some: beyond the limit of a container the
 * kernel ends the process, where an exception could have told. Looks at the system's files only
 * when a part of what was found free is used up, or some time has passed. Thread-safe.
 */
final class Commits {
    /** Of this process. */
    static final Commits HERE = new Commits(MemoryLimits.HERE);

    /** What is found free is believed for so long; others take memory too. In nanoseconds. */
    private static final long BELIEVED_NANOS = 100_000_000;

    /**
     * So much of what is free may be used before the next look: the rest of the process uses memory
     * meanwhile.
     */
    private static final long SHARE = 4;

    /**
     * Left to the rest of the process, such as Java's heap: this part of the limit, but no more
     * than is good.
     */
    private static final long RESERVED_SHARE = 16;

    private static final long RESERVED_MAX = 64L << 20;

    private final MemoryLimits limits;
    private final AtomicLong allowed = new AtomicLong();
    private final AtomicLong underWay = new AtomicLong();
    private volatile long lookedAt = System.nanoTime() - BELIEVED_NANOS;

    Commits(MemoryLimits limits) {
        this.limits = limits;
    }

    /**
     * Says that memory is about to be taken; call {@link #ended} when it is, or is not.
     *
     * @throws OutOfPageMemoryException if there is not enough; nothing has begun then
     */
    void begin(long byteSize) {
        // ORD volatile: of two that begin one counts the other; pairs with itself and with ended().
        long others = underWay.getAndAdd(byteSize);
        boolean believed = System.nanoTime() - lookedAt < BELIEVED_NANOS;
        // ORD volatile: nothing is allowed twice; pairs with itself and with look().
        if (allowed.addAndGet(-byteSize) >= 0 && believed) {
            return;
        }
        try {
            look(byteSize, others);
        } catch (RuntimeException | Error refused) {
            ended(byteSize);
            throw refused;
        }
    }

    void ended(long byteSize) {
        // ORD volatile: the memory is taken, or given up, before it stops to count; pairs with
        // begin().
        underWay.addAndGet(-byteSize);
    }

    private void look(long byteSize, long others) {
        Optional<Bound> found = limits.tightest();
        if (found.isEmpty()) {
            return; // nobody tells: the kernel decides
        }
        Bound bound = found.get();
        long reserved = Math.min(RESERVED_MAX, bound.limit() / RESERVED_SHARE);
        long have = bound.free() - reserved - others;
        if (byteSize > have) {
            throw new OutOfPageMemoryException(
                    "no host memory for " + byteSize + " bytes more: of the " + bound.limit()
                            + " bytes of "
                            + bound.name() + " " + Math.max(0, have) + " can be had (" + reserved
                            + " are left to the rest of the process); close or shrink buffers,"
                            + " or give it more memory"
                            + " (memory.max of the control group, --memory of the container,"
                            + " MemoryMax= of the service)",
                    false,
                    byteSize,
                    null);
        }
        // ORD volatile: what was found takes the place of what was left; pairs with begin().
        allowed.set((have - byteSize) / SHARE);
        lookedAt = System.nanoTime();
    }
}
