// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.highpage.internal.async.Attempt;
import io.highpage.internal.async.OwnedFuture;
import io.highpage.internal.async.Workers;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The result of an asynchronous operation is brought, taken and cancelled at once. One has it.
 *
 * <p>Outcome: whether it was taken; whether cancelling did anything; how often it was given back.
 */
public class TakeCancel {
    private static final Workers WORKERS = new Workers("meeting");

    /** As it is. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "It was taken first.")
    @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "It was there, and was given back.")
    @Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "It was cancelled before it was there.")
    @Outcome(expect = FORBIDDEN, desc = "Two have it, or nobody.")
    public static class Shipped {
        private final Result result = new Result();
        private final boolean patient = ThreadLocalRandom.current().nextBoolean();
        private volatile OwnedFuture<Result> future;

        @Actor
        public void take(III_Result r) {
            OwnedFuture<Result> mine = Objects.requireNonNull(WORKERS.prepare(own -> result));
            mine.begin();
            future = mine;
            while (!mine.isDone()) {
                Thread.onSpinWait();
            }
            try {
                r.r1 = mine.getNow(null) == result ? 1 : 0;
            } catch (CancellationException cancelled) {
                r.r1 = 0;
            }
        }

        @Actor
        public void cancel(III_Result r) {
            OwnedFuture<Result> theirs;
            do {
                theirs = future;
            } while (theirs == null || patient && !theirs.isUntaken() && !theirs.isDone());
            r.r2 = theirs.cancel(true) ? 1 : 0;
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = r.r1 == 1 ? result.givenBack.get() : result.awaitEnd();
        }
    }

    /** Looks whose it is, and says so afterwards. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "It was taken first.")
    @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "It was given back first.")
    @Outcome(
            id = "1, 1, 1",
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: it was given back under who had taken it.")
    @Outcome(expect = FORBIDDEN, desc = "Not expected.")
    public static class Weakened {
        private final Result result = new Result();
        private volatile boolean untaken = true;

        private boolean isMine() {
            boolean mine = untaken;
            Gap.widen();
            untaken = false;
            return mine;
        }

        @Actor
        public void take(III_Result r) {
            r.r1 = isMine() ? 1 : 0;
        }

        @Actor
        public void cancel(III_Result r) {
            r.r2 = isMine() ? 1 : 0;
            if (r.r2 == 1) {
                result.giveBack(result);
            }
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = result.givenBack.get();
        }
    }

    /** An operation that has itself for a result. */
    private static final class Result implements Attempt<Result> {
        final AtomicInteger givenBack = new AtomicInteger();
        private volatile boolean abandoned;

        @Override
        public Result go() {
            return this;
        }

        @Override
        public long leftNanos() {
            return Long.MAX_VALUE;
        }

        @Override
        public void abandon() {
            abandoned = true;
        }

        @Override
        public boolean isOwned() {
            return true;
        }

        @Override
        public void giveBack(Result result) {
            givenBack.incrementAndGet();
        }

        @Override
        public Object subject() {
            return this;
        }

        /** {@return how often it was given back; a thread that was at it may still have to} */
        int awaitEnd() {
            long start = System.nanoTime();
            while (!abandoned
                    && givenBack.get() == 0
                    && System.nanoTime() - start < 30_000_000_000L) {
                Thread.onSpinWait();
            }
            int times = givenBack.get();
            return abandoned == times > 0 ? -1 : times;
        }
    }
}
