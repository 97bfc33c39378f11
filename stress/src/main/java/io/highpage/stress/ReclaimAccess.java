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
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A device with room for one page, and two that want to stay: an access of a page that is there
 * meets one that has it leave to be there itself.
 *
 * <p>Outcome: the one that is there, the other one, bytes in use in the end.
 */
public class ReclaimAccess {

    /** The protocol as it is. */
    @JCStressTest
    @State
    @Outcome(
            id = "1, 0, 8",
            expect = ACCEPTABLE,
            desc = "What is there was accessed first, and stayed.")
    @Outcome(
            id = "0, 1, 8",
            expect = ACCEPTABLE,
            desc = "It left first, and found no room to come back.")
    @Outcome(expect = FORBIDDEN, desc = "Both are there, where there is room for one, or none is.")
    public static class Shipped {
        private final Room room = new Room(OffHeapWords::new);
        private final Subject other = room.other(OffHeapWords::new);

        @Actor
        public void access(III_Result r) {
            r.r1 = room.there.access(1);
        }

        @Actor
        public void reclaim(III_Result r) {
            r.r2 = other.access(1);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = (int) room.usedBytes();
            room.there.forget();
            other.forget();
        }
    }

    /** Count and lock of the page that leaves look at its word and then store. */
    @JCStressTest
    @State
    @Outcome(
            id = "1, 0, 8",
            expect = ACCEPTABLE,
            desc = "What is there was accessed first, and stayed.")
    @Outcome(
            id = "0, 1, 8",
            expect = ACCEPTABLE,
            desc = "It left first, and found no room to come back.")
    @Outcome(
            id = "1, 1, 8",
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: the page is accessed, and its memory is the other's.")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "Seen: other mess.")
    public static class Weakened {
        private final Room room = new Room(CheckThenActWords::new);
        private final Subject other = room.other(OffHeapWords::new);

        @Actor
        public void access(III_Result r) {
            r.r1 = Subject.attempt(() -> room.there.access(1));
        }

        @Actor
        public void reclaim(III_Result r) {
            r.r2 = Subject.attempt(() -> other.access(1));
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = (int) room.usedBytes();
            room.there.forget();
            other.forget();
        }
    }
}
