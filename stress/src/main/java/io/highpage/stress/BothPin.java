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
 * A page is at home and on a device. A device access that reads, which leaves it so, meets a
 * long-term pin that may write, which ends it. Only one may succeed.
 *
 * <p>Outcome: accessed, pinned; state, accesses and pins in the end.
 */
public class BothPin {

    /** The protocol as it is. */
    @JCStressTest
    @State
    @Outcome(
            id = "1, 0, BOTH 1 0",
            expect = ACCEPTABLE,
            desc = "The access came first; the pin was refused.")
    @Outcome(
            id = "0, 1, HOST 0 1",
            expect = ACCEPTABLE,
            desc = "The pin came first, and dropped the page; the access was refused.")
    @Outcome(
            expect = FORBIDDEN,
            desc = "A writer beside a reader of the other place, or a count that was lost.")
    public static class Shipped {
        private final Subject subject = Subject.onBoth(OffHeapWords::new);

        @Actor
        public void access(IIL_Result r) {
            r.r1 = subject.readAccess(1);
        }

        @Actor
        public void pin(IIL_Result r) {
            r.r2 = subject.pin();
        }

        @Arbiter
        public void end(IIL_Result r) {
            r.r3 = BothPin.end(subject);
        }
    }

    /** Count and drop look at the word and then store: what the compare-and-set is for. */
    @JCStressTest
    @State
    @Outcome(
            id = "1, 0, BOTH 1 0",
            expect = ACCEPTABLE,
            desc = "The access came first; the pin was refused.")
    @Outcome(
            id = "0, 1, HOST 0 1",
            expect = ACCEPTABLE,
            desc = "The pin came first, and dropped the page; the access was refused.")
    @Outcome(
            id = "1, 1, HOST 0 1",
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: the drop wrote over the access, whose memory is nobody's then.")
    @Outcome(
            id = "1, 1, BOTH 1 0",
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: the access wrote over the pin, who writes beside a reader.")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "Seen: other mess.")
    public static class Weakened {
        private final Subject subject = Subject.onBoth(CheckThenActWords::new);

        @Actor
        public void access(IIL_Result r) {
            r.r1 = Subject.attempt(() -> subject.readAccess(1));
        }

        @Actor
        public void pin(IIL_Result r) {
            r.r2 = Subject.attempt(subject::pin);
        }

        @Arbiter
        public void end(IIL_Result r) {
            r.r3 = BothPin.end(subject);
        }
    }

    private static String end(Subject subject) {
        long word = subject.word();
        subject.forget();
        return PageWord.stateName(PageWord.state(word)) + " " + PageWord.accesses(word) + " "
                + PageWord.pins(word);
    }
}
