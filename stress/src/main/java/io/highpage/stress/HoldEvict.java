// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.highpage.internal.page.OffHeapWords;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

import java.lang.foreign.ValueLayout;

/**
 * A hold of a page on a coherent device, whose owner writes 2 into the device memory, meets an
 * eviction of the page. A held page must not move, else what is written to it is lost.
 *
 * <p>Outcome: held, evicted, the page's bytes in the end.
 */
public class HoldEvict {

    /** The protocol as it is. */
    @JCStressTest
    @State
    @Outcome(
            id = "1, 0, 2",
            expect = ACCEPTABLE,
            desc = "The hold came first; the eviction skipped the page.")
    @Outcome(
            id = "1, 1, 2",
            expect = ACCEPTABLE,
            desc = "The page went home first and was held there.")
    @Outcome(expect = FORBIDDEN, desc = "The page moved under its hold, and a write is lost.")
    public static class Shipped {
        private final Subject subject = Subject.onDevice(OffHeapWords::new);

        @Actor
        public void hold(III_Result r) {
            r.r1 = holdAndWrite(subject);
        }

        @Actor
        public void evict(III_Result r) {
            r.r2 = subject.moveHome();
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = subject.bytes();
            subject.forget();
        }
    }

    /** Count and lock look at the word and then store. */
    @JCStressTest
    @State
    @Outcome(
            id = "1, 0, 2",
            expect = ACCEPTABLE,
            desc = "The hold came first; the eviction skipped the page.")
    @Outcome(
            id = "1, 1, 2",
            expect = ACCEPTABLE,
            desc = "The page went home first and was held there.")
    @Outcome(
            id = "1, 1, 1",
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: the page moved under its hold, and the write is lost.")
    @Outcome(
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: the hold wrote over the lock, or its owner had no memory any more.")
    public static class Weakened {
        private final Subject subject = Subject.onDevice(CheckThenActWords::new);

        @Actor
        public void hold(III_Result r) {
            r.r1 = Subject.attempt(() -> holdAndWrite(subject));
        }

        @Actor
        public void evict(III_Result r) {
            r.r2 = Subject.attempt(subject::moveHome);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = Subject.attempt(subject::bytes);
            subject.forget();
        }
    }

    private static int holdAndWrite(Subject subject) {
        int held = subject.hold();
        subject.memory().set(ValueLayout.JAVA_LONG, 0, 2);
        return held;
    }
}
