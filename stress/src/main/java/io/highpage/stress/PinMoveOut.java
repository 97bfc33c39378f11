// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.highpage.internal.page.OffHeapWords;
import io.highpage.internal.page.PageWord;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIL_Result;

/**
 * A long-term pin of a page at home meets a prefetch of it. A pinned page must be at home in the
 * end.
 *
 * <p>Outcome: pinned, moved out; state and pins in the end.
 */
public class PinMoveOut {

    /** The protocol as it is. */
    @JCStressTest
    @State
    @Outcome(
            id = "1, 0, HOST 1",
            expect = ACCEPTABLE,
            desc = "The pin came first; the prefetch skipped the page.")
    @Outcome(
            id = "1, 1, HOST 1",
            expect = ACCEPTABLE,
            desc = "The page went out first; the pin brought it home.")
    @Outcome(expect = FORBIDDEN, desc = "A pinned page on a device, or a pin that was lost.")
    public static class Shipped {
        private final Subject subject = Subject.atHome(OffHeapWords::new);

        @Actor
        public void pin(IIL_Result r) {
            r.r1 = subject.pin();
        }

        @Actor
        public void moveOut(IIL_Result r) {
            r.r2 = subject.moveIn(1);
        }

        @Arbiter
        public void end(IIL_Result r) {
            r.r3 = PinMoveOut.end(subject);
        }
    }

    /** Count and lock look at the word and then store: what the compare-and-set is for. */
    @JCStressTest
    @State
    @Outcome(
            id = "1, 0, HOST 1",
            expect = ACCEPTABLE,
            desc = "The pin came first; the prefetch skipped the page.")
    @Outcome(
            id = "1, 1, HOST 1",
            expect = ACCEPTABLE,
            desc = "The page went out first; the pin brought it home.")
    @Outcome(
            id = "1, 1, BOTH 0",
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: the lock wrote over the pin, and a pinned page went out.")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "The pin wrote over the lock; not seen yet.")
    public static class Weakened {
        private final Subject subject = Subject.atHome(CheckThenActWords::new);

        @Actor
        public void pin(IIL_Result r) {
            r.r1 = Subject.attempt(subject::pin);
        }

        @Actor
        public void moveOut(IIL_Result r) {
            r.r2 = Subject.attempt(() -> subject.moveIn(1));
        }

        @Arbiter
        public void end(IIL_Result r) {
            r.r3 = PinMoveOut.end(subject);
        }
    }

    private static String end(Subject subject) {
        String end = subject.state() + " " + PageWord.pins(subject.word());
        subject.forget();
        return end;
    }
}
