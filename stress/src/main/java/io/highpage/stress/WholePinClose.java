// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.highpage.internal.page.BufferWord;
import io.highpage.internal.page.OffHeapWords;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A pin of the whole buffer meets the buffer's close. Only one of them may succeed.
 *
 * <p>Outcome: pinned, closed.
 */
public class WholePinClose {

    /** The protocol as it is. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The pin came first; the close was refused.")
    @Outcome(
            id = "0, 1",
            expect = ACCEPTABLE,
            desc = "The close came first; there is nothing to pin any more.")
    @Outcome(expect = FORBIDDEN, desc = "A closed buffer that is pinned, or both gave up.")
    public static class Shipped {
        private final Subject subject = Subject.atHome(OffHeapWords::new);

        @Actor
        public void pinWhole(II_Result r) {
            r.r1 = subject.pinWhole();
        }

        @Actor
        public void close(II_Result r) {
            r.r2 = subject.close();
        }
    }

    /** The close looks for pins first and closes afterwards. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The pin came first; the close was refused.")
    @Outcome(
            id = "0, 1",
            expect = ACCEPTABLE,
            desc = "The close came first; there is nothing to pin any more.")
    @Outcome(
            id = "1, 1",
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: the pin came in between; its memory would be unmapped under it.")
    @Outcome(expect = FORBIDDEN, desc = "Not expected.")
    public static class Weakened {
        private final Subject subject = Subject.atHome(OffHeapWords::new);

        @Actor
        public void pinWhole(II_Result r) {
            r.r1 = subject.pinWhole();
        }

        @Actor
        public void close(II_Result r) {
            r.r2 = lookThenClose(subject);
        }
    }

    private static int lookThenClose(Subject subject) {
        long word = subject.table.bufferWord();
        if (BufferWord.wholePins(word) != 0) {
            return 0;
        }
        Gap.widen();
        subject.words.release(0, word | BufferWord.CLOSED);
        return 1;
    }
}
