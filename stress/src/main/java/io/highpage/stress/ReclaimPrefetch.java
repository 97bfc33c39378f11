// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.highpage.internal.migrate.Move;
import io.highpage.internal.page.OffHeapWords;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ILL_Result;

/**
 * A full device: an access that has another buffer's page leave meets a prefetch of that page. It
 * may stay for a moment longer, or even come back, but takes nothing from the access.
 *
 * <p>Outcome: the access, what the prefetch says; where the page is in the end, bytes in use.
 */
public class ReclaimPrefetch {

    /** The protocol as it is. */
    @JCStressTest
    @State
    @Outcome(
            id = "1, IN_PLACE, HOST 1 of 8",
            expect = ACCEPTABLE,
            desc = "It was there still, and left then.")
    @Outcome(
            id = "1, NO_DEVICE_MEMORY, HOST 1 of 8",
            expect = ACCEPTABLE,
            desc = "It had left, and there was no room any more.")
    @Outcome(
            id = "1, (MOVED|MOVING), HOST 1 of 8",
            expect = ACCEPTABLE_INTERESTING,
            desc = "It was about to leave; or came back to the room just made, and left again.")
    @Outcome(
            expect = FORBIDDEN,
            desc = "The access has no room, or the page is in it too, or not whole.")
    public static class Shipped {
        private final Room room = new Room(OffHeapWords::new);
        private final Subject other = room.other(OffHeapWords::new);

        @Actor
        public void reclaim(ILL_Result r) {
            r.r1 = other.access(1);
        }

        @Actor
        public void prefetch(ILL_Result r) {
            r.r2 = ReclaimPrefetch.prefetched(room.there);
        }

        @Arbiter
        public void end(ILL_Result r) {
            r.r3 = ReclaimPrefetch.end(room);
            room.there.forget();
            other.forget();
        }
    }

    /** Count and lock of the page that leaves look at its word and then store. */
    @JCStressTest
    @State
    @Outcome(
            id = "1, IN_PLACE, HOST 1 of 8",
            expect = ACCEPTABLE,
            desc = "It was there still, and left then.")
    @Outcome(
            id = "1, NO_DEVICE_MEMORY, HOST 1 of 8",
            expect = ACCEPTABLE,
            desc = "It had left, and there was no room any more.")
    @Outcome(
            id = "1, (MOVED|MOVING), HOST 1 of 8",
            expect = ACCEPTABLE,
            desc = "It was about to leave; or came back to the room just made, and left again.")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "Seen: other mess.")
    public static class Weakened {
        private final Room room = new Room(CheckThenActWords::new);
        private final Subject other = room.other(CheckThenActWords::new);

        @Actor
        public void reclaim(ILL_Result r) {
            r.r1 = Subject.attempt(() -> other.access(1));
        }

        @Actor
        public void prefetch(ILL_Result r) {
            r.r2 = Subject.attempt(() -> ReclaimPrefetch.prefetched(room.there), "mess");
        }

        @Arbiter
        public void end(ILL_Result r) {
            r.r3 = ReclaimPrefetch.end(room);
            room.there.forget();
            other.forget();
        }
    }

    private static String end(Room room) {
        return room.there.state() + " " + room.there.homeBytes() + " of " + room.usedBytes();
    }

    private static String prefetched(Subject subject) {
        return Move.in(subject.pages, 1, 0, 1).outcomes().of(0).name();
    }
}
