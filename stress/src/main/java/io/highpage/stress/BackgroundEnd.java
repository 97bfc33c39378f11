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

import java.util.function.BooleanSupplier;

/**
 * What is done in the background ends, as a runtime that closes has it, and is asked to look after
 * a job meanwhile. Once the end has returned nothing is looked at any more: what a job works on
 * goes then.
 *
 * <p>Outcome: 1 if the job was looked at before, 0 if never, -1 if after the end.
 */
public class BackgroundEnd {

    /** As it is. */
    @JCStressTest
    @State
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "It ended first, or before the first look.")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "It was asked first, and looked.")
    @Outcome(expect = FORBIDDEN, desc = "It looked after its end.")
    public static class Shipped {
        private final Background background = new Background("meeting", 0);
        private final Looks job = new Looks();

        @Actor
        public void ask() {
            background.ask(job);
        }

        @Actor
        public void end() {
            Gap.widen(); // a thread takes longer to start than another one to end nothing
            background.end(() -> true);
            job.end = true;
        }

        @Arbiter
        public void end(I_Result r) {
            Gap.widen();
            r.r1 = job.when;
        }
    }

    /** Looks whether it has ended, and starts its thread afterwards. */
    @JCStressTest
    @State
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "It ended first.")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "It was asked first, and looked.")
    @Outcome(
            id = "-1",
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: it was started after its end.")
    @Outcome(expect = FORBIDDEN, desc = "Not expected.")
    public static class Weakened {
        private final Looks job = new Looks();
        private volatile boolean ended;
        private volatile Thread thread;

        @Actor
        public void ask() {
            if (!ended) {
                Gap.widen();
                thread = Thread.ofPlatform().daemon().start(() -> {
                    boolean ignored = job.look(() -> true);
                });
            }
        }

        @Actor
        public void end() {
            ended = true;
            join();
            job.end = true;
        }

        @Arbiter
        public void end(I_Result r) {
            join();
            r.r1 = job.when;
        }

        private void join() {
            try {
                if (thread != null) {
                    thread.join();
                }
            } catch (InterruptedException never) {
                throw new AssertionError(never);
            }
        }
    }

    private static final class Looks implements Background.Job {
        volatile boolean end;
        volatile int when;

        @Override
        public boolean look(BooleanSupplier ignored) {
            if (when >= 0) {
                when = end ? -1 : 1;
            }
            return true;
        }
    }
}
