// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.close.Turn;
import io.highpage.outcome.Terms;

import org.jspecify.annotations.Nullable;

import java.util.function.BooleanSupplier;

/**
 * The waiting of one operation: bounded, interruptible, and never while it owns a moving page. A
 * short spin, then parking with growing pauses: native code may finish a page and cannot wake a
 * Java thread. Confined to the operation.
 *
 * <p>An asynchronous operation has one that {@linkplain #suspending suspends} it: where another
 * would wait its thread leaves, and whoever goes on with it later looks again. Its deadlines, and
 * what they end in, are the same.
 */
public final class Patience {
    /**
     * How long a short hold gives way to a waiting pin or access before it goes ahead all the same:
     * 10 ms.
     */
    private static final long GIVE_WAY_NANOS = 10_000_000;

    private final Terms terms;
    private final long busyNanos;
    private final long movingNanos;
    private final @Nullable BooleanSupplier ended; // null: its thread waits
    private final Counters counters;
    private boolean begun;
    private long startNanos; // once begun
    private int rounds;
    private boolean suspended;
    private long suspendedNanos; // when it was suspended last
    private long leftNanos = Long.MAX_VALUE; // when it was suspended last

    Patience(Terms terms, Counters counters) {
        this(terms, counters, null);
    }

    private Patience(Terms terms, Counters counters, @Nullable BooleanSupplier ended) {
        this.terms = terms;
        this.busyNanos = terms.busyNanos();
        this.movingNanos = terms.movingNanos();
        this.counters = counters;
        this.ended = ended;
    }

    /**
     * {@return the patience of an operation that no thread waits in; its time begins with its first
     * wait, or with {@link #begin}}
     *
     * @param terms say how long it waits
     * @param counters are told of each wait
     * @param ended whether nobody wants the operation any more, so that it stops between two steps
     */
    public static Patience suspending(Terms terms, Counters counters, BooleanSupplier ended) {
        return new Patience(terms, counters, ended);
    }

    /** {@return what it was made of} */
    Terms terms() {
        return terms;
    }

    /** The time that deadlines count from begins now, unless it has. */
    public void begin() {
        if (!begun) {
            begun = true;
            startNanos = System.nanoTime();
        }
    }

    /**
     * {@return whether the operation has to be left as it is: it would have to wait, or nobody
     * wants it any more}
     */
    public boolean isSuspended() {
        return suspended || ended != null && ended.getAsBoolean();
    }

    /** A thread goes on with the operation. */
    public void resume() {
        if (suspended) {
            suspended = false;
            counters.waited(System.nanoTime() - suspendedNanos);
        }
    }

    /** {@return how long an operation that is suspended may still wait, in nanoseconds} */
    public long leftNanos() {
        return leftNanos;
    }

    /**
     * {@return something that waits once for another operation, by suspending this one, and is
     * always false: what is asked for is then refused, and asked for again later}
     */
    public BooleanSupplier once() {
        return () -> {
            boolean ignored = awaitMoving();
            return false;
        };
    }

    /** {@return whether the calling thread was told to stop waiting; none waits in this one} */
    boolean isInterrupted() {
        return ended == null && Thread.currentThread().isInterrupted();
    }

    /** {@return whether it may wait at all for a page that is held, pinned or accessed} */
    boolean waitsForBusy() {
        return busyNanos > 0;
    }

    /**
     * Waits a little for a page that is held, pinned or accessed. {@return false if the deadline
     * has passed}
     */
    boolean awaitBusy() {
        return await(busyNanos);
    }

    /** Waits a little for a page that is moving. {@return false if the deadline has passed} */
    boolean awaitMoving() {
        return await(movingNanos);
    }

    /**
     * Waits a little so that a waiting pin or access comes first. {@return false if that was long
     * enough}
     */
    boolean giveWay() {
        return await(GIVE_WAY_NANOS);
    }

    /**
     * {@return whether a deadline, if one was set, is still to come} Asked between steps that take
     * long and that somebody else can go on with. It is no wait, so without a deadline it is true.
     */
    boolean hasTime() {
        return busyNanos == 0 || left(busyNanos) > 0;
    }

    private boolean await(long limitNanos) {
        long left = left(limitNanos);
        if (left <= 0) {
            return false;
        }
        if (rounds == 0) {
            counters.beginsToWait();
        }
        long before = System.nanoTime();
        if (ended != null) {
            rounds = 1;
            suspended = true;
            suspendedNanos = before;
            leftNanos = left;
        } else {
            Turn.rest(rounds++, left);
            counters.waited(System.nanoTime() - before);
        }
        return true;
    }

    /** {@return what is left of a limit; time begins when this is asked first} */
    private long left(long limitNanos) {
        begin();
        return limitNanos - (System.nanoTime() - startNanos);
    }
}
