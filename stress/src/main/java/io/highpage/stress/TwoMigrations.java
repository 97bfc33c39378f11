// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.highpage.internal.page.BufferWord;
import io.highpage.internal.page.OffHeapWords;
import io.highpage.internal.page.PageWord;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIL_Result;

/**
 * Two prefetches bring one page to two devices. One of them owns it, and the other leaves it alone,
 * or takes it from there afterwards, since it is at home too.
 *
 * <p>Outcome: moved by the first, moved by the second; state, device, pages counted as away, and
 * the page's bytes in the end.
 */
public class TwoMigrations {

    /** The protocol as it is. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, BOTH 1 1 1", expect = ACCEPTABLE, desc = "The first came first.")
    @Outcome(id = "0, 1, BOTH 2 1 1", expect = ACCEPTABLE, desc = "The second came first.")
    @Outcome(
            id = {"1, 1, BOTH 1 1 1", "1, 1, BOTH 2 1 1"},
            expect = ACCEPTABLE,
            desc = "One after the other: the page was at home too, so the second took it.")
    @Outcome(
            expect = FORBIDDEN,
            desc = "Both moved the page, or none, or the count of pages away is wrong.")
    public static class Shipped {
        private final Subject subject = Subject.atHome(OffHeapWords::new);

        @Actor
        public void moveToFirst(IIL_Result r) {
            r.r1 = subject.moveIn(1);
        }

        @Actor
        public void moveToSecond(IIL_Result r) {
            r.r2 = subject.moveIn(2);
        }

        @Arbiter
        public void end(IIL_Result r) {
            r.r3 = TwoMigrations.end(subject);
        }
    }

    /** A lock looks at the word and then stores. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, BOTH 1 1 1", expect = ACCEPTABLE, desc = "The first came first.")
    @Outcome(id = "0, 1, BOTH 2 1 1", expect = ACCEPTABLE, desc = "The second came first.")
    @Outcome(
            id = {"1, 1, BOTH 1 1 1", "1, 1, BOTH 2 1 1"},
            expect = ACCEPTABLE,
            desc = "One after the other: the page was at home too, so the second took it.")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "Seen: both owned the page.")
    public static class Weakened {
        private final Subject subject = Subject.atHome(CheckThenActWords::new);

        @Actor
        public void moveToFirst(IIL_Result r) {
            r.r1 = Subject.attempt(() -> subject.moveIn(1));
        }

        @Actor
        public void moveToSecond(IIL_Result r) {
            r.r2 = Subject.attempt(() -> subject.moveIn(2));
        }

        @Arbiter
        public void end(IIL_Result r) {
            r.r3 = TwoMigrations.end(subject);
        }
    }

    private static String end(Subject subject) {
        String end = subject.state() + " " + PageWord.device(subject.word()) + " "
                + BufferWord.away(subject.table.bufferWord()) + " "
                + Subject.attempt(subject::bytes);
        subject.forget();
        return end;
    }
}
