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
import org.openjdk.jcstress.infra.results.IIL_Result;

/**
 * Two accesses that both need the room of the one page that is on a device. It leaves once, and its
 * memory is given back once: one of them gets it.
 *
 * <p>Outcome: the first, the second; what became of the page, with bytes in use in the end.
 */
public class ReclaimTwice {

    /** The protocol as it is. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, HOST 1 of 8", expect = ACCEPTABLE, desc = "The first got the room.")
    @Outcome(id = "0, 1, HOST 1 of 8", expect = ACCEPTABLE, desc = "The second got it.")
    @Outcome(expect = FORBIDDEN, desc = "Both have it, or none, or the page did not leave whole.")
    public static class Shipped {
        private final Room room = new Room(OffHeapWords::new);
        private final Subject one = room.other(OffHeapWords::new);
        private final Subject two = room.other(OffHeapWords::new);

        @Actor
        public void first(IIL_Result r) {
            r.r1 = one.access(1);
        }

        @Actor
        public void second(IIL_Result r) {
            r.r2 = two.access(1);
        }

        @Arbiter
        public void end(IIL_Result r) {
            r.r3 = ReclaimTwice.end(room);
            room.there.forget();
            one.forget();
            two.forget();
        }
    }

    /** Those who lock the page that leaves look at its word and then store. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0, HOST 1 of 8", expect = ACCEPTABLE, desc = "The first got the room.")
    @Outcome(id = "0, 1, HOST 1 of 8", expect = ACCEPTABLE, desc = "The second got it.")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "Seen: other mess.")
    public static class Weakened {
        private final Room room = new Room(CheckThenActWords::new);
        private final Subject one = room.other(OffHeapWords::new);
        private final Subject two = room.other(OffHeapWords::new);

        @Actor
        public void first(IIL_Result r) {
            r.r1 = Subject.attempt(() -> one.access(1));
        }

        @Actor
        public void second(IIL_Result r) {
            r.r2 = Subject.attempt(() -> two.access(1));
        }

        @Arbiter
        public void end(IIL_Result r) {
            r.r3 = ReclaimTwice.end(room);
            room.there.forget();
            one.forget();
            two.forget();
        }
    }

    private static String end(Room room) {
        return room.there.state() + " " + room.there.homeBytes() + " of " + room.usedBytes()
                + (room.there.pages.deviceWindow(1, 0).isPassing() ? ", never to come back" : "");
    }
}
