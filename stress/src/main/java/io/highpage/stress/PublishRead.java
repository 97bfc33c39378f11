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
import org.openjdk.jcstress.infra.results.II_Result;

import java.lang.foreign.MemorySegment;

/**
 * A page that comes home meets a thread which looks at its word. Whoever finds the page at home
 * must find its bytes there, 1.
 *
 * <p>Outcome: moved home, what the other thread read or -1.
 */
public class PublishRead {

    /** The protocol as it is. */
    @JCStressTest
    @State
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The page was at home, and its bytes too.")
    @Outcome(id = "1, -1", expect = ACCEPTABLE, desc = "The page was not at home yet.")
    @Outcome(expect = FORBIDDEN, desc = "The page was at home before its bytes.")
    public static class Shipped {
        private final Subject subject = Subject.onDevice(OffHeapWords::new);

        @Actor
        public void moveHome(II_Result r) {
            r.r1 = subject.moveHome();
        }

        @Actor
        public void read(II_Result r) {
            boolean home = PageWord.state(subject.word()) == PageWord.HOST;
            r.r2 = home ? subject.homeBytes() : -1;
        }

        @Arbiter
        public void end(II_Result r) {
            subject.forget();
        }
    }

    /** The page is published first and copied afterwards. */
    @JCStressTest
    @State
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The page was at home, and its bytes too.")
    @Outcome(id = "1, -1", expect = ACCEPTABLE, desc = "The page was not at home yet.")
    @Outcome(
            id = "1, 0",
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: the page was at home before its bytes.")
    @Outcome(expect = FORBIDDEN, desc = "Not expected.")
    public static class Weakened {
        private final Subject subject = Subject.onDevice(OffHeapWords::new);

        @Actor
        public void moveHome(II_Result r) {
            r.r1 = publishThenCopy(subject);
        }

        @Actor
        public void read(II_Result r) {
            boolean home = PageWord.state(subject.word()) == PageWord.HOST;
            r.r2 = home ? subject.homeBytes() : -1;
        }

        @Arbiter
        public void end(II_Result r) {
            subject.forget();
        }
    }

    private static int publishThenCopy(Subject subject) {
        if (!subject.table.tryLock(0, subject.word(), PageWord.HOME)) {
            return 0;
        }
        MemorySegment device = subject.pages.deviceWindow(1, 0).memory();
        subject.table.publish(0, 0);
        Gap.widen();
        subject.pages.home().memory().copyFrom(device);
        subject.table.subtractAway(1);
        return 1;
    }
}
