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
 * A full device: an access that has another buffer's page leave meets a pin of that page, which
 * brings it home itself. It comes home once, whoever brings it, and the room goes to the access.
 *
 * <p>Outcome: the access, the pin; where the page is, with the bytes at its home, bytes in use, who
 * left.
 */
public class ReclaimPin {

    /** The protocol as it is. */
    @JCStressTest
    @State
    @Outcome(
            id = "1, 1, HOST 1 of 8, 1 evicted",
            expect = ACCEPTABLE,
            desc = "It left for the access, and was pinned at home.")
    @Outcome(
            id = "1, 1, HOST 1 of 8, 0 evicted",
            expect = ACCEPTABLE,
            desc = "The pin brought it home, which made room.")
    @Outcome(expect = FORBIDDEN, desc = "It is not home, or not whole, or there is no room.")
    public static class Shipped {
        private final Room room = new Room(OffHeapWords::new);
        private final Subject other = room.other(OffHeapWords::new);

        @Actor
        public void reclaim(IIL_Result r) {
            r.r1 = other.access(1);
        }

        @Actor
        public void pin(IIL_Result r) {
            r.r2 = room.there.pin();
        }

        @Arbiter
        public void end(IIL_Result r) {
            r.r3 = ReclaimPin.end(room);
            room.there.forget();
            other.forget();
        }
    }

    /** Count and lock of the page that leaves look at its word and then store. */
    @JCStressTest
    @State
    @Outcome(
            id = "1, 1, HOST 1 of 8, 1 evicted",
            expect = ACCEPTABLE,
            desc = "It left for the access, and was pinned at home.")
    @Outcome(
            id = "1, 1, HOST 1 of 8, 0 evicted",
            expect = ACCEPTABLE,
            desc = "The pin brought it home, which made room.")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "Seen: other mess.")
    public static class Weakened {
        private final Room room = new Room(CheckThenActWords::new);
        private final Subject other = room.other(CheckThenActWords::new);

        @Actor
        public void reclaim(IIL_Result r) {
            r.r1 = Subject.attempt(() -> other.access(1));
        }

        @Actor
        public void pin(IIL_Result r) {
            r.r2 = Subject.attempt(() -> room.there.pin());
        }

        @Arbiter
        public void end(IIL_Result r) {
            r.r3 = ReclaimPin.end(room);
            room.there.forget();
            other.forget();
        }
    }

    private static String end(Room room) {
        return room.there.state() + " " + room.there.homeBytes() + " of " + room.usedBytes() + ", "
                + room.evicted() + " evicted";
    }
}
