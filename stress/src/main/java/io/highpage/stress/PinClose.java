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
 * A long-term pin of a page meets the buffer's close. Only one of them may succeed.
 *
 * <p>Outcome: pinned, closed; pins and whether the page is closed in the end.
 */
public class PinClose {

    /** The protocol as it is. */
    @JCStressTest
    @State
    @Outcome(
            id = "1, 0, 1 open",
            expect = ACCEPTABLE,
            desc = "The pin came first; the close was refused.")
    @Outcome(
            id = "0, 1, 0 closed",
            expect = ACCEPTABLE,
            desc = "The close came first; the pin was told so.")
    @Outcome(
            expect = FORBIDDEN,
            desc = "A closed page that is pinned, a pin that was lost, or both gave up.")
    public static class Shipped {
        private final Subject subject = Subject.atHome(OffHeapWords::new);

        @Actor
        public void pin(IIL_Result r) {
            r.r1 = subject.pin();
        }

        @Actor
        public void close(IIL_Result r) {
            r.r2 = subject.close();
        }

        @Arbiter
        public void end(IIL_Result r) {
            r.r3 = PageWord.pins(subject.word()) + " " + subject.openness();
        }
    }

    /** The close looks for counts first and closes afterwards. */
    @JCStressTest
    @State
    @Outcome(
            id = "1, 0, 1 open",
            expect = ACCEPTABLE,
            desc = "The pin came first; the close was refused.")
    @Outcome(
            id = "0, 1, 0 closed",
            expect = ACCEPTABLE,
            desc = "The close came first; the pin was told so.")
    @Outcome(
            id = "1, 1, 0 closed",
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: the pin came in between and is forgotten.")
    @Outcome(expect = FORBIDDEN, desc = "Not expected.")
    public static class Weakened {
        private final Subject subject = Subject.atHome(OffHeapWords::new);

        @Actor
        public void pin(IIL_Result r) {
            r.r1 = subject.pin();
        }

        @Actor
        public void close(IIL_Result r) {
            r.r2 = lookThenClose(subject);
        }

        @Arbiter
        public void end(IIL_Result r) {
            r.r3 = PageWord.pins(subject.word()) + " " + subject.openness();
        }
    }

    private static int lookThenClose(Subject subject) {
        long word = subject.word();
        if (PageWord.isCounted(word)) {
            return 0;
        }
        Gap.widen();
        subject.words.release(1, word | PageWord.CLOSED);
        subject.pages.close();
        return 1;
    }
}
