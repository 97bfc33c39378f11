// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.highpage.Highpage;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.Terms;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A copy from a page on a device meets its eviction; as soon as it has left, its device memory has
 * other bytes. The copy holds its source until the last byte.
 *
 * <p>Outcome: pages that left; the first word and the last one of the copy.
 */
public class CopyEvict {
    private static final int PAGE = 4096;

    /** jcstress keeps some ten thousand states alive at once. */
    private static final int PAGES = 1 << 14;

    private static final long BEFORE = 1;
    private static final byte GONE = 7;

    private static final Highpage HP =
            Highpage.builder().device(new ForgetfulDevice()).open();
    private static final Allocation SPANS =
            Allocation.defaults().pageBytes(PAGE).spanBytes(2 << 20);
    private static final PageBuffer FROM = HP.allocate((long) PAGES * PAGE, SPANS);
    private static final PageBuffer TO = HP.allocate((long) PAGES * PAGE, SPANS);
    private static final AtomicLong NEXT = new AtomicLong();

    /** A page that is on the device, which comes round again. */
    private static final class Source {
        final long offset = NEXT.getAndIncrement() % PAGES * PAGE;
        final PageRange page = FROM.range(offset, PAGE);

        Source() {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment words = arena.allocate(PAGE, Long.BYTES);
                for (long at = 0; at < PAGE; at += Long.BYTES) {
                    words.set(ValueLayout.JAVA_LONG, at, BEFORE);
                }
                FROM.write(offset, words);
            }
            page.access(HP.device(), AccessMode.READ_WRITE).close(); // so it is there alone
        }

        int evict() {
            return (int) page.evict().outcomes().count(PageOutcome.MOVED);
        }

        int copied(long at) {
            try (Hold hold = TO.range(offset + at, Long.BYTES)
                    .hold(Terms.defaults().mode(AccessMode.READ))) {
                return (int) hold.segment().get(ValueLayout.JAVA_LONG, 0);
            }
        }
    }

    /** The protocol as it is. */
    @JCStressTest
    @State
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "It left before, or after.")
    @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "It was held meanwhile, and stayed.")
    @Outcome(expect = FORBIDDEN, desc = "It left under the copy.")
    public static class Shipped {
        private final Source source = new Source();

        @Actor
        public void copy() {
            source.page.copyTo(TO, source.offset);
        }

        @Actor
        public void evict(III_Result r) {
            r.r1 = source.evict();
        }

        @Arbiter
        public void end(III_Result r) {
            r.r2 = source.copied(0);
            r.r3 = source.copied(PAGE - Long.BYTES);
        }
    }

    /** A copy that holds its source only to find out where it is. */
    @JCStressTest
    @State
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "It left before, or after.")
    @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "It was held meanwhile, and stayed.")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "Seen: it left under the copy.")
    public static class Weakened {
        private final Source source = new Source();

        @SuppressWarnings("restricted")
        @Actor
        public void copy() {
            MemorySegment found;
            try (Hold hold = source.page.hold(Terms.defaults().mode(AccessMode.READ))) {
                found = MemorySegment.ofAddress(hold.segment().address()).reinterpret(PAGE);
            }
            Gap.widen();
            TO.write(source.offset, found);
        }

        @Actor
        public void evict(III_Result r) {
            r.r1 = source.evict();
        }

        @Arbiter
        public void end(III_Result r) {
            r.r2 = source.copied(0);
            r.r3 = source.copied(PAGE - Long.BYTES);
        }
    }

    /** What has left has other bytes. Pages must never be in both places. */
    private static final class ForgetfulDevice extends PlainDevice {
        @Override
        public Extent allocate(long byteSize) {
            return new PlainExtent(((PlainExtent) super.allocate(byteSize)).bytes) {
                @Override
                public void copyOut(long base, MemorySegment window, PageRuns runs) {
                    super.copyOut(base, window, runs);
                    for (int run = 0; run < runs.count(); run++) {
                        bytes.asSlice(base + runs.offset(run), runs.bytes(run)).fill(GONE);
                    }
                }
            };
        }
    }
}
