// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.highpage.internal.work.Background;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;

/**
 * The thread in the background ends, since its last job has ended, and is asked to look after
 * another one meanwhile. It goes on, or another one starts.
 *
 * <p>Outcome: how many threads that took; 0 if the second job was forgotten.
 */
public class BackgroundAsk {

    /** As it is. */
    @JCStressTest
    @State
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "The thread had not ended yet, and did both.")
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "It had, and another one started.")
    @Outcome(expect = FORBIDDEN, desc = "Nobody looks after the second job.")
    public static class Shipped {
        private final Background background = new Background("meeting", 0);
        private final Ends first = new Ends(ThreadLocalRandom.current().nextBoolean());
        private final Ends second = new Ends(false);

        @Actor
        public void first() {
            background.ask(first);
        }

        @Actor
        public void second() {
            first.await(Long.MAX_VALUE);
            first.goesOn = true;
            background.ask(second);
        }

        @Arbiter
        public void end(I_Result r) {
            r.r1 = threads(first, second, 30_000_000_000L);
        }
    }

    /** Looks whether anything asks for it, and says that it ends afterwards. */
    @JCStressTest
    @State
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "The thread had not ended yet, and did both.")
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "It had, and another one started.")
    @Outcome(
            id = "0",
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: the thread ended after it had been asked.")
    @Outcome(expect = FORBIDDEN, desc = "Not expected.")
    public static class Weakened {
        private final LooksFirst background = new LooksFirst();
        private final Ends first = new Ends(ThreadLocalRandom.current().nextBoolean());
        private final Ends second = new Ends(false);

        @Actor
        public void first() {
            background.ask(first);
        }

        @Actor
        public void second() {
            first.await(Long.MAX_VALUE);
            first.goesOn = true;
            background.ask(second);
        }

        @Arbiter
        public void end(I_Result r) {
            r.r1 = threads(first, second, 20_000_000);
        }
    }

    private static final class LooksFirst {
        private final Deque<Ends> jobs = new ConcurrentLinkedDeque<>();
        private volatile boolean runs;

        synchronized void ask(Ends job) {
            jobs.add(job);
            if (!runs) {
                runs = true;
                Thread.ofPlatform().daemon().start(this::run);
            }
        }

        private void run() {
            for (Ends job = jobs.poll(); job != null; job = jobs.poll()) {
                boolean ignored = job.look(() -> true);
            }
            Gap.widen();
            runs = false;
        }
    }

    private static int threads(Ends first, Ends second, long nanos) {
        if (!second.await(nanos)) {
            return 0;
        }
        return first.by == second.by ? 1 : 2;
    }

    /** A job that ends with its first look, at once or when another is about to be asked for. */
    private static final class Ends implements Background.Job {
        private final boolean lingers;
        volatile Thread by;
        volatile boolean goesOn;

        Ends(boolean lingers) {
            this.lingers = lingers;
        }

        @Override
        public boolean look(BooleanSupplier ignored) {
            by = Thread.currentThread();
            while (lingers && !goesOn) {
                Thread.onSpinWait();
            }
            return false;
        }

        boolean await(long nanos) {
            long start = System.nanoTime();
            while (by == null) {
                if (System.nanoTime() - start > nanos) {
                    return false;
                }
                Thread.onSpinWait();
            }
            return true;
        }
    }
}
