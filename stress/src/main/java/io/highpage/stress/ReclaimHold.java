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

import java.lang.foreign.ValueLayout;

/**
 * A full device: an access that has another buffer's page leave meets a hold of that page, whose
 * owner writes 2 where the page is. What is held stays, else what is written to it is lost.
 *
 * <p>Outcome: accessed, held, the page's bytes in the end.
 */
public class ReclaimHold {

    /** The protocol as it is. */
    @JCStressTest
    @State
    @Outcome(
            id = "0, 1, 2",
            expect = ACCEPTABLE,
            desc = "The hold came first; there was no room to be made.")
    @Outcome(
            id = "1, 1, 2",
            expect = ACCEPTABLE,
            desc = "The page left first and was held at home.")
    @Outcome(expect = FORBIDDEN, desc = "The page left under its hold, and a write is lost.")
    public static class Shipped {
        private final Room room = new Room(OffHeapWords::new);
        private final Subject other = room.other(OffHeapWords::new);

        @Actor
        public void access(III_Result r) {
            r.r1 = other.access(1);
        }

        @Actor
        public void hold(III_Result r) {
            r.r2 = holdAndWrite(room.there);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = room.there.bytes();
            room.there.forget();
            other.forget();
        }
    }

    /** Count and lock of the page that leaves look at its word and then store. */
    @JCStressTest
    @State
    @Outcome(
            id = "0, 1, 2",
            expect = ACCEPTABLE,
            desc = "The hold came first; there was no room to be made.")
    @Outcome(
            id = "1, 1, 2",
            expect = ACCEPTABLE,
            desc = "The page left first and was held at home.")
    @Outcome(
            id = "1, 1, 1",
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: the page left under its hold, and the write is lost.")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "Seen: other mess.")
    public static class Weakened {
        private final Room room = new Room(CheckThenActWords::new);
        private final Subject other = room.other(OffHeapWords::new);

        @Actor
        public void access(III_Result r) {
            r.r1 = Subject.attempt(() -> other.access(1));
        }

        @Actor
        public void hold(III_Result r) {
            r.r2 = Subject.attempt(() -> holdAndWrite(room.there));
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = Subject.attempt(room.there::bytes);
            room.there.forget();
            other.forget();
        }
    }

    private static int holdAndWrite(Subject subject) {
        int held = subject.hold();
        subject.memory().set(ValueLayout.JAVA_LONG, 0, 2);
        return held;
    }
}
