// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import io.highpage.internal.close.Closes;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Pipes that are ready, and a room for them. Making a pipe takes and pins memory, which many short
 * runs are not worth; a pipe that is given back is kept for the next one of its shape, until
 * somebody needs its room.
 *
 * <pre>{@code
 * PipePool pool = new PipePool(room);
 * try (PipePool.Lease lease = pool.lease(shape, "task 7", Duration.ofSeconds(30))) {
 *     lease.pipe().run(inputs, call, outputs, Stages.CALLER);
 * }
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class PipePool implements AutoCloseable {
    private static final String IDLE = "idle pipe";

    private final DeviceRoom room;
    private final BooleanSupplier giveUp = this::closeOneIdle;

    // Guarded by this.
    private final Deque<Pooled> idle = new ArrayDeque<>(); // the longest idle first
    private final Set<Lease> leases = new LinkedHashSet<>();
    private final List<Pooled> stuck = new ArrayList<>();
    private int made;
    private boolean closed;

    /** A pipe with its room. */
    private record Pooled(Pipe pipe, DeviceRoom.Reservation room) implements AutoCloseable {
        /** Goes on, if called again, where something was in the way. */
        @Override
        public void close() {
            pipe.close();
            room.close();
        }
    }

    /**
     * A pool without pipes.
     *
     * @param room what they take room in
     */
    public PipePool(DeviceRoom room) {
        this.room = Objects.requireNonNull(room, "room");
        room.addIdle(giveUp);
    }

    /** A pipe that somebody uses. Thread-safe. */
    public final class Lease implements AutoCloseable {
        private final Pooled pooled;
        private final String who;
        private final long since = System.nanoTime();

        private Lease(Pooled pooled, String who) {
            this.pooled = pooled;
            this.who = who;
        }

        /** {@return the pipe, not to be used once the lease is closed} */
        public Pipe pipe() {
            return pooled.pipe;
        }

        /** {@return who uses it} */
        public String who() {
            return who;
        }

        /** {@return for how long} */
        public Duration age() {
            return Duration.ofNanos(System.nanoTime() - since);
        }

        /** {@return whether the pipe has not been given back yet} */
        public boolean isOpen() {
            synchronized (PipePool.this) {
                return leases.contains(this);
            }
        }

        /**
         * Gives the pipe back, whose stream ends if one is open. It is kept, or closed if a run has
         * failed in it. If it cannot be closed, since it is not known whether a kernel has ended,
         * the pool keeps it and its room, lends it to nobody, and tries again when it is closed
         * itself. A second call does nothing.
         *
         * @throws IllegalStateException if a run goes on; the lease stays
         * @throws io.highpage.outcome.DeviceException if the pipe cannot be closed
         */
        @Override
        public void close() {
            giveBack(this);
        }

        /** {@return who uses what} */
        @Override
        public String toString() {
            return "'" + who + "' " + pooled.pipe;
        }
    }

    /** {@return the room} */
    public DeviceRoom room() {
        return room;
    }

    /** {@return who uses what, the earliest first; a snapshot} */
    public synchronized List<Lease> leases() {
        return List.copyOf(leases);
    }

    /** {@return how many pipes wait to be used} */
    public synchronized int idlePipes() {
        return idle.size();
    }

    /** {@return how many pipes were made so far} */
    public synchronized int pipesMade() {
        return made;
    }

    /** {@return pipes that are neither lent nor closed, since what they ran may not have ended} */
    public synchronized int stuckPipes() {
        return stuck.size();
    }

    /**
     * Lends a pipe: an idle one, else a new one. If there is no room for it, idle ones of other
     * shapes are closed, the longest idle first; else this waits, behind those who asked the room
     * before.
     *
     * @param shape which
     * @param who whose it is, for messages and reports of holders; not empty
     * @param limit the longest wait; zero to fail at once
     * @return the lease, for the caller to close
     * @throws io.highpage.outcome.OutOfPageMemoryException as for {@link DeviceRoom#reserve}, or if
     *     the host has no memory
     * @throws io.highpage.outcome.DeviceException if the driver failed
     * @throws InterruptedException if the thread is interrupted while it waits
     * @throws IllegalArgumentException as for {@link DeviceRoom#reserve}
     * @throws IllegalStateException if this is closed
     */
    public Lease lease(PipeShape shape, String who, Duration limit) throws InterruptedException {
        return lent(room.inTurn(who, shape.deviceBytes(), limit, () -> take(shape, who)), who);
    }

    /** {@return an idle pipe or a new one, or null if there is no room for it now} */
    private @Nullable Pooled take(PipeShape shape, String who) {
        synchronized (this) {
            checkOpen();
            // The one used last: its memory is in the caches, and those before are given up first.
            for (Iterator<Pooled> each = idle.descendingIterator(); each.hasNext(); ) {
                Pooled pooled = each.next();
                if (pooled.pipe.shape().equals(shape)) {
                    each.remove();
                    return pooled;
                }
            }
        }
        String name = "pipe " + (pipesMade() + 1); // nobody else makes one: it is this one's turn
        DeviceRoom.Reservation mine = room.tryReserve(who, name, shape.deviceBytes());
        return mine == null ? null : make(shape, mine, name);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException(
                    "the pool of pipes on " + room.device().name() + " is closed");
        }
    }

    private Pooled make(PipeShape shape, DeviceRoom.Reservation mine, String name) {
        try {
            Pipe pipe = Pipe.open(mine.budget(), room.device(), shape, name);
            synchronized (this) {
                made++;
            }
            return new Pooled(pipe, mine);
        } catch (Throwable failed) {
            throw Ends.after(failed, mine::giveBack);
        }
    }

    private Lease lent(Pooled pooled, String who) {
        try {
            pooled.room.who(who);
            pooled.pipe.usedBy(who);
            Lease lease = new Lease(pooled, who);
            synchronized (this) {
                if (!closed) {
                    leases.add(lease);
                    return lease;
                }
            }
        } catch (Throwable failed) {
            throw Ends.after(failed, () -> end(pooled));
        }
        end(pooled); // closed meanwhile
        synchronized (this) {
            checkOpen();
        }
        throw new AssertionError("it was closed");
    }

    private void giveBack(Lease lease) {
        Pooled pooled = lease.pooled;
        synchronized (this) {
            if (!leases.contains(lease)) {
                return;
            }
        }
        Throwable failed = Ends.step(null, pooled.pipe::endStream);
        if (pooled.pipe.isRunning()) {
            throw new IllegalStateException(
                    pooled.pipe + " has a run that goes on: end that, then give it back");
        }
        switch (takenBack(lease)) {
            case KEPT -> room.change();
            case TO_END -> failed = Ends.step(failed, () -> end(pooled));
            case ALREADY -> {}
        }
        Closes.rethrow(failed);
    }

    private enum Back {
        KEPT,
        TO_END,
        ALREADY
    }

    private synchronized Back takenBack(Lease lease) {
        Pooled pooled = lease.pooled;
        if (!leases.remove(lease)) {
            return Back.ALREADY; // by another thread
        }
        if (!pooled.pipe.isUsable()) {
            return Back.TO_END;
        }
        pooled.room.who(IDLE);
        pooled.pipe.usedBy(pooled.pipe.name());
        idle.addLast(pooled);
        return Back.KEPT;
    }

    /** Closes a pipe, or keeps it, with its room, for as long as something may use its memory. */
    private void end(Pooled pooled) {
        try {
            pooled.close();
        } catch (Throwable failed) {
            synchronized (this) {
                stuck.add(pooled);
            }
            throw failed;
        }
    }

    /** Closes the pipe that has been idle longest. {@return whether there was one} */
    private boolean closeOneIdle() {
        Pooled longest;
        synchronized (this) {
            longest = idle.pollFirst();
        }
        if (longest == null) {
            return false;
        }
        try {
            end(longest);
        } catch (RuntimeException stays) {
            // It is among the stuck ones, of which a close of this tells.
        }
        return true;
    }

    /**
     * Closes all pipes. If one cannot be closed, the others are; a further call tries again. A call
     * when there is nothing left does nothing.
     *
     * @throws IllegalStateException if a pipe is lent, naming to whom; nothing is closed then
     * @throws io.highpage.outcome.DeviceException if a pipe cannot be closed
     */
    @Override
    public void close() {
        List<Pooled> all;
        synchronized (this) {
            if (!leases.isEmpty()) {
                throw new IllegalStateException("pipes on " + room.device().name() + " are lent to "
                        + leases.stream().map(Lease::toString).collect(Collectors.joining(", "))
                        + ": give them back first");
            }
            closed = true;
            all = new ArrayList<>(idle);
            all.addAll(stuck);
            idle.clear();
            stuck.clear();
        }
        room.removeIdle(giveUp);
        Throwable failed = null;
        for (Pooled each : all) {
            failed = Ends.step(failed, () -> end(each));
        }
        room.change(); // those who wait are told
        Closes.rethrow(failed);
    }

    /** {@return how many pipes there are, and the room} */
    @Override
    public synchronized String toString() {
        return "pool of " + idle.size() + " idle and " + leases.size() + " lent pipes, in " + room;
    }
}
