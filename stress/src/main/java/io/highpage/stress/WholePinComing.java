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

import java.lang.foreign.MemorySegment;

/**
 * A pin of the whole buffer meets the last page on its way home. Whoever has the pin must find the
 * page at home, with its bytes, 1.
 *
 * <p>Outcome: pinned, what the pin's owner read, 0 if the page was not at home, or -1, moved home.
 */
public class WholePinComing {

    /** The protocol as it is. */
    @JCStressTest
    @State
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "The page was at home before the pin.")
    @Outcome(
            id = "0, -1, 1",
            expect = ACCEPTABLE,
            desc = "The pin came too early and has to go page by page.")
    @Outcome(
            expect = FORBIDDEN,
            desc = "A pin of the whole buffer with a page that was not at home.")
    public static class Shipped {
        private final Subject subject = Subject.onDevice(OffHeapWords::new);

        @Actor
        public void pinWhole(III_Result r) {
            r.r1 = subject.pinWhole();
            r.r2 = r.r1 == 1 ? pageAtHome(subject) : -1;
        }

        @Actor
        public void moveHome(III_Result r) {
            r.r3 = subject.moveHome();
        }

        @Arbiter
        public void end(III_Result r) {
            subject.forget();
        }
    }

    /** The page is taken off the count of pages away first, and copied and published afterwards. */
    @JCStressTest
    @State
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "The page was at home before the pin.")
    @Outcome(
            id = "0, -1, 1",
            expect = ACCEPTABLE,
            desc = "The pin came too early and has to go page by page.")
    @Outcome(
            id = "1, 0, 1",
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: the pin's owner looked before the copy was there.")
    @Outcome(expect = FORBIDDEN, desc = "Not expected.")
    public static class Weakened {
        private final Subject subject = Subject.onDevice(OffHeapWords::new);

        @Actor
        public void pinWhole(III_Result r) {
            r.r1 = subject.pinWhole();
            r.r2 = r.r1 == 1 ? pageAtHome(subject) : -1;
        }

        @Actor
        public void moveHome(III_Result r) {
            r.r3 = announceThenCome(subject);
        }

        @Arbiter
        public void end(III_Result r) {
            subject.forget();
        }
    }

    /** {@return the page's bytes if it is at home, as the pin promises; else 0} */
    private static int pageAtHome(Subject subject) {
        return PageWord.state(subject.word()) == PageWord.HOST ? subject.homeBytes() : 0;
    }

    private static int announceThenCome(Subject subject) {
        if (!subject.table.tryLock(0, subject.word(), PageWord.HOME)) {
            return 0;
        }
        subject.table.subtractAway(1);
        Gap.widen();
        MemorySegment device = subject.pages.deviceWindow(1, 0).memory();
        subject.pages.home().memory().copyFrom(device);
        subject.table.publish(0, 0);
        return 1;
    }
}
