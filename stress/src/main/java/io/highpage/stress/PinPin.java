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

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Two threads pin one device page at once, and each writes its half of the page as soon as it has
 * it. One brings the page home, the other waits for that; both have it then.
 *
 * <p>Outcome: pinned by the first, pinned by the second; state, pins and both halves in the end.
 */
public class PinPin {

    /** The protocol as it is. */
    @JCStressTest
    @State
    @Outcome(
            id = "1, 1, HOST 2 2 2",
            expect = ACCEPTABLE,
            desc = "Both have the page, and what both wrote is there.")
    @Outcome(
            expect = FORBIDDEN,
            desc = "A pin was refused or lost, or the page was copied once more over what a"
                    + " pin's owner wrote.")
    public static class Shipped {
        private final Subject subject = Subject.onDevice(OffHeapWords::new);

        @Actor
        public void first(IIL_Result r) {
            r.r1 = pinAndWrite(subject, 0);
        }

        @Actor
        public void second(IIL_Result r) {
            r.r2 = pinAndWrite(subject, 1);
        }

        @Arbiter
        public void end(IIL_Result r) {
            r.r3 = PinPin.end(subject);
        }
    }

    /** Count and lock look at the word and then store. */
    @JCStressTest
    @State
    @Outcome(
            id = "1, 1, HOST 2 2 2",
            expect = ACCEPTABLE,
            desc = "Both have the page, and what both wrote is there.")
    @Outcome(
            id = "1, 1, HOST 1 2 2",
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: one pin wrote over the other.")
    @Outcome(
            expect = ACCEPTABLE_INTERESTING,
            desc = "Seen: both brought the page home, and one copy went over what the other's"
                    + " owner had written.")
    public static class Weakened {
        private final Subject subject = Subject.onDevice(CheckThenActWords::new);

        @Actor
        public void first(IIL_Result r) {
            r.r1 = Subject.attempt(() -> pinAndWrite(subject, 0));
        }

        @Actor
        public void second(IIL_Result r) {
            r.r2 = Subject.attempt(() -> pinAndWrite(subject, 1));
        }

        @Arbiter
        public void end(IIL_Result r) {
            r.r3 = PinPin.end(subject);
        }
    }

    private static int pinAndWrite(Subject subject, int half) {
        int pinned = subject.pin();
        subject.pages.home().memory().set(ValueLayout.JAVA_INT, (long) half * Integer.BYTES, 2);
        return pinned;
    }

    private static String end(Subject subject) {
        MemorySegment home = subject.pages.home().memory();
        String end = subject.state() + " " + PageWord.pins(subject.word()) + " "
                + home.get(ValueLayout.JAVA_INT, 0) + " "
                + home.get(ValueLayout.JAVA_INT, Integer.BYTES);
        subject.forget();
        return end;
    }
}
