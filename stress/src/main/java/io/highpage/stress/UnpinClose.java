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
import org.openjdk.jcstress.infra.results.III_Result;

import java.lang.foreign.ValueLayout;

/**
 * The last pin of a page, whose owner writes 2 at the very end, is closed while the buffer is. A
 * buffer whose close succeeds is given back: nobody may touch it any more.
 *
 * <p>Outcome: closed, the page's bytes as the buffer was given back or -1; pins in the end.
 */
public class UnpinClose {

    /** The protocol as it is. */
    @JCStressTest
    @State
    @Outcome(
            id = "0, -1, 0",
            expect = ACCEPTABLE,
            desc = "The pin was still open; the close was refused.")
    @Outcome(
            id = "1, 2, 0",
            expect = ACCEPTABLE,
            desc = "The pin's owner was done before the close.")
    @Outcome(
            expect = FORBIDDEN,
            desc = "The buffer was given back while the pin's owner was still at work, or a"
                    + " pin was lost.")
    public static class Shipped {
        private final Subject subject = pinned();

        @Actor
        public void unpin(III_Result r) {
            subject.pages.home().memory().set(ValueLayout.JAVA_LONG, 0, 2);
            subject.unpin();
        }

        @Actor
        public void close(III_Result r) {
            r.r1 = subject.close();
            r.r2 = r.r1 == 1 ? subject.homeBytes() : -1;
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = PageWord.pins(subject.word());
        }
    }

    /** The pin's owner gives its count back and touches the page afterwards. */
    @JCStressTest
    @State
    @Outcome(
            id = "0, -1, 0",
            expect = ACCEPTABLE,
            desc = "The pin was still open; the close was refused.")
    @Outcome(
            id = "1, 2, 0",
            expect = ACCEPTABLE,
            desc = "The pin's owner was done before the close.")
    @Outcome(
            id = "1, 1, 0",
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: the owner's last write went to memory that had been given back.")
    @Outcome(expect = FORBIDDEN, desc = "Not expected.")
    public static class Weakened {
        private final Subject subject = pinned();

        @Actor
        public void unpin(III_Result r) {
            subject.unpin();
            Gap.widen();
            subject.pages.home().memory().set(ValueLayout.JAVA_LONG, 0, 2);
        }

        @Actor
        public void close(III_Result r) {
            r.r1 = subject.close();
            r.r2 = r.r1 == 1 ? subject.homeBytes() : -1;
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = PageWord.pins(subject.word());
        }
    }

    private static Subject pinned() {
        Subject subject = Subject.atHome(OffHeapWords::new);
        int ignored = subject.pin();
        return subject;
    }
}
