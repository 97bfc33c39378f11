// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import io.highpage.internal.jvm.NativeAccess;
import io.highpage.internal.os.UringCalls;

import java.time.Duration;
import java.util.Objects;

/** What to set before a ring is opened. Not thread-safe. */
public final class RingBuilder {
    private static final int ENTRIES_MAX = 32_768;
    private static final int SLOTS_MAX = 16_384;

    /** The most that the kernel takes as one buffer. */
    private static final long SLOT_BYTES_MAX = 1L << 30;

    private final String name;
    private int entries = 64;
    private int slots = 1024;
    private Duration patience = Duration.ofSeconds(10);
    private long slotBytes = SLOT_BYTES_MAX;
    private UringCalls calls;

    RingBuilder(String name) {
        this.name = Objects.requireNonNull(name, "name");
        NativeAccess.check(); // first: the class of the calls could not be initialised
        this.calls = new UringCalls();
    }

    /**
     * Sets how many operations can be in flight; 64 unless set.
     *
     * @param count 1 to 32,768
     * @return this
     * @throws IllegalArgumentException if it is out of range
     */
    public RingBuilder entries(int count) {
        entries = inRange("entries", count, ENTRIES_MAX);
        return this;
    }

    /**
     * Sets how many slots the table of fixed buffers has; 1,024 unless set. A pin takes one for
     * each GiB or part of it, and so does a buffer that is registered whole.
     *
     * @param count 1 to 16,384
     * @return this
     * @throws IllegalArgumentException if it is out of range
     */
    public RingBuilder slots(int count) {
        slots = inRange("slots", count, SLOTS_MAX);
        return this;
    }

    /**
     * Sets how long a full ring is waited for, and how long closing waits for operations before it
     * cancels them, and after that; 10 s unless set.
     *
     * @param limit the longest wait, not negative
     * @return this
     * @throws IllegalArgumentException if it is negative
     */
    public RingBuilder patience(Duration limit) {
        if (limit.isNegative()) {
            throw new IllegalArgumentException("patience=" + limit + " is negative");
        }
        patience = limit;
        return this;
    }

    /** For tests, which split small ranges: a multiple of the base page. */
    RingBuilder slotBytes(long bytes) {
        slotBytes = bytes;
        return this;
    }

    /** For tests, which let calls fail. */
    RingBuilder calls(UringCalls made) {
        calls = made;
        return this;
    }

    private static int inRange(String what, int count, int max) {
        if (count < 1 || count > max) {
            throw new IllegalArgumentException(what + "=" + count + " has to be 1 to " + max);
        }
        return count;
    }

    /**
     * Opens the ring.
     *
     * @return the ring
     * @throws RingException if io_uring is missing, forbidden or too old, or there is no memory
     */
    public Ring open() throws RingException {
        return new Ring(this);
    }

    String name() {
        return name;
    }

    int entries() {
        return entries;
    }

    int slots() {
        return slots;
    }

    Duration patience() {
        return patience;
    }

    long slotBytes() {
        return slotBytes;
    }

    UringCalls calls() {
        return calls;
    }
}
