// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.PartialPin;
import io.highpage.Pin;
import io.highpage.PinAttempt;
import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.internal.memory.PageLocks;
import io.highpage.internal.memory.PageLocks.Range;
import io.highpage.internal.os.HostMemory;
import io.highpage.internal.os.LinuxMemory;
import io.highpage.internal.os.ProcFile;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.Strength;
import io.highpage.outcome.Terms;
import io.highpage.outcome.Verification;
import io.highpage.outcome.Verification.Verdict;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.Faults.Call;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** Page-locked pins, by the kernel's own account. */
class PageLockTest {
    private static final int PAGE = Scene.PAGE;
    private static final Terms LOCKED = Pin.longTerm().pageLocked();

    @RegisterExtension
    final AtRest rest = new AtRest();

    private static long lockedPages() {
        return ProcFile.statusBytes("VmLck:").orElseThrow() / PAGE;
    }

    @Test
    void overlappingLocks_closedInAnyOrder_unlockWhatNobodyElseLocked() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "HDHDHDHDHD");
        long before = lockedPages();
        Pin low = scene.buffer.range(0, 6 * PAGE).pin(LOCKED);
        Pin high = scene.buffer.range(4 * PAGE, 6 * PAGE).pin(LOCKED);
        Pin middle = scene.buffer.range(5 * PAGE + 7, 1).pin(LOCKED);
        Pin plain = scene.buffer.range(0, PAGE).pin(Pin.longTerm());
        assertThat(lockedPages() - before).isEqualTo(10);
        assertThat(middle.strength()).isEqualTo(Strength.PAGE_LOCKED);
        assertThat(plain.strength()).isEqualTo(Strength.RUNTIME);

        low.close();
        assertThat(lockedPages() - before).isEqualTo(6);
        assertThat(high.verify()).matches(Verification::isConfirmed);
        assertThat(middle.verify()).matches(Verification::isConfirmed);
        high.close();
        assertThat(lockedPages() - before).isEqualTo(1);
        assertThat(middle.verify()).matches(Verification::isConfirmed);
        middle.close();
        assertThat(lockedPages()).isEqualTo(before);
        assertThat(plain.verify()).matches(Verification::isConfirmed);
        plain.close();
    }

    @Test
    void verify_afterTheKernelLostTheLock_isRefuted() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "HHHH");
        try (Pin pin = scene.buffer.pin(LOCKED)) {
            assertThat(pin.verify()).matches(Verification::isConfirmed);
            LinuxMemory.INSTANCE.unlock(pin.segment().asSlice(2 * PAGE, PAGE));
            assertThat(pin.verify().verdict()).isEqualTo(Verdict.REFUTED);
            assertThat(pin.verify().evidence())
                    .contains("smaps: " + 3 * PAGE + " of " + 4 * PAGE + " bytes");
        }
    }

    @Test
    void lock_refused_leavesNothingPinnedAndEarlierLocksWhole() {
        Rig rig = rest.open(Scene.device(DeviceKind.PRIVATE));
        Scene scene = Scene.of(rig.runtime(), "HDHD");
        try (Pin first = scene.buffer.range(0, 2 * PAGE).pin(LOCKED)) {
            rig.faults().arm(1, Faults.FAIL, EnumSet.of(Call.LOCK));
            assertThatThrownBy(() -> scene.buffer.range(PAGE, 3 * PAGE).pin(LOCKED))
                    .isInstanceOf(OutOfPageMemoryException.class);
            assertThat(rig.runtime().holders()).hasSize(1);
            assertThat(first.verify()).matches(Verification::isConfirmed);
        }
        scene.checkBytes("after");
    }

    private static long refusals(Rig rig) {
        return rig.runtime().statistics().rejections().get(PageOutcome.NO_HOST_MEMORY);
    }

    /**
     * A range that is locked in the middle is locked in two calls, and what can be pinned of one
     * with a page in use in two pins: the first part is given back when the second is refused, also
     * where unlocking it fails once.
     */
    @Test
    void lock_refusedAtALaterPart_leavesNothingOfTheFirst() {
        Rig rig = rest.open(Scene.device(DeviceKind.PRIVATE));
        Scene scene = Scene.of(rig.runtime(), "HDHDH");
        long before = lockedPages();
        Pin middle = scene.buffer.range(2 * PAGE, PAGE).pin(LOCKED);
        rig.faults().arm(2, Faults.FAIL, EnumSet.of(Call.LOCK));
        assertThatThrownBy(() -> scene.buffer.pin(LOCKED))
                .isInstanceOf(OutOfPageMemoryException.class);
        assertThat(lockedPages() - before).isEqualTo(1);
        assertThat(rig.runtime().pageLockedBytes()).isEqualTo(PAGE);
        middle.close();

        try (DeviceAccess used = scene.buffer
                .range(2 * PAGE, PAGE)
                .access(rig.runtime().device(), AccessMode.READ_WRITE)) {
            PageRange all = scene.buffer.range(0, 5 * PAGE);
            rig.faults().arm(2, Faults.FAIL, EnumSet.of(Call.LOCK));
            long refusals = refusals(rig);
            assertThatThrownBy(() -> all.pinPossible(LOCKED))
                    .isInstanceOf(OutOfPageMemoryException.class);
            assertThat(refusals(rig)).isEqualTo(refusals + 1);
            assertThat(rig.runtime().holders()).hasSize(1);
            assertThat(lockedPages()).isEqualTo(before);

            rig.faults()
                    .arm(
                            2,
                            call -> {
                                rig.faults().arm(1, Faults.FAIL, EnumSet.of(Call.UNLOCK));
                                Faults.FAIL.instead(call);
                            },
                            EnumSet.of(Call.LOCK));
            assertThatThrownBy(() -> all.pinPossible(LOCKED))
                    .isInstanceOf(OutOfPageMemoryException.class);
            assertThat(lockedPages()).isEqualTo(before);
            try (PartialPin two = all.pinPossible(LOCKED)) {
                assertThat(two.pins()).hasSize(2);
                assertThat(lockedPages() - before).isEqualTo(4);
            }
        }
        assertThat(rig.runtime().pageLockedBytes()).isZero();
        assertThat(lockedPages()).isEqualTo(before);
        scene.checkBytes("after");
    }

    @Test
    void lock_ofAClosedBuffer_isGivenBackWithItsMemory() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        long before = lockedPages();
        Scene scene = Scene.of(rig.runtime(), "HHHH");
        scene.buffer.pin(LOCKED).close();
        scene.buffer.close();
        assertThat(lockedPages()).isEqualTo(before);
    }

    /**
     * What the library says, what its live pins cover, and what the kernel says, are the same at
     * every step.
     */
    @Test
    void lockedBytes_atRandom_areThoseOfTheLivePinsAndOfTheKernel() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        List<Scene> scenes = List.of(
                Scene.of(rig.runtime(), "HDHDHDHDHDHDHDHD"),
                Scene.of(rig.runtime(), "....HHHHDDDD"));
        long before = lockedPages();
        Random random = new Random(7);
        List<Pin> open = new ArrayList<>();
        for (int step = 0; step < 500; step++) {
            if (open.isEmpty() || random.nextInt(8) > open.size()) {
                PageBuffer buffer = scenes.get(random.nextInt(2)).buffer;
                long from = random.nextLong(buffer.byteSize());
                Terms terms = random.nextInt(4) == 0 ? Pin.longTerm() : LOCKED;
                rig.faults()
                        .arm(
                                1 + random.nextInt(2),
                                random.nextInt(4) == 0 ? Faults.FAIL : call -> {},
                                EnumSet.of(Call.LOCK));
                if (buffer.range(from, 1 + random.nextLong(buffer.byteSize() - from))
                                .tryPin(terms)
                        instanceof PinAttempt.Pinned pinned) {
                    open.add(pinned.pin());
                }
            } else {
                open.remove(random.nextInt(open.size())).close();
            }
            long covered = scenes.stream()
                    .mapToLong(scene -> lockedPages(scene.buffer, open))
                    .sum();
            assertThat(rig.runtime().pageLockedBytes())
                    .as("step %d", step)
                    .isEqualTo(covered * PAGE);
            assertThat(lockedPages() - before).as("step %d", step).isEqualTo(covered);
        }
        open.forEach(Pin::close);
        assertThat(rig.runtime().pageLockedBytes()).isZero();
    }

    private static long lockedPages(PageBuffer buffer, List<Pin> open) {
        BitSet pages = new BitSet();
        open.stream()
                .filter(pin -> pin.buffer() == buffer && pin.strength() == Strength.PAGE_LOCKED)
                .forEach(pin -> pages.set((int) (pin.offset() / PAGE), (int)
                        ((pin.offset() + pin.byteSize() - 1) / PAGE + 1)));
        return pages.cardinality();
    }

    /** The counts against a plain model: locked is what at least one open lock covers. */
    @Test
    @SuppressWarnings("restricted")
    void locks_takenAndGivenAtRandom_lockExactlyWhatIsCovered() {
        int pages = 24;
        BitSet locked = new BitSet();
        MemorySegment window = MemorySegment.ofAddress(1 << 20).reinterpret(pages);
        HostMemory recorder = new RecordingMemory(window.address(), locked, new AtomicInteger());
        PageLocks locks = new PageLocks(recorder, window);
        Random random = new Random(42);
        int[] counts = new int[pages];
        List<int[]> open = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            if (open.size() < 6 && random.nextBoolean()) {
                int from = random.nextInt(pages);
                int size = 1 + random.nextInt(pages - from);
                locks.lock(List.of(new Range(from, from + size)), () -> false);
                open.add(new int[] {from, size});
                add(counts, from, size, 1);
            } else if (!open.isEmpty()) {
                int[] range = open.remove(random.nextInt(open.size()));
                locks.unlock(new Range(range[0], range[0] + range[1]));
                add(counts, range[0], range[1], -1);
            }
            for (int page = 0; page < pages; page++) {
                assertThat(locked.get(page))
                        .as("step %d, page %d", step, page)
                        .isEqualTo(counts[page] > 0);
            }
        }
    }

    /** What could be neither locked nor unlocked is not taken for locked by the next one. */
    @Test
    @SuppressWarnings("restricted")
    void lock_afterOneThatFailedAndWasNotUnlocked_tellsTheKernelAgain() {
        BitSet locked = new BitSet();
        AtomicInteger failing = new AtomicInteger(2);
        MemorySegment window = MemorySegment.ofAddress(1 << 20).reinterpret(8);
        PageLocks locks =
                new PageLocks(new RecordingMemory(window.address(), locked, failing), window);
        List<Range> all = List.of(new Range(0, 8));
        assertThatThrownBy(() -> locks.lock(all, () -> false)).isInstanceOf(OutOfMemoryError.class);
        assertThat(failing).hasValue(0);
        assertThat(locks.lockedBytes()).isZero();

        locks.lock(all, () -> false);
        assertThat(locked.cardinality()).isEqualTo(8);
        locks.unlock(new Range(0, 8));
        assertThat(locked.cardinality()).isZero();
    }

    /**
     * Of threads that lock the same pages where the kernel refuses some of the time, who has them
     * has them in the kernel too.
     */
    @Test
    void locks_refusedToOneOfSeveralThreads_areNeverHadByAnotherInName() throws Exception {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "HHHHHHHH");
        AtomicInteger calls = new AtomicInteger();
        AtomicInteger had = new AtomicInteger();
        Runnable one = () -> {
            for (int i = 0; i < 3000; i++) {
                if (calls.incrementAndGet() % 2 == 0) {
                    rig.faults().arm(1, Faults.FAIL, EnumSet.of(Call.LOCK));
                }
                if (scene.buffer.tryPin(LOCKED.shared()) instanceof PinAttempt.Pinned pinned) {
                    try (Pin pin = pinned.pin()) {
                        if (!isLocked(pin)) {
                            had.incrementAndGet();
                        }
                    }
                }
            }
        };
        List<Thread> threads =
                List.of(Thread.ofPlatform().start(one), Thread.ofPlatform().start(one));
        for (Thread thread : threads) {
            thread.join();
        }
        rig.faults().disarm();
        assertThat(had).hasValue(0);
        assertThat(rig.runtime().pageLockedBytes()).isZero();
    }

    /** By the counter of the process, which is cheap to read: nothing else is locked here. */
    private static boolean isLocked(Pin pin) {
        return lockedPages() * PAGE >= pin.byteSize();
    }

    private static void add(int[] counts, int from, int size, int delta) {
        for (int page = from; page < from + size; page++) {
            counts[page] += delta;
        }
    }

    /**
     * Memory with pages of one byte, which only remembers what is locked, and has no memory for the
     * first calls.
     */
    private record RecordingMemory(long base, BitSet locked, AtomicInteger failing)
            implements HostMemory {
        private void call() {
            if (failing.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new OutOfMemoryError("injected");
            }
        }

        @Override
        public MemorySegment map(long byteSize, long alignment, boolean hugePages) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void unmap(MemorySegment memory) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void commit(MemorySegment window, io.highpage.device.PageRuns runs) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean discard(MemorySegment window, io.highpage.device.PageRuns runs) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkLockable(long byteSize) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void lock(MemorySegment memory) {
            call();
            locked.set((int) (memory.address() - base), (int)
                    (memory.address() - base + memory.byteSize()));
        }

        @Override
        public void unlock(MemorySegment memory) {
            call();
            locked.clear((int) (memory.address() - base), (int)
                    (memory.address() - base + memory.byteSize()));
        }

        @Override
        public Verification verifyLocked(MemorySegment memory) {
            throw new UnsupportedOperationException();
        }
    }
}
