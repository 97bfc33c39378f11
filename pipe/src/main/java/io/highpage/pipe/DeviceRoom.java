// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import io.highpage.Budget;
import io.highpage.Device;
import io.highpage.outcome.OutOfPageMemoryException;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The memory of a device as bytes that are reserved before there are buffers: tasks wait for room
 * instead of failing for want of it. Who asks first is served first, whatever the size, so a large
 * request is not passed by small ones for ever.
 *
 * <pre>{@code
 * DeviceRoom room = new DeviceRoom(hp.budget(), hp.device());
 * try (DeviceRoom.Reservation mine = room.reserve("task 7", 64 << 20, Duration.ofSeconds(30));
 *         PageBuffer buffer = mine.budget().allocate(64 << 20)) {
 *     buffer.prefetch(hp.device()); // there is room
 * }
 * }</pre>
 *
 * <p>What is reserved is there, as long as nobody takes device memory of the budget, or of one that
 * it is in, past the room. But a span is one piece of device memory, and what is free may lie in
 * smaller ones: give the buffers of a room spans of one length, or lengths that are powers of two.
 *
 * <p>The room is as large as the tightest of their limits and the device's, and follows when they
 * change.
 *
 * <p>Whoever has room and waits for more may wait for somebody who does the same: only the limit
 * ends that. Ask for all at once. Thread-safe; virtual threads that wait keep no carrier.
 */
public final class DeviceRoom {
    /** How often limits are looked at, which nobody tells of. */
    private static final long LOOK_NANOS = 100_000_000;

    /** Longer waits are as long. */
    private static final Duration LONGEST = Duration.ofDays(365);

    /** How many are named in a message. */
    private static final int NAMED = 8;

    private final Budget budget;
    private final Device device;

    /** Whose turn it is: that of the one who has waited longest. */
    private final ReentrantLock turn = new ReentrantLock(true);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by the lock.
    private final List<Reservation> reservations = new ArrayList<>();
    private final List<BooleanSupplier> idle = new ArrayList<>();
    private long changes;

    /**
     * A room.
     *
     * @param budget whose device memory it is
     * @param device a device of the budget's runtime
     */
    public DeviceRoom(Budget budget, Device device) {
        this.budget = Objects.requireNonNull(budget, "budget");
        this.device = Objects.requireNonNull(device, "device");
    }

    /** Bytes that somebody has. Thread-safe. */
    public final class Reservation implements AutoCloseable {
        private final Budget own;
        private final long bytes;
        private final long since = System.nanoTime();
        private volatile String who;

        private Reservation(String who, String name, long bytes) {
            this.who = who;
            this.bytes = bytes;
            this.own = budget.budget(name, bytes).hostMemory(Long.MAX_VALUE);
        }

        /**
         * {@return a budget of just these bytes of the device, in the room's; the host's are not
         * limited}
         */
        public Budget budget() {
            return own;
        }

        /** {@return how many bytes} */
        public long bytes() {
            return bytes;
        }

        /** {@return who has them} */
        public String who() {
            return who;
        }

        /** {@return for how long} */
        public Duration age() {
            return Duration.ofNanos(System.nanoTime() - since);
        }

        /** Says who has them from now on. */
        void who(String next) {
            who = next;
        }

        /**
         * Gives the bytes back. A second call does nothing.
         *
         * @throws IllegalStateException if a buffer or a budget in its budget is open; nothing is
         *     given back then
         */
        @Override
        public void close() {
            giveBack();
            change();
        }

        /** As {@link #close}, and nobody is told. */
        void giveBack() {
            own.close();
            lock.lock();
            try {
                reservations.remove(this);
            } finally {
                lock.unlock();
            }
        }

        /** {@return who has how much} */
        @Override
        public String toString() {
            return "'" + who + "' " + bytes + " bytes";
        }
    }

    /** {@return the device} */
    public Device device() {
        return device;
    }

    /** {@return how many bytes there are, reserved or not} */
    public long bytes() {
        long bytes = device.limitBytes();
        for (Budget each = budget; each != null; each = each.parent().orElse(null)) {
            bytes = Math.min(bytes, each.limitBytes(device));
        }
        return bytes;
    }

    /** {@return how many bytes are reserved} */
    public long reservedBytes() {
        return reservations().stream().mapToLong(Reservation::bytes).sum();
    }

    /** {@return who has what, the earliest first; a snapshot} */
    public List<Reservation> reservations() {
        lock.lock();
        try {
            return List.copyOf(reservations);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Reserves room; waits for it, behind those who asked before.
     *
     * @param who whose it is, for messages; not empty
     * @param bytes how many, at least 1
     * @param limit the longest wait; zero to fail at once
     * @return the reservation, for the caller to close
     * @throws OutOfPageMemoryException if so much is never there, which is told at once
     *     ({@link OutOfPageMemoryException#isRetryable} is false), or not in time; the message says
     *     who has what
     * @throws InterruptedException if the thread is interrupted while it waits
     * @throws IllegalArgumentException if a number is out of range, or the name empty
     * @throws IllegalStateException if the budget is closed
     */
    public Reservation reserve(String who, long bytes, Duration limit) throws InterruptedException {
        return inTurn(who, bytes, limit, () -> tryReserve(who, who, bytes));
    }

    /**
     * {@return the room, or null if there is not so much now} Called in turn.
     *
     * @param who who has it first
     * @param name of its budget, which stays
     * @param bytes how many
     */
    @Nullable
    Reservation tryReserve(String who, String name, long bytes) {
        lock.lock();
        try {
            long taken = reservations.stream().mapToLong(Reservation::bytes).sum();
            if (bytes > bytes() - taken) {
                return null;
            }
            Reservation made = new Reservation(who, name, bytes);
            reservations.add(made);
            return made;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Tries something again and again, until it gives something, when it is this thread's turn.
     *
     * @param attempt gives null, or fails for want of device memory, if it is not possible now
     */
    <T> T inTurn(String who, long bytes, Duration limit, Supplier<@Nullable T> attempt)
            throws InterruptedException {
        check(who, bytes, limit);
        checkFits(who, bytes);
        long end = System.nanoTime() + nanos(limit);
        if (!turn.tryLock(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            throw notInTime(who, bytes, limit, null);
        }
        try {
            OutOfPageMemoryException notNow = null;
            while (true) {
                long seen = changes();
                try {
                    T got = attempt.get();
                    if (got != null) {
                        return got;
                    }
                } catch (OutOfPageMemoryException failed) { // there is, but not in one piece
                    notNow = retryable(failed);
                }
                checkFits(who, bytes); // limits may have changed
                if (!giveUpOne() && !await(seen, end - System.nanoTime())) {
                    throw notInTime(who, bytes, limit, notNow);
                }
            }
        } finally {
            turn.unlock();
        }
    }

    private static OutOfPageMemoryException retryable(OutOfPageMemoryException failed) {
        if (failed.device() && failed.isRetryable()) {
            return failed;
        }
        throw failed;
    }

    private static void check(String who, long bytes, Duration limit) {
        if (who.isEmpty()) {
            throw new IllegalArgumentException("who is empty: messages name who has what");
        }
        if (bytes < 1) {
            throw new IllegalArgumentException("bytes=" + bytes + " is not positive");
        }
        if (limit.isNegative()) {
            throw new IllegalArgumentException("limit=" + limit + " is negative");
        }
    }

    private static long nanos(Duration limit) {
        return limit.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : limit.toNanos();
    }

    private void checkFits(String who, long bytes) {
        long most = bytes();
        if (bytes > most) {
            throw OutOfPageMemoryException.neverFits(
                    "'" + who + "' needs " + bytes + " bytes of memory of device " + device.name()
                            + ", which has " + most + " for all: use less at a time, such as"
                            + " smaller pieces, or raise the limit of device memory",
                    true,
                    bytes);
        }
    }

    private OutOfPageMemoryException notInTime(
            String who, long bytes, Duration limit, @Nullable OutOfPageMemoryException cause) {
        List<Reservation> now = reservations();
        String named = now.stream()
                .limit(NAMED)
                .map(each -> each + " for " + each.age().toMillis() + " ms")
                .collect(Collectors.joining(", "));
        String others = now.size() > NAMED ? " and " + (now.size() - NAMED) + " others" : "";
        return new OutOfPageMemoryException(
                "'" + who + "' did not get " + bytes + " bytes of memory of device "
                        + device.name() + " within " + nanos(limit) / 1_000_000 + " ms: of "
                        + bytes()
                        + (now.isEmpty()
                                ? " none are reserved, but others waited before it"
                                : " bytes " + named + others + " have "
                                        + now.stream()
                                                .mapToLong(Reservation::bytes)
                                                .sum())
                        + "; wait longer, use less at a time, or raise the limit of device memory",
                true,
                bytes,
                cause);
    }

    // ---- changes ----

    private long changes() {
        lock.lock();
        try {
            return changes;
        } finally {
            lock.unlock();
        }
    }

    /** Something may be possible now that was not. */
    void change() {
        lock.lock();
        try {
            changes++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a change, or until it is time to look. {@return whether there is time left} */
    private boolean await(long seen, long nanos) throws InterruptedException {
        if (nanos <= 0) {
            return false;
        }
        lock.lock();
        try {
            if (changes == seen) {
                long ignored = changed.awaitNanos(Math.min(nanos, LOOK_NANOS));
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    // ---- what nobody uses now ----

    /**
     * Adds somebody who keeps room for later use.
     *
     * @param giveUp gives back what has been kept longest; false if nothing is kept
     */
    void addIdle(BooleanSupplier giveUp) {
        lock.lock();
        try {
            idle.add(giveUp);
        } finally {
            lock.unlock();
        }
    }

    void removeIdle(BooleanSupplier giveUp) {
        lock.lock();
        try {
            idle.remove(giveUp);
        } finally {
            lock.unlock();
        }
    }

    private boolean giveUpOne() {
        List<BooleanSupplier> all;
        lock.lock();
        try {
            all = List.copyOf(idle);
        } finally {
            lock.unlock();
        }
        for (BooleanSupplier each : all) { // not with the lock: it closes a pipe
            if (each.getAsBoolean()) {
                return true;
            }
        }
        return false;
    }

    /** {@return device, size and what is reserved} */
    @Override
    public String toString() {
        return "room of " + bytes() + " bytes on " + device.name() + ", of which " + reservedBytes()
                + " are reserved";
    }
}
