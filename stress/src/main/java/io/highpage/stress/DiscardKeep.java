// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.highpage.internal.page.OffHeapWords;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The home of a page on a device is given up while somebody outside begins to keep it: who keeps it
 * pins the page first, and who gives it up looks for a keeper when it owns the page. What is kept
 * has memory.
 *
 * <p>Outcome: the page was pinned, and has memory at home in the end.
 */
public class DiscardKeep {

    /** The protocol as it is. */
    @JCStressTest
    @State
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The home is kept, and has memory.")
    @Outcome(expect = FORBIDDEN, desc = "The memory of a kept home was given up.")
    public static class Shipped {
        private final Subject subject = Subject.onDevice(OffHeapWords::new);

        @Actor
        public void discard() {
            subject.discardHome();
        }

        @Actor
        public void keep(II_Result r) {
            r.r1 = subject.pin();
            subject.pages.keepHome(true);
            subject.unpin();
            int ignored = subject.moveIn(1);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r2 = subject.hasHome();
            subject.forget();
        }
    }

    /** Keeping begins without a pin. */
    @JCStressTest
    @State
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The home is kept, and has memory.")
    @Outcome(
            id = "1, 0",
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: the memory of a kept home was given up.")
    public static class Weakened {
        private final Subject subject = Subject.onDevice(OffHeapWords::new);

        @Actor
        public void discard() {
            subject.discardHome();
        }

        @Actor
        public void keep(II_Result r) {
            subject.pages.keepHome(true);
            r.r1 = 1;
        }

        @Arbiter
        public void end(II_Result r) {
            r.r2 = subject.hasHome();
            subject.forget();
        }
    }
}
