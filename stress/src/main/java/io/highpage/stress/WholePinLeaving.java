// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.highpage.internal.page.BufferWord;
import io.highpage.internal.page.OffHeapWords;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIL_Result;

/**
 * A pin of the whole buffer, which looks at no page, meets a page that leaves for a device. Only
 * one of them may succeed.
 *
 * <p>Outcome: pinned, moved out; state in the end.
 */
public class WholePinLeaving {

    /** The protocol as it is. */
    @JCStressTest
    @State
    @Outcome(
            id = "1, 0, HOST",
            expect = ACCEPTABLE,
            desc = "The pin came first; the prefetch was refused.")
    @Outcome(
            id = "0, 1, BOTH",
            expect = ACCEPTABLE,
            desc = "The page was announced as away first; the pin has to go page by page.")
    @Outcome(
            expect = FORBIDDEN,
            desc = "A page left under a pin of the whole buffer, or both gave up.")
    public static class Shipped {
        private final Subject subject = Subject.atHome(OffHeapWords::new);

        @Actor
        public void pinWhole(IIL_Result r) {
            r.r1 = subject.pinWhole();
        }

        @Actor
        public void moveOut(IIL_Result r) {
            r.r2 = subject.moveIn(1);
        }

        @Arbiter
        public void end(IIL_Result r) {
            r.r3 = subject.state();
            subject.forget();
        }
    }

    /** The page leaves first and is counted as away afterwards. */
    @JCStressTest
    @State
    @Outcome(
            id = "1, 0, HOST",
            expect = ACCEPTABLE,
            desc = "The pin came first; the prefetch was refused.")
    @Outcome(
            id = "0, 1, DEVICE",
            expect = ACCEPTABLE,
            desc = "The page was announced as away first; the pin has to go page by page.")
    @Outcome(
            id = "1, 1, DEVICE",
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: the pin believed a count of pages away that came too late.")
    @Outcome(expect = FORBIDDEN, desc = "Not expected.")
    public static class Weakened {
        private final Subject subject = Subject.atHome(OffHeapWords::new);

        @Actor
        public void pinWhole(IIL_Result r) {
            r.r1 = subject.pinWhole();
        }

        @Actor
        public void moveOut(IIL_Result r) {
            r.r2 = leaveThenAnnounce(subject);
        }

        @Arbiter
        public void end(IIL_Result r) {
            r.r3 = subject.state();
        }
    }

    /** The mover's steps without the copy, which does not matter here. */
    private static int leaveThenAnnounce(Subject subject) {
        if (BufferWord.wholePins(subject.table.bufferWord()) != 0
                || !subject.table.tryLock(0, subject.word(), 1)) {
            return 0;
        }
        subject.table.publish(0, 0);
        Gap.widen();
        Unchecked.add(subject.words, 0, 1);
        return 1;
    }
}
