// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import java.time.Duration;
import java.util.Objects;

/**
 * The terms on which a {@link io.highpage.Pin}, {@link io.highpage.Hold} or
 * {@link io.highpage.DeviceAccess} is taken. Immutable; each method returns a changed copy.
 * Thread-safe.
 */
public final class Terms {
    /**
     * How long an operation waits by default for a page that is moving: one second, in nanoseconds.
     */
    private static final long MOVING_DEADLINE_NANOS = 1_000_000_000L;

    private static final Terms DEFAULTS =
            new Terms(AccessMode.READ_WRITE, "", -1, false, true, Strength.RUNTIME);

    private final AccessMode mode;
    private final String owner;
    private final boolean named;
    private final long deadlineNanos;
    private final boolean shared;
    private final boolean registered;
    private final Strength strength;

    private Terms(
            AccessMode mode,
            String owner,
            long deadlineNanos,
            boolean shared,
            boolean registered,
            Strength strength) {
        this.mode = mode;
        this.owner = owner;
        this.named = !owner.isEmpty();
        this.deadlineNanos = deadlineNanos;
        this.shared = shared;
        this.registered = registered;
        this.strength = strength;
    }

    /**
     * {@return the default terms}: reading and writing, no owner name, no waiting for pages that
     * are held, pinned or accessed, one second for pages that are moving, confined to the calling
     * thread, registered, kept by the runtime only.
     */
    public static Terms defaults() {
        return DEFAULTS;
    }

    /**
     * Says what is done with the bytes, {@link AccessMode#READ_WRITE} unless said.
     *
     * @param use what is done
     * @return the changed terms
     */
    public Terms mode(AccessMode use) {
        Objects.requireNonNull(use, "use");
        return use == mode
                ? this
                : new Terms(use, owner, deadlineNanos, shared, registered, strength);
    }

    /**
     * Names who holds the range, for reports and error messages, which then also tell its age.
     *
     * @param name any text
     * @return the changed terms
     */
    public Terms owner(String name) {
        return new Terms(
                mode,
                Objects.requireNonNull(name, "name"),
                deadlineNanos,
                shared,
                registered,
                strength);
    }

    /**
     * Bounds the waiting for pages that are held, pinned, accessed or moving. If spans have to
     * leave a device first, no further one is begun after it, unless it is zero.
     *
     * @param limit zero to fail at once, else the longest wait
     * @return the changed terms
     * @throws IllegalArgumentException if negative
     */
    public Terms deadline(Duration limit) {
        if (Objects.requireNonNull(limit, "limit").isNegative()) {
            throw new IllegalArgumentException("deadline=" + limit + " is negative");
        }
        long nanos;
        try {
            nanos = limit.toNanos();
        } catch (ArithmeticException tooLong) {
            nanos = Long.MAX_VALUE;
        }
        return new Terms(mode, owner, nanos, shared, registered, strength);
    }

    /**
     * Lets any thread use the segment and close the holder. Closing then costs 60 to 350
     * microseconds instead of a few nanoseconds, since the JVM makes sure that no thread is inside
     * (see {@link java.lang.foreign.Arena#ofShared}).
     *
     * @return the changed terms
     */
    public Terms shared() {
        return new Terms(mode, owner, deadlineNanos, true, registered, strength);
    }

    /**
     * Leaves a pin out of the register of holders: a little cheaper, but reports and error messages
     * cannot name it, and a thread that waits for a page which its own bare pin keeps is not told
     * at once. Pins only.
     *
     * @return the changed terms
     */
    public Terms bare() {
        return new Terms(mode, owner, deadlineNanos, shared, false, strength);
    }

    /**
     * Also page-locks the range ({@link Strength#PAGE_LOCKED}). Pins only. Refused with
     * {@link OutOfPageMemoryException} where the memlock limit, or another of the system's, does
     * not allow it; the message names what raises it.
     *
     * @return the changed terms
     */
    public Terms pageLocked() {
        return new Terms(mode, owner, deadlineNanos, shared, registered, Strength.PAGE_LOCKED);
    }

    /** {@return what is done with the bytes} */
    public AccessMode mode() {
        return mode;
    }

    /** {@return the owner's name, empty if none was given} */
    public String owner() {
        return owner;
    }

    /** {@return whether an owner's name was given} */
    public boolean isNamed() {
        return named;
    }

    /** {@return the longest wait for a page that is held, pinned or accessed, in nanoseconds} */
    public long busyNanos() {
        return Math.max(deadlineNanos, 0);
    }

    /** {@return the longest wait for a page that is moving, in nanoseconds} */
    public long movingNanos() {
        return deadlineNanos < 0 ? MOVING_DEADLINE_NANOS : deadlineNanos;
    }

    /** {@return whether any thread may use and close the holder} */
    public boolean isShared() {
        return shared;
    }

    /** {@return whether the holder is listed in the register of holders} */
    public boolean isRegistered() {
        return registered;
    }

    /** {@return what is to keep a pinned range in place} */
    public Strength strength() {
        return strength;
    }
}
