// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.async;

import io.highpage.internal.jvm.StackRoom;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The future of an asynchronous operation, and the one place that knows whose its result is.
 *
 * <p>One field decides, {@code state}. It is {@code QUEUED} while no thread is at the operation,
 * {@code RUNNING} while one is. Then it is the result, which is the future's own until somebody
 * takes it, from when on it is {@code TAKEN}; or the failure that ended it, at any time before
 * that: of an attempt, by cancelling, or by closing what it is an operation on. Each step is one
 * compare-and-set, and who makes it does what follows: who ends an operation that nobody is at
 * gives back what it has, and who ends one that a thread is at leaves that to the thread, which
 * finds it when it wants to make its own step. So of a result that is brought, taken and cancelled
 * at once exactly one has it.
 *
 * <p>What {@link CompletableFuture} itself says, that it is complete, comes after the step, and is
 * corrected where a future is cancelled that has a result which nobody took. Thread-safe.
 */
public final class OwnedFuture<T> extends HandingFuture<T> {
    private enum Phase {
        QUEUED,
        RUNNING,
        TAKEN,
        /** Completed by somebody else, with a result that is not the operation's. */
        PUT_IN
    }

    private static final VarHandle STATE;
    private static final VarHandle GIVING_BACK;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(OwnedFuture.class, "state", Object.class);
            GIVING_BACK = lookup.findVarHandle(OwnedFuture.class, "givingBack", boolean.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final Workers workers;
    private final Attempt<T> attempt;
    private final String threadName = Thread.currentThread().getName();
    private final long threadId = Thread.currentThread().threadId();

    /** A {@link Phase}, the result, or the {@link Throwable} that ended it. */
    private volatile Object state = Phase.QUEUED;

    private @Nullable T made; // before the state says so
    private volatile boolean givingBack;

    // Of the workers, while nobody is at it.
    long dueNanos;
    private int waits;

    OwnedFuture(Workers workers, Workers.Start<T> start) {
        this.workers = workers;
        this.attempt = start.of(this);
    }

    Object subject() {
        return attempt.subject();
    }

    /**
     * {@return whether nobody wants the operation any more}; for its attempts, which it ends
     * between two steps.
     */
    public boolean isEnded() {
        return state instanceof Throwable || state == Phase.PUT_IN;
    }

    /** {@return whether its result is there, and nobody has taken it} */
    public boolean isUntaken() {
        Object now = state;
        return !(now instanceof Phase || now instanceof Throwable);
    }

    /** {@return whether it has what has to be given back, or could not be} */
    boolean hasOwn() {
        return isUntaken() || made != null && isEnded();
    }

    boolean has(Object result) {
        return state == result;
    }

    private boolean step(Object from, Object to) {
        // ORD volatile: one makes the step, and sees what all before it did; pairs with itself.
        return STATE.compareAndSet(this, from, to);
    }

    // ---- its operation ----

    /**
     * Begins an operation that was {@linkplain Workers#prepare prepared}. Any thread may, also one
     * of a driver: it is only handed over. May be repeated.
     */
    public void begin() {
        try {
            attempt.begins();
            workers.enqueue(this);
        } catch (Throwable failure) {
            boolean ignored = end(failure);
        }
    }

    /** Makes one attempt, unless it has ended. */
    void run() {
        if (!step(Phase.QUEUED, Phase.RUNNING)) {
            giveBackAgain(); // where it ended the stack was too short for that
            return;
        }
        T result;
        try {
            result = attempt.go();
        } catch (Throwable failure) {
            failed(failure);
            return;
        }
        if (result == null) {
            suspend();
        } else {
            succeeded(result);
        }
    }

    private void suspend() {
        if (step(Phase.RUNNING, Phase.QUEUED)) {
            try {
                waits = Math.min(waits + 1, Workers.WAITS_MAX);
                workers.later(this, waits, attempt.leftNanos());
            } catch (Throwable failure) {
                boolean ignored = end(failure);
            }
        } else {
            attempt.abandon();
            workers.finished();
            workers.forget(this);
        }
    }

    private void failed(Throwable failure) {
        boolean first = step(Phase.RUNNING, failure);
        workers.finished();
        workers.forget(this);
        if (first) {
            over(failure, false);
        }
    }

    private void succeeded(T result) {
        made = result;
        boolean owned = attempt.isOwned();
        boolean first = step(Phase.RUNNING, owned ? result : Phase.TAKEN);
        workers.finished();
        if (!owned) {
            workers.forget(this);
        } else if (!first) {
            giveBack(result);
        }
        if (first) {
            boolean ignored = outcome.complete(result);
            publish(() -> completeStages(result));
        }
    }

    // ---- its end ----

    /**
     * Ends it with a failure, unless its result has been taken or it has ended: what it has is
     * given back, now or by the thread that is at it. {@return whether this has ended it}
     */
    public boolean end(Throwable why) {
        return end(why, true, false);
    }

    private boolean end(Throwable why, boolean untakenToo, boolean stagesHere) {
        Object before = leave(why, untakenToo);
        if (before == null) {
            return false;
        }
        over(why, stagesHere);
        if (!(before instanceof Phase)) {
            giveBack(made());
        }
        return true;
    }

    /**
     * Makes the step to the end of an operation that is under way, or whose result is there.
     * {@return the state before; null if it is too late}
     */
    private @Nullable Object leave(Object why, boolean untakenToo) {
        while (true) {
            Object now = state;
            boolean underWay = now == Phase.QUEUED || now == Phase.RUNNING;
            if (!underWay && !(untakenToo && isUntaken())) {
                return null;
            }
            if (step(now, why)) {
                if (now == Phase.QUEUED) {
                    attempt.abandon();
                    workers.finished();
                    workers.forget(this);
                }
                return now;
            }
        }
    }

    /** {@return the result, of which the state says that it is there, or was} */
    private T made() {
        return Objects.requireNonNull(made);
    }

    /**
     * By one thread at a time: another that closed the result meanwhile would find that closed, and
     * take this for over while the first one is still at it.
     */
    private void giveBack(T result) {
        // ORD volatile: one gives back; who comes later finds how far it came; pairs with itself.
        if (!GIVING_BACK.compareAndSet(this, false, true)) {
            return;
        }
        Throwable failed = null;
        try {
            if (workers.has(this)) { // else another one has been through with it
                attempt.giveBack(result);
                workers.forget(this);
            }
        } catch (Throwable failure) {
            failed = failure;
        } finally {
            givingBack = false;
        }
        if (failed instanceof StackOverflowError end) { // a thread of the runtime's has a stack
            giveBackElsewhere(end);
        } else if (failed != null) {
            tellKept(failed);
        }
    }

    private void giveBackElsewhere(StackOverflowError end) {
        if (Workers.isWorker()) {
            tellKept(end);
            return;
        }
        try {
            workers.enqueue(this);
        } catch (Throwable failure) {
            tellKept(failure);
        }
    }

    private void tellKept(Throwable failure) {
        workers.tell(
                "what a future had could not be given back; it is tried again when its buffer"
                        + " closes",
                failure);
    }

    /** Tries again to give back what could not be. */
    void giveBackAgain() {
        T result = made;
        if (result != null && isEnded()) {
            giveBack(result);
        }
    }

    /** Says that it has failed: also where there is no memory to say how, which the state knows. */
    @SuppressWarnings("NullAway") // what is read of the state is no result
    private void over(Throwable why, boolean stagesHere) {
        try {
            fail(outcome, why);
        } catch (Throwable noMemory) {
            outcome.complete(null);
        }
        try {
            if (stagesHere) {
                failStages(why);
            } else {
                publish(() -> failStages(why));
            }
        } catch (Throwable noMemory) {
            completeStages(null);
        }
    }

    private static void fail(CompletableFuture<?> future, Throwable why) {
        if (!future.completeExceptionally(why)) {
            future.obtrudeException(why);
        }
    }

    // ---- whose its result is ----

    @Override
    Taking take(@Nullable T result) {
        StackRoom.check();
        while (true) {
            Object now = state;
            if (now instanceof Throwable why) {
                return result == null || result == made ? Taking.refused(why) : Taking.NOTHING;
            }
            if (now instanceof Phase || now != result) {
                return Taking.NOTHING; // it is not there, was taken, or this is another one
            }
            if (step(now, Phase.TAKEN)) {
                workers.forget(this);
                return Taking.DONE;
            }
        }
    }

    @Override
    void untake(T result) {
        workers.remember(this);
        if (step(Phase.TAKEN, result)) {
            workers.endIfClosed(this);
        } else { // somebody has put in something else
            giveBack(result);
        }
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        return got(outcome.get());
    }

    @Override
    public T get(long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        return got(outcome.get(timeout, unit));
    }

    private T got(T result) throws ExecutionException {
        Throwable why = take(result).why();
        if (why instanceof CancellationException cancelled) {
            throw cancelled;
        }
        if (why != null) {
            throw new ExecutionException(why);
        }
        return result;
    }

    @Override
    public T join() {
        return handed(outcome.join());
    }

    @Override
    public T getNow(T absent) {
        return handed(outcome.getNow(absent));
    }

    @Override
    public T resultNow() {
        T result = outcome.resultNow();
        Throwable why = take(result).why();
        if (why != null) {
            throw new IllegalStateException("Task has no result", why);
        }
        return result;
    }

    // ---- who ends it from outside ----

    /**
     * Ends the operation, also one whose result is there and was not taken. One that waits ends at
     * once; one that copies at the end of its batch, and gives everything back.
     */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        StackRoom.checkLong();
        if (end(new CancellationException(), true, true)) {
            return true;
        }
        giveBackAgain();
        return state instanceof CancellationException;
    }

    @Override
    public boolean complete(T value) {
        StackRoom.checkLong();
        if (leave(Phase.PUT_IN, false) == null) {
            return false;
        }
        return super.complete(value);
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
        StackRoom.checkLong();
        return end(Objects.requireNonNull(failure), false, true);
    }

    @Override
    public void obtrudeValue(T value) {
        putIn(Phase.PUT_IN);
        super.obtrudeValue(value);
    }

    @Override
    public void obtrudeException(Throwable failure) {
        putIn(Objects.requireNonNull(failure));
        super.obtrudeException(failure);
    }

    /** Whatever it has become; what it has of its own is given back. */
    private void putIn(Object what) {
        StackRoom.checkLong();
        Object before = leave(what, true);
        if (before == null) {
            if (state == Phase.TAKEN) {
                workers.forget(this); // first: a close would take what was taken for its own
            }
            // ORD volatile: what was taken stays so; pairs with itself and with step().
            STATE.setVolatile(this, what);
        } else if (!(before instanceof Phase)) {
            giveBack(made());
        }
    }

    /** {@return the name of the thread that asked for it, as it was then} */
    public String threadName() {
        return threadName;
    }

    public long threadId() {
        return threadId;
    }
}
