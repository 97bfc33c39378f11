// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.highpage.internal.os.HostMemory;
import io.highpage.internal.os.LinuxMemory;
import io.highpage.outcome.OutOfPageMemoryException;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/** Page-locks of a kernel with a limit, that refuses to unlock at times, and beside others. */
class PageLocksTest {
    private static final long PAGE = 4096;

    private final MemorySegment window = Arena.ofAuto().allocate(8 * PAGE, PAGE);

    /** What the kernel has locked, and how much it lets be locked. */
    private final boolean[] locked = new boolean[8];

    private volatile int limit = 1;
    private volatile boolean refusesToUnlock;
    private volatile int refused = -1; // a page, also where others are unlocked

    /** What somebody does while the kernel is told of an unlock. */
    private Runnable meanwhile = () -> {};

    private final PageLocks locks = new PageLocks(host(this::call), window);

    /** A kernel that is told of each call: its name, and the first argument. */
    private static HostMemory host(BiConsumer<String, Object> kernel) {
        return (HostMemory) Proxy.newProxyInstance(
                HostMemory.class.getClassLoader(),
                new Class<?>[] {HostMemory.class},
                (proxy, method, arguments) -> {
                    kernel.accept(method.getName(), arguments[0]);
                    return null;
                });
    }

    private synchronized void call(String name, Object argument) {
        switch (name) {
            case "checkLockable" -> require(Math.toIntExact((long) argument / PAGE));
            case "lock" -> {
                require(pages(argument).size());
                pages(argument).forEach(page -> locked[page] = true);
            }
            case "unlock" -> {
                if (refusesToUnlock || pages(argument).contains(refused)) {
                    throw new OutOfPageMemoryException("refused", false, 0, null);
                }
                pages(argument).forEach(page -> locked[page] = false);
                Runnable now = meanwhile;
                meanwhile = () -> {};
                now.run();
            }
            default -> throw new AssertionError(name);
        }
    }

    private void require(int more) {
        if (lockedPages() + more > limit) {
            throw new OutOfPageMemoryException("the limit", false, 0, null);
        }
    }

    private synchronized int lockedPages() {
        int pages = 0;
        for (boolean each : locked) {
            pages += each ? 1 : 0;
        }
        return pages;
    }

    private List<Integer> pages(Object segment) {
        MemorySegment memory = (MemorySegment) segment;
        List<Integer> pages = new ArrayList<>();
        for (long at = 0; at < memory.byteSize(); at += PAGE) {
            pages.add(Math.toIntExact((memory.address() - window.address() + at) / PAGE));
        }
        return pages;
    }

    private static PageLocks.Range page(int page) {
        return new PageLocks.Range(page * PAGE, (page + 1) * PAGE);
    }

    private void lock(int page) {
        locks.check(page(page));
        locks.lock(List.of(page(page)), () -> false);
    }

    @Test
    void unlockThatIsRefused_isMadeAgain_beforeTheNextLockIsJudged() {
        lock(0);
        refusesToUnlock = true;
        locks.unlock(page(0));
        assertThat(locks.lockedBytes()).isZero();
        assertThat(lockedPages()).isOne();
        assertThatThrownBy(() -> lock(1)).isInstanceOf(OutOfPageMemoryException.class);

        refusesToUnlock = false;
        lock(1);
        assertThat(lockedPages()).isOne();
        assertThat(locked[1]).isTrue();
        locks.unlock(page(1));
        assertThat(lockedPages()).isZero();
    }

    @Test
    void unlockThatIsRefused_isMadeAgain_byALockThatNobodyJudges() {
        lock(0);
        refusesToUnlock = true;
        locks.unlock(page(0));
        refusesToUnlock = false;
        locks.lock(List.of(page(1)), () -> false);
        assertThat(lockedPages()).isOne();
        assertThat(locked[1]).isTrue();
    }

    /** It may need the room for mappings that the others give back. */
    @Test
    void unlockThatIsRefused_keepsNoOther() {
        limit = 3;
        lock(0);
        lock(2);
        lock(4);
        refused = 0;
        locks.unlock(page(0));
        locks.unlock(page(2));
        assertThat(lockedPages()).isEqualTo(2);
        locks.lock(List.of(page(6)), () -> false);
        locks.unlock(page(4));
        assertThat(locked).containsExactly(true, false, false, false, false, false, true, false);
        refused = -1;
        lock(2);
        assertThat(locked[0]).isFalse();
    }

    @Test
    void unlockWhileALockIsJudged_isNotForgotten() {
        limit = 2;
        lock(0);
        lock(4);
        refused = 0;
        locks.unlock(page(0));
        refused = -1;
        meanwhile = () -> locks.unlock(page(4));
        locks.check(page(2));
        assertThat(lockedPages()).isZero();
    }

    /** Each has one page at most, and there is room for both. */
    @Test
    void locksThatFit_areNotRefused_whileOthersLockAndUnlock() throws InterruptedException {
        limit = 2;
        AtomicReference<Throwable> failed = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (int first : new int[] {0, 4}) {
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    for (int round = 0; round < 50_000 && failed.get() == null; round++) {
                        int page = first + round % 4;
                        locks.check(page(page));
                        locks.lock(List.of(page(page)), () -> true);
                        locks.unlock(page(page));
                    }
                } catch (Throwable failure) {
                    failed.set(failure);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failed.get()).isNull();
        assertThat(lockedPages()).isZero();
    }

    /** When each range copied all counts, so many took 9 s. */
    @Test
    @SuppressWarnings("restricted") // nobody touches what is not there
    void thousandsOfRanges_areLockedAtOnce() {
        int ranges = 30_000;
        AtomicInteger calls = new AtomicInteger();
        MemorySegment large = MemorySegment.ofAddress(PAGE).reinterpret(2 * ranges * PAGE);
        PageLocks many = new PageLocks(host((call, argument) -> calls.incrementAndGet()), large);
        List<PageLocks.Range> everyOther =
                IntStream.range(0, ranges).mapToObj(range -> page(2 * range)).toList();
        assertTimeout(Duration.ofSeconds(3), () -> many.lock(everyOther, () -> false));
        assertThat(calls).hasValue(ranges);
        assertThat(many.lockedBytes()).isEqualTo(ranges * PAGE);

        everyOther.subList(0, 1_000).forEach(many::unlock);
        assertThat(calls).hasValue(ranges + 1_000);
        assertThat(many.lockedBytes()).isEqualTo((ranges - 1_000) * PAGE);
    }

    /** Counted as by one number for each page, whatever is locked and unlocked. */
    @Test
    void randomLocks_areCountedAsByPage() {
        limit = 8;
        Random random = new Random(13);
        List<List<PageLocks.Range>> held = new ArrayList<>();
        int[] counts = new int[8];
        for (int step = 0; step < 10_000; step++) {
            boolean more = held.isEmpty() || held.size() < 6 && random.nextBoolean();
            List<PageLocks.Range> ranges =
                    more ? someRanges(random) : held.remove(random.nextInt(held.size()));
            if (more) {
                locks.lock(ranges, () -> false);
                held.add(ranges);
            } else {
                ranges.forEach(locks::unlock);
            }
            for (PageLocks.Range range : ranges) {
                for (long at = range.from(); at < range.to(); at += PAGE) {
                    counts[Math.toIntExact(at / PAGE)] += more ? 1 : -1;
                }
            }
            long counted = 0;
            for (int page = 0; page < 8; page++) {
                assertThat(locked[page]).as("step " + step).isEqualTo(counts[page] > 0);
                counted += counts[page] > 0 ? PAGE : 0;
            }
            assertThat(locks.lockedBytes()).isEqualTo(counted);
        }
    }

    private static List<PageLocks.Range> someRanges(Random random) {
        List<PageLocks.Range> ranges = new ArrayList<>();
        for (int page = random.nextInt(3); page < 8; page += random.nextInt(3)) {
            int first = page;
            page += random.nextInt(3); // may be none
            ranges.add(new PageLocks.Range(first * PAGE, Math.min(8, page) * PAGE));
        }
        return ranges;
    }

    @Test
    @SuppressWarnings("restricted") // nobody touches what is not there
    void kernelThatRefusesToUnlock_isHeard() {
        MemorySegment nothing = MemorySegment.ofAddress(PAGE).reinterpret(PAGE);
        assertThatThrownBy(() -> LinuxMemory.INSTANCE.unlock(nothing))
                .isInstanceOf(OutOfPageMemoryException.class)
                .hasMessageStartingWith("cannot take back the page-lock of 4096 bytes: munlock");
    }
}
