// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Budget;
import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.EvictionPolicy;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceMemory;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;
import io.highpage.host.HostDevice;
import io.highpage.internal.budget.Account;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.memory.Reservation;
import io.highpage.internal.migrate.PageSizes;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.Terms;
import io.highpage.testkit.Parked;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.Faults.Call;
import io.highpage.testkit.faults.ForwardingDevice;
import io.highpage.testkit.faults.ForwardingExtent;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** Room is made whatever the policy, the driver and the machine do meanwhile; or it is said why. */
@Timeout(300)
class ReclaimTest {
    private static final int PAGE = Scene.PAGE;
    private static final int SPAN = 16 * PAGE;
    private static final long MIB = 1 << 20;

    @RegisterExtension
    final AtRest rest = new AtRest();

    private static final Terms PATIENT = Terms.defaults().deadline(Duration.ofSeconds(30));

    /** A buffer of spans, and the bytes that it should have. */
    private record Spans(Rig rig, PageBuffer buffer, byte[] bytes) {
        static Spans of(Rig rig, int count) {
            PageBuffer buffer =
                    rig.runtime().allocate((long) count * SPAN, PageSizes.of(PAGE, SPAN));
            byte[] bytes = new byte[count * SPAN];
            new Random(count).nextBytes(bytes);
            buffer.write(0, MemorySegment.ofArray(bytes));
            return new Spans(rig, buffer, bytes);
        }

        PageRange span(int span) {
            return buffer.range((long) span * SPAN, SPAN);
        }

        DeviceAccess access(int span) {
            return span(span).access(rig.runtime().device(), AccessMode.READ_WRITE);
        }

        void check(String when) {
            byte[] read = new byte[bytes.length];
            buffer.read(0, MemorySegment.ofArray(read));
            assertThat(Arrays.mismatch(read, bytes))
                    .as("%s: first wrong byte", when)
                    .isEqualTo(-1);
        }
    }

    // ---- policies that do harm if they can ----

    /** A span of nobody, which says that it is every other. */
    private static final class Foreign implements EvictionPolicy.Candidate {
        @Override
        public long byteSize() {
            return 1L << 40;
        }

        @Override
        public long dirtyBytes() {
            return 0;
        }

        @Override
        public long uses() {
            return 0;
        }

        @Override
        public long lastUse() {
            return 0;
        }

        @Override
        public double worth() {
            return 0;
        }

        @Override
        public boolean equals(Object other) {
            return true;
        }

        @Override
        public int hashCode() {
            return 0;
        }
    }

    /** Policies of programs, each wrong in another way. */
    enum Wrong implements EvictionPolicy {
        THROWS {
            @Override
            public List<Candidate> victims(Snapshot snapshot) {
                throw new IllegalStateException("a policy that fails, as the test wants");
            }
        },
        ENDS_WITH_AN_ERROR {
            @Override
            public List<Candidate> victims(Snapshot snapshot) {
                throw new AssertionError("a policy that fails, as the test wants");
            }
        },
        ANSWERS_NULL {
            @Override
            public List<Candidate> victims(Snapshot snapshot) {
                return null;
            }
        },
        ANSWERS_NOTHING {
            @Override
            public List<Candidate> victims(Snapshot snapshot) {
                return List.of();
            }
        },
        ANSWERS_NULLS {
            @Override
            public List<Candidate> victims(Snapshot snapshot) {
                return Collections.nCopies(3, null);
            }
        },
        ANSWERS_FOREIGN_SPANS {
            @Override
            public List<Candidate> victims(Snapshot snapshot) {
                return List.of(new Foreign(), new Foreign());
            }
        },
        ANSWERS_SPANS_OF_LAST_TIME {
            private final List<Candidate> last = new ArrayList<>();

            @Override
            public List<Candidate> victims(Snapshot snapshot) {
                List<Candidate> answer = List.copyOf(last);
                last.addAll(snapshot.candidates());
                return answer;
            }
        },
        REPEATS_ONE {
            @Override
            public List<Candidate> victims(Snapshot snapshot) {
                return Collections.nCopies(1000, snapshot.candidates().getFirst());
            }
        },
        NEVER_ENDS {
            @Override
            public List<Candidate> victims(Snapshot snapshot) {
                return new AbstractList<>() {
                    @Override
                    public Candidate get(int index) {
                        return snapshot.candidates().getFirst();
                    }

                    @Override
                    public int size() {
                        return Integer.MAX_VALUE;
                    }
                };
            }
        },
        CHANGES_WHAT_IT_IS_GIVEN {
            @Override
            public List<Candidate> victims(Snapshot snapshot) {
                snapshot.candidates().clear();
                return snapshot.candidates();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void policy_thatIsWrong_doesNoHarm(Wrong policy) {
        Rig rig = rest.open(2L * SPAN, policy, Scene.device(DeviceKind.COHERENT));
        Spans spans = Spans.of(rig, 5);
        try (DeviceAccess held = spans.access(0)) {
            for (int round = 0; round < 3; round++) {
                for (int span = 1; span < 5; span++) {
                    spans.access(span).close();
                    assertThat(rig.runtime().device().usedBytes()).isEqualTo(2 * SPAN);
                }
            }
            assertThat(spans.span(0).residency().toString()).matches("D+");
            assertThat(held.isOpen()).isTrue();
        }
        assertThat(rig.runtime().device().traffic().spansEvicted()).isEqualTo(11);
        spans.check("after");
    }

    @Test
    void policy_isFollowed_amongSpansThatMustBeCopied() {
        List<Long> needed = new ArrayList<>();
        EvictionPolicy newestFirst = snapshot -> {
            needed.add(snapshot.neededBytes());
            List<EvictionPolicy.Candidate> order = new ArrayList<>(snapshot.candidates());
            order.sort((a, b) -> Long.compare(b.lastUse(), a.lastUse()));
            return order;
        };
        Rig rig = rest.open(3L * SPAN, newestFirst, Scene.device(DeviceKind.PRIVATE));
        Spans spans = Spans.of(rig, 5);
        for (int span = 0; span < 5; span++) {
            spans.access(span).close();
        }
        assertThat(needed).containsExactly((long) SPAN, (long) SPAN);
        String places = spans.buffer().residency().toString();
        assertThat(places.replaceAll("(.)\\1{15}", "$1")).isEqualTo("DDHHD");
        spans.check("after");
    }

    /** What it chose has a holder by the time that it answers. */
    @Test
    void policy_thatChoosesWhatIsInUseByThen_isPassedOver() {
        AtomicReference<Spans> made = new AtomicReference<>();
        List<DeviceAccess> taken = new ArrayList<>();
        EvictionPolicy slow = snapshot -> {
            if (taken.isEmpty()) { // of the first span, while the policy thinks
                taken.add(made.get()
                        .span(0)
                        .access(
                                Terms.defaults().shared().owner("meanwhile"),
                                made.get().rig().runtime().device()));
            }
            return snapshot.candidates();
        };
        Rig rig = rest.open(2L * SPAN, slow, Scene.device(DeviceKind.COHERENT));
        made.set(Spans.of(rig, 3));
        made.get().access(0).close();
        made.get().access(1).close();
        made.get().access(2).close();
        assertThat(made.get().span(0).residency().toString()).matches("D+");
        assertThat(made.get().span(1).residency().toString()).matches("H+");
        taken.forEach(DeviceAccess::close);
        made.get().check("after");
    }

    @Test
    void policy_thatTakesLong_keepsNobodyElse() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        EvictionPolicy slow = snapshot -> {
            asked.countDown();
            try {
                answer.await();
            } catch (InterruptedException ended) {
                throw new IllegalStateException(ended);
            }
            return snapshot.candidates();
        };
        Rig rig = rest.open(2L * SPAN, slow, Scene.device(DeviceKind.COHERENT));
        Spans spans = Spans.of(rig, 3);
        spans.access(0).close();
        spans.access(1).close();
        Thread asker = Thread.ofPlatform().start(() -> spans.access(2).close());
        asked.await();
        spans.access(0).close();
        spans.buffer().pin(Pin.longTerm()).close();
        assertThat(spans.span(2).prefetch(rig.runtime().device()).complete())
                .as("there is room by now")
                .isTrue();
        answer.countDown();
        asker.join();
        spans.check("after");
    }

    /** It is called with nothing owned, so it may use the library, even against its caller. */
    @Test
    void policy_thatUsesTheLibrary_doesNoHarm() {
        AtomicReference<Runnable> deed = new AtomicReference<>();
        EvictionPolicy does = snapshot -> {
            Runnable once = deed.getAndSet(null);
            if (once != null) {
                once.run();
            }
            return snapshot.candidates();
        };
        Rig rig = rest.open(2L * SPAN, does, Scene.device(DeviceKind.COHERENT));
        Spans spans = Spans.of(rig, 6);
        Spans others = Spans.of(rig, 2);
        deed.set(() -> spans.access(4).close());
        for (int i = 0; i < 4; i++) {
            spans.access(i).close();
        }
        assertThat(deed).as("it was asked").hasNullValue();
        others.access(0).close();
        deed.set(() -> others.buffer().close());
        spans.access(0).close();
        spans.access(1).close();
        assertThat(others.buffer().isOpen()).as("it was asked again").isFalse();
        spans.check("after");
        deed.set(() -> rig.runtime().close());
        assertThatThrownBy(() -> spans.access(5)) // which never was there
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    // ---- many spans ----

    /** A device without bytes, so that there may be many spans. */
    private static final class NoBytes extends ForwardingDevice {
        NoBytes(long byteSize) {
            super(HostDevice.privateMemory(byteSize));
        }

        @Override
        public Extent allocate(long byteSize) {
            return new ForwardingExtent(super.allocate(byteSize)) {
                @Override
                public void copyIn(long base, MemorySegment window, PageRuns runs) {
                    // Nothing is there.
                }

                @Override
                public void copyOut(long base, MemorySegment window, PageRuns runs) {
                    // Nothing is there.
                }

                @Override
                public void zero(long base, PageRuns runs) {
                    // Nothing is there.
                }
            };
        }
    }

    /** Not each page on the device is looked at, whenever a span comes. */
    @Test
    void room_amongManySpans_takesAboutAsLongAsAmongFew() {
        long few = 0;
        long many = Long.MAX_VALUE;
        // A busy machine may be slow in one of the two, but not in the same one each time.
        for (int attempt = 0; attempt < 5 && many >= 8 * few; attempt++) {
            few = leastNanosToMakeRoom(256);
            many = leastNanosToMakeRoom(4096);
            System.out.printf("room: %,d ns among 256 spans, %,d among 4096%n", few, many);
        }
        assertThat(many).as("nanoseconds among 4096 spans, of 2 MiB").isLessThan(8 * few);
    }

    private long leastNanosToMakeRoom(int spans) {
        long spanBytes = 2 * MIB;
        Rig rig = rest.open(spans * spanBytes, new NoBytes(2 * spans * spanBytes));
        PageRuntime runtime = rig.runtime();
        PageBuffer buffer =
                runtime.allocate((spans + 64) * spanBytes, PageSizes.of(PAGE, spanBytes));
        long least = Long.MAX_VALUE;
        for (int span = 0; span < spans + 64; span++) {
            long start = System.nanoTime();
            buffer.range(span * spanBytes, 1)
                    .access(runtime.device(), AccessMode.READ)
                    .close();
            if (span >= spans) {
                least = Math.min(least, System.nanoTime() - start);
            }
        }
        assertThat(runtime.device().traffic().spansEvicted()).isEqualTo(64);
        buffer.close();
        return least;
    }

    // ---- deadlines ----

    /** Each copy home takes 20 ms. */
    private static final class SlowHome extends ForwardingDevice {
        SlowHome(DeviceMemory inner) {
            super(inner);
        }

        @Override
        public Extent allocate(long byteSize) {
            return new ForwardingExtent(super.allocate(byteSize)) {
                @Override
                public void copyOut(long base, MemorySegment window, PageRuns runs) {
                    long end = System.nanoTime() + 20_000_000;
                    while (System.nanoTime() < end) {
                        LockSupport.parkNanos(1_000_000);
                    }
                    super.copyOut(base, window, runs);
                }
            };
        }
    }

    /** All that leave for one span would take 0.3 s; those that leave in half that time do. */
    @Test
    void deadline_isLookedAtBeforeEachSpanThatLeaves() {
        Rig rig = rest.open(16L * SPAN, new SlowHome(Scene.device(DeviceKind.COHERENT)));
        Device device = rig.runtime().device();
        Spans spans = Spans.of(rig, 16);
        for (int span = 0; span < 16; span++) {
            spans.access(span).close();
        }
        PageBuffer large = rig.runtime().allocate(16L * SPAN);
        Terms terms = Terms.defaults().deadline(Duration.ofMillis(150)); // a busy machine's pauses
        assertThatThrownBy(() -> large.access(terms, device))
                .isInstanceOfSatisfying(
                        OutOfPageMemoryException.class,
                        full -> assertThat(full.isRetryable()).isTrue())
                .hasMessageContaining("in the way: spans that nobody holds, which were still to"
                        + " leave when the deadline passed");
        assertThat(device.traffic().spansEvicted()).isBetween(1L, 8L);
        large.access(device, AccessMode.READ_WRITE).close();
        assertThat(device.traffic().spansEvicted()).as("without a deadline").isEqualTo(16);
        spans.check("after");
    }

    // ---- room in pieces ----

    @Test
    void roomInPieces_isMadeWithAsFewSpansAsCanBe() {
        Rig rig = rest.open(64 * MIB, Scene.device(DeviceKind.COHERENT)); // slabs of 4 MiB
        List<PageBuffer> small = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            small.add(rig.runtime().allocate(2 * MIB));
            assertThat(small.get(i).prefetch(rig.runtime().device()).complete()).isTrue();
        }
        for (int i = 0; i < 32; i += 2) {
            assertThat(small.get(i).evict().complete()).isTrue();
        }
        PageBuffer large = rig.runtime().allocate(4 * MIB);
        try (DeviceAccess held =
                small.get(1).access(rig.runtime().device(), AccessMode.READ_WRITE)) {
            large.access(rig.runtime().device(), AccessMode.READ_WRITE).close();
            assertThat(rig.runtime().device().traffic().spansEvicted()).isEqualTo(1);
            assertThat(held.isOpen()).isTrue();
        }
        PageBuffer larger = rig.runtime().allocate(32 * MIB);
        larger.access(rig.runtime().device(), AccessMode.READ_WRITE).close();
        assertThat(rig.runtime().device().usedBytes()).isLessThanOrEqualTo(64 * MIB);
    }

    /** In all slabs but one somebody keeps a half: that one is emptied, warm as it is. */
    @Test
    void roomInPieces_isMadeWhereAPieceCanBeEmptied() {
        Rig rig = rest.open(64 * MIB, Scene.device(DeviceKind.COHERENT)); // slabs of 4 MiB
        Device device = rig.runtime().device();
        List<PageBuffer> small = new ArrayList<>();
        List<DeviceAccess> held = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            small.add(rig.runtime().allocate(2 * MIB));
            DeviceAccess access = small.get(i).access(device, AccessMode.READ_WRITE);
            if (i % 2 == 0 && i < 30) {
                held.add(access);
            } else {
                access.close();
            }
        }
        assertThat(small.get(30).evict().complete()).isTrue();
        for (int i = 1; i < 31; i += 2) { // so that the last one is used most
            small.get(31).access(device, AccessMode.READ_WRITE).close();
            small.get(i).range(0, 1).access(device, AccessMode.READ).close();
        }
        PageBuffer large = rig.runtime().allocate(4 * MIB);
        large.access(device, AccessMode.READ_WRITE).close();
        assertThat(device.traffic().spansEvicted()).isLessThanOrEqualTo(2);
        held.forEach(DeviceAccess::close);
    }

    /** Half of each slab is held: no piece can become large enough, and the search for one ends. */
    @Test
    void roomInPieces_thatStayPieces_isRefused() {
        Rig rig = rest.open(64 * MIB, Scene.device(DeviceKind.COHERENT));
        List<PageBuffer> small = new ArrayList<>();
        List<DeviceAccess> held = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            small.add(rig.runtime().allocate(2 * MIB));
            DeviceAccess access =
                    small.get(i).access(rig.runtime().device(), AccessMode.READ_WRITE);
            if (i % 2 == 0) {
                held.add(access);
            } else {
                access.close();
            }
        }
        PageBuffer large = rig.runtime().allocate(4 * MIB);
        assertThatThrownBy(() -> large.access(rig.runtime().device(), AccessMode.READ_WRITE))
                .isInstanceOf(OutOfPageMemoryException.class)
                .hasMessageContaining("the most that is free in one piece there is " + 2 * MIB)
                .hasMessageContaining("in the way: access of bytes 0.." + 2 * MIB);
        held.forEach(DeviceAccess::close);
        large.access(rig.runtime().device(), AccessMode.READ_WRITE).close();
    }

    // ---- what fails while room is made ----

    private enum How {
        FAIL(Faults.FAIL),
        ERROR(Faults.ERROR),
        BUG(Faults.BUG),
        THROW_ERROR(Faults.THROW_ERROR),
        LOSE(Faults.LOSE);

        final Faults.Action action;

        How(Faults.Action action) {
            this.action = action;
        }
    }

    /** Each call that making room makes fails, in each way, once and for ever. */
    @ParameterizedTest
    @EnumSource
    void driverThatFailsWhileRoomIsMade_losesNothing(DeviceKind kind) {
        for (How how : How.values()) {
            for (Call call : EnumSet.of(
                    Call.COPY_OUT, Call.COPY_IN, Call.ALLOCATE, Call.FREE, Call.RELEASE)) {
                fail(kind, how, call, call + " " + how);
            }
        }
    }

    private void fail(DeviceKind kind, How how, Call call, String when) {
        Rig rig = rest.open(2L * SPAN, Scene.device(kind));
        Spans spans = Spans.of(rig, 4);
        spans.access(0).close();
        spans.access(1).close();
        rig.faults().arm(1, how.action, EnumSet.of(call));
        try {
            spans.access(2).close();
        } catch (HighpageException | IllegalStateException told) {
            assertThat(told).as(when).hasMessageContaining("injected");
        } catch (Faults.InjectedError told) {
            assertThat(how).as(when).isEqualTo(How.THROW_ERROR);
        }
        boolean lost = how == How.LOSE && rig.faults().hit() != null; // told or not yet
        rig.faults().disarm();
        if (lost) {
            assertThatThrownBy(() -> spans.access(3))
                    .as(when)
                    .isInstanceOf(DeviceLostException.class);
            byte[] page = new byte[PAGE];
            spans.buffer().read(3L * SPAN, MemorySegment.ofArray(page));
            assertThat(page)
                    .as(when)
                    .isEqualTo(Arrays.copyOfRange(spans.bytes(), 3 * SPAN, 3 * SPAN + PAGE));
        } else {
            spans.check(when);
            spans.access(2).close();
            spans.access(3).close();
            spans.check(when);
        }
        Invariants.checkAtRest(rig.runtime());
        try {
            rig.runtime().close();
        } catch (HighpageException | IllegalStateException | Faults.InjectedError told) {
            assertThat(told).as(when).hasMessageContaining("injected");
        }
        rig.runtime().close();
    }

    /** The copy home of one span fails: another one leaves in its place. */
    @Test
    void spanThatCannotComeHome_isPassedOver() {
        Rig rig = rest.open(2L * SPAN, Scene.device(DeviceKind.COHERENT));
        Spans spans = Spans.of(rig, 3);
        spans.access(0).close();
        spans.access(1).close();
        rig.faults().arm(1, Faults.FAIL, EnumSet.of(Call.COPY_OUT));
        spans.access(2).close();
        assertThat(rig.faults().hit()).isEqualTo(Call.COPY_OUT);
        rig.faults().disarm();
        spans.check("after");
    }

    /**
     * What is reported is where pages are in the end, not what kept them while there was no room.
     */
    @Test
    void pageThatIsLetGoWhileRoomIsMade_isReportedAsMoved() {
        Rig rig = rest.open(2L * SPAN, Scene.device(DeviceKind.PRIVATE));
        Spans spans = Spans.of(rig, 2);
        spans.access(0).close();
        Hold hold = spans.buffer().range(SPAN + 3 * PAGE, PAGE).hold();
        rig.faults()
                .arm(
                        1,
                        call -> {
                            hold.close();
                            throw new OutOfPageMemoryException("late", true, SPAN, null);
                        },
                        EnumSet.of(Call.COPY_IN));
        MoveReport report = spans.span(1).prefetch(rig.runtime().device());
        rig.faults().disarm();
        assertThat(hold.isOpen()).isFalse();
        assertThat(spans.span(1).residency().toString()).doesNotContain("H");
        assertThat(report.complete()).as("%s", report).isTrue();
        spans.check("after");
    }

    /** Has less memory than it says, and tells so when an extent is first written to. */
    private static final class LazyDevice extends ForwardingDevice {
        private final long realBytes;
        private long touchedBytes;

        LazyDevice(DeviceMemory inner, long realBytes) {
            super(inner);
            this.realBytes = realBytes;
        }

        @Override
        public Extent allocate(long byteSize) {
            return new ForwardingExtent(super.allocate(byteSize)) {
                private boolean touched;

                private void touch() {
                    if (!touched && touchedBytes + byteSize() > realBytes) {
                        throw new OutOfPageMemoryException(
                                "lazy: not there after all", true, byteSize(), null);
                    }
                    touchedBytes += touched ? 0 : byteSize();
                    touched = true;
                }

                @Override
                public void copyIn(long base, MemorySegment window, PageRuns runs) {
                    touch();
                    super.copyIn(base, window, runs);
                }

                @Override
                public void zero(long base, PageRuns runs) {
                    touch();
                    super.zero(base, runs);
                }

                @Override
                public void free() {
                    touchedBytes -= touched ? byteSize() : 0;
                    super.free();
                }
            };
        }
    }

    /** The limit allows more than there is, as where other processes use the same device. */
    @ParameterizedTest
    @EnumSource
    void memoryThatIsNotThereAtItsFirstUse_isGotByHavingOthersLeave(DeviceKind kind) {
        Rig rig = rest.open(6L * SPAN, new LazyDevice(Scene.device(kind), 3L * SPAN - 1));
        Spans spans = Spans.of(rig, 8);
        for (int use = 0; use < 16; use++) {
            spans.access(use % 8).close();
        }
        spans.check("after");
        PageBuffer fresh = rig.runtime().allocate(SPAN);
        fresh.access(rig.runtime().device(), AccessMode.READ_WRITE).close();
        try (DeviceAccess first = spans.access(0);
                DeviceAccess second = spans.access(1)) {
            assertThatThrownBy(() -> spans.access(2))
                    .isInstanceOf(OutOfPageMemoryException.class)
                    .hasMessageContaining("lazy: not there after all")
                    .hasMessageContaining("in the way: access of bytes")
                    .hasMessageContaining("access of bytes 0.." + SPAN);
            assertThat(first.isOpen() && second.isOpen()).isTrue();
        }
        spans.check("in the end");
    }

    /** A device that another program uses as well: what that has the driver refuses. */
    private static final class UsedByOthers extends ForwardingDevice {
        private long freeBytes;

        UsedByOthers(DeviceMemory inner, long freeBytes) {
            super(inner);
            this.freeBytes = freeBytes;
        }

        @Override
        public Extent allocate(long byteSize) {
            if (byteSize > freeBytes) {
                throw new OutOfPageMemoryException("taken by others", true, byteSize, null);
            }
            freeBytes -= byteSize;
            return new ForwardingExtent(super.allocate(byteSize)) {
                @Override
                public void free() {
                    freeBytes += byteSize();
                    super.free();
                }
            };
        }
    }

    /**
     * Far below every limit: room is what this program has got so far, and who holds it is named.
     */
    @ParameterizedTest
    @EnumSource
    void memoryThatAnotherProgramHas_isDoneWithout(DeviceKind kind) {
        UsedByOthers device = new UsedByOthers(Scene.device(kind), 3L * SPAN);
        Rig rig = rest.open(12L * SPAN, device);
        Spans spans = Spans.of(rig, 8);
        for (int use = 0; use < 16; use++) {
            spans.access(use % 8).close();
        }
        assertThat(rig.runtime().device().usedBytes()).isBetween((long) SPAN, 3L * SPAN);
        spans.check("beside another program");
        List<DeviceAccess> held = new ArrayList<>();
        try {
            assertThatThrownBy(() -> {
                        for (int span = 0; span < 4; span++) {
                            held.add(spans.access(span));
                        }
                    })
                    .isInstanceOf(OutOfPageMemoryException.class)
                    .hasMessageContaining("taken by others")
                    .hasMessageContaining("in the way: access of bytes 0.." + SPAN);
            assertThat(held).isNotEmpty().allMatch(DeviceAccess::isOpen);
            device.freeBytes += 12L * SPAN; // the other program ends
            held.add(spans.access(7));
        } finally {
            held.forEach(DeviceAccess::close);
        }
        spans.check("alone");
    }

    /** The home budget of one span's buffer is full: others are waited for all the same. */
    @Test
    void spanThatCannotComeHome_doesNotEndTheWaitForOthers() throws Exception {
        Rig rig = rest.open(2L * SPAN, Scene.device(DeviceKind.COHERENT));
        Spans spans = Spans.of(rig, 2);
        Budget poor = rig.runtime().budget("poor", 2L * SPAN);
        try (PageBuffer stuck = poor.allocate(SPAN)) {
            stuck.access(rig.runtime().device(), AccessMode.READ_WRITE).close();
            poor.hostMemory(0);
            AtomicReference<Throwable> failed = new AtomicReference<>();
            try (DeviceAccess held = spans.access(0)) {
                Thread asker = Thread.ofPlatform()
                        .uncaughtExceptionHandler((thread, failure) -> failed.set(failure))
                        .start(() -> spans.span(1)
                                .access(PATIENT, rig.runtime().device())
                                .close());
                Parked.await(asker);
                held.close();
                asker.join();
            }
            assertThat(failed).hasNullValue();
            poor.hostMemory(SPAN);
        }
        poor.close();
        spans.check("after");
    }

    /** As if a window were about to be there, or had just gone: it is nobody's that could leave. */
    @Test
    void room_thatNobodyIsSeenToHave_isWaitedFor() throws Exception {
        Rig rig = rest.open(2L * SPAN, Scene.device(DeviceKind.COHERENT));
        Spans spans = Spans.of(rig, 2);
        spans.access(0).close();
        spans.buffer().evict();
        DeviceSlot device = (DeviceSlot) rig.runtime().device();
        Account account = ((ManagedBuffer) spans.buffer())
                .pages()
                .deviceWindow(device.id(), 0)
                .account();
        Reservation.Granted room = device.heap().reserve(account, 2L * SPAN).orThrow();
        AtomicReference<Throwable> failed = new AtomicReference<>();
        Thread asker = Thread.ofPlatform()
                .uncaughtExceptionHandler((thread, failure) -> failed.set(failure))
                .start(() ->
                        spans.span(1).access(PATIENT, rig.runtime().device()).close());
        Parked.await(asker);
        device.heap().free(room.fill(() -> false));
        asker.join();
        assertThat(failed).hasNullValue();
        spans.check("after");
    }

    /** Also where the spans have been used before, and some of the last ones are there. */
    @ParameterizedTest
    @EnumSource(DeviceKind.class)
    void prefetchOfMoreThanThereIsRoomFor_takesNothingFromItself(DeviceKind kind) {
        Rig rig = rest.open(4L * SPAN, Scene.device(kind));
        Device device = rig.runtime().device();
        Spans spans = Spans.of(rig, 12);
        for (int round = 0; round < 3; round++) {
            for (int span = 0; span < 12; span++) {
                spans.access(span).close();
            }
        }
        spans.buffer().evict();
        spans.access(11).close();
        long evicted = device.traffic().spansEvicted();
        spans.buffer().prefetch(device);
        assertThat(device.traffic().spansEvicted()).isEqualTo(evicted);
        assertThat(spans.span(11).residency().toString()).matches("D+");
        assertThat(spans.span(2).residency().toString()).matches("D+");
        assertThat(spans.span(3).residency().toString()).matches("H+");
        spans.check("after");
    }

    // ---- budgets ----

    /** A group that is full takes from itself, though others are colder. */
    @Test
    void groupThatIsFull_takesFromItsOwnSpansOnly() {
        Rig rig = rest.open(4L * SPAN, Scene.device(DeviceKind.COHERENT));
        Budget group = rig.runtime().budget("group", 64L * SPAN);
        group.deviceMemory(rig.runtime().device(), SPAN);
        Spans others = Spans.of(rig, 3);
        PageBuffer first = group.allocate(SPAN);
        PageBuffer second = group.allocate(SPAN);
        first.access(rig.runtime().device(), AccessMode.READ_WRITE).close();
        others.access(0).close(); // of equals the one just used goes first
        second.access(rig.runtime().device(), AccessMode.READ_WRITE).close();
        assertThat(others.span(0).residency().toString()).matches("D+");
        assertThat(first.residency().toString()).matches("H+");
        try (DeviceAccess held = second.access(rig.runtime().device(), AccessMode.READ_WRITE)) {
            assertThat(held.isOpen()).isTrue();
            assertThatThrownBy(() -> first.access(rig.runtime().device(), AccessMode.READ))
                    .isInstanceOf(OutOfPageMemoryException.class)
                    .hasMessageContaining("budget runtime/group")
                    .hasMessageContaining(
                            "in the way: access of bytes 0.." + SPAN + " of buffer " + second.id());
        }
        others.check("others");
        first.close();
        second.close();
        group.close();
    }

    // ---- home ----

    @Test
    void fullHome_givesUpHomesOfPagesOnDevices() {
        Rig rig = rest.open(4L * SPAN, Scene.device(DeviceKind.COHERENT));
        rig.runtime().budget().hostMemory(4L * SPAN);
        Spans first = Spans.of(rig, 4);
        assertThat(first.buffer().prefetch(rig.runtime().device()).complete()).isTrue();
        Spans second = Spans.of(rig, 3); // writes, which needs homes
        assertThat(first.buffer().residency().toString()).matches("D+");
        second.check("second");
        first.span(0).evict();
        assertThatThrownBy(() -> first.buffer().pin(Pin.longTerm().owner("all")))
                .isInstanceOfSatisfying(
                        OutOfPageMemoryException.class,
                        full -> assertThat(full.device()).isFalse())
                .hasMessageContaining("in use " + 4 * SPAN + " of " + 4 * SPAN);
        try (Pin pin = second.span(0).pin(Pin.longTerm().owner("who is there"))) {
            assertThat(pin.byteSize()).isEqualTo(SPAN);
            assertThatThrownBy(() -> first.span(1).pin(Pin.longTerm()))
                    .hasMessageContaining("in the way: pin 'who is there' of bytes 0.." + SPAN);
        }
        second.buffer().close();
        first.check("first");
    }

    @Test
    void machineWithoutMemory_getsHomesOfPagesOnDevices() {
        Rig rig = rest.open(4L * SPAN, Scene.device(DeviceKind.COHERENT));
        Spans first = Spans.of(rig, 2);
        assertThat(first.buffer().prefetch(rig.runtime().device()).complete()).isTrue();
        long before = rig.runtime().budget().info().host().usedBytes();
        rig.faults().arm(1, Faults.FAIL, EnumSet.of(Call.COMMIT));
        Spans second = Spans.of(rig, 1);
        assertThat(rig.faults().hit()).isEqualTo(Call.COMMIT);
        rig.faults().disarm();
        assertThat(rig.runtime().budget().info().host().usedBytes()).isLessThan(before + SPAN);
        first.check("first");
        second.check("second");
    }
}
