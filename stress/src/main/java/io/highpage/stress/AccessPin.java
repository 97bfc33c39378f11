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
 * A device access, which needs the page on the device, meets a long-term pin, which needs it at
 * home. Only one may succeed.
 *
 * <p>Outcome: accessed, pinned; state, accesses and pins in the end.
 */
public class AccessPin {

    /** The protocol as it is. */
    @JCStressTest
    @State
    @Outcome(
            id = "1, 0, DEVICE 1 0",
            expect = ACCEPTABLE,
            desc = "The access came first; the pin was refused.")
    @Outcome(
            id = "0, 1, HOST 0 1",
            expect = ACCEPTABLE,
            desc = "The pin came first; the access was refused.")
    @Outcome(
            expect = FORBIDDEN,
            desc = "A page that is accessed and pinned at once, a count that was lost, or both"
                    + " gave up.")
    public static class Shipped {
        private final Subject subject = Subject.atHome(OffHeapWords::new);

        @Actor
        public void access(IIL_Result r) {
            r.r1 = subject.access(1);
        }

        @Actor
        public void pin(IIL_Result r) {
            r.r2 = subject.pin();
        }

        @Arbiter
        public void end(IIL_Result r) {
            r.r3 = AccessPin.end(subject);
        }
    }

    /**
     * The access publishes the page on the device first and counts itself afterwards, as Linux
     * unlocks before it pins.
     */
    @JCStressTest
    @State
    @Outcome(
            id = "1, 0, DEVICE 1 0",
            expect = ACCEPTABLE,
            desc = "The access came first; the pin was refused.")
    @Outcome(
            id = "0, 1, HOST 0 1",
            expect = ACCEPTABLE,
            desc = "The pin came first; the access was refused.")
    @Outcome(
            id = "1, 1, HOST 1 1",
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: the pin took the page home in between, and the device works on"
                    + " memory that is not the page.")
    @Outcome(
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: the access counted itself on a page that was moving again.")
    public static class Weakened {
        private final Subject subject = Subject.atHome(OffHeapWords::new);

        @Actor
        public void access(IIL_Result r) {
            r.r1 = publishThenCount(subject);
        }

        @Actor
        public void pin(IIL_Result r) {
            r.r2 = Subject.attempt(subject::pin);
        }

        @Arbiter
        public void end(IIL_Result r) {
            r.r3 = AccessPin.end(subject);
        }
    }

    /** The mover's steps without the copy, which does not matter here. */
    private static int publishThenCount(Subject subject) {
        subject.pages.deviceWindow(1, 0).retain(1, () -> true);
        long word = subject.word();
        if (!subject.table.tryAddAway(1)
                || PageWord.isCounted(word)
                || !subject.table.tryLock(0, word, 1)) {
            return 0;
        }
        subject.table.publish(0, 0);
        Gap.widen();
        Unchecked.add(subject.words, 1, 1L << PageWord.ACCESSES_SHIFT);
        return 1;
    }

    private static String end(Subject subject) {
        long word = subject.word();
        subject.forget();
        return PageWord.stateName(PageWord.state(word)) + " " + PageWord.accesses(word) + " "
                + PageWord.pins(word);
    }
}
