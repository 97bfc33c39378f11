// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.internal.close.Closes;
import io.highpage.internal.close.Turn;
import io.highpage.internal.log.Log;
import io.highpage.internal.os.HostMemory;
import io.highpage.outcome.OutOfPageMemoryException;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.IntUnaryOperator;

/**
 * The page-locks of one buffer's host window, counted: {@code mlock} does not nest, so the kernel
 * is told of the first lock of a page and of the last unlock only.
 *
 * <p>The counts are an immutable value that is replaced by compare-and-set. One operation at a time
 * tells the kernel, in its {@linkplain Turn turn}; who unlocks meanwhile leaves that to it and
 * waits for nothing. Thread-safe.
 */
public final class PageLocks {
    private final HostMemory memory;
    private final MemorySegment window;
    private final AtomicReference<Steps> counts = new AtomicReference<>(Steps.ZERO);

    /** Whose turn it is to tell the kernel. */
    private final Turn kernel = new Turn();

    /** What the kernel has locked for sure: 1, else 0. Changed in the kernel's turn only. */
    private volatile Steps locked = Steps.ZERO;

    /**
     * What it may have locked: that, and what was left when locking or unlocking failed. Nobody
     * takes it for locked; it is unlocked where nobody counts it.
     */
    private volatile Steps maybeLocked = Steps.ZERO;

    /** Whether somewhere something was unlocked of which the kernel has not been told. */
    private volatile boolean missed;

    /** Whether telling it has failed, which is tried again before the next lock. */
    private volatile boolean failed;

    public PageLocks(HostMemory memory, MemorySegment window) {
        this.memory = memory;
        this.window = window;
    }

    /**
     * Whole pages of the window.
     *
     * @param from the first byte
     * @param to the byte behind the last one
     */
    public record Range(long from, long to) {
        private boolean isEmpty() {
            return from == to;
        }
    }

    /**
     * A number for each byte of the window, which changes in few places: from each start to the
     * next it is the value.
     *
     * @param count how many starts and values there are; behind them the arrays may have room
     */
    private record Steps(int count, long[] starts, int[] values) {
        static final Steps ZERO = new Steps(1, new long[] {0}, new int[] {0});

        /**
         * {@return the same with other values in some ranges} Copies what is between them as it is:
         * with tens of thousands of places a change costs what copying their numbers costs, and so
         * do tens of thousands of ranges.
         *
         * @param ranges each begins where the one before ends, or behind
         */
        Steps changed(List<Range> ranges, IntUnaryOperator change) {
            if (ranges.isEmpty()) {
                return this;
            }
            StepsBuilder made = new StepsBuilder(count + 2 * ranges.size());
            int next = 0; // the first step that has not been looked at
            for (Range range : ranges) {
                if (range.isEmpty()) {
                    continue;
                }
                int step = index(range.from());
                made.addAll(this, next, step + 1);
                for (long at = range.from(); at < range.to(); at = end(step++)) {
                    made.add(at, change.applyAsInt(values[step]));
                }
                next = step;
                if (range.to() < end(step - 1)) {
                    made.add(range.to(), values[step - 1]);
                }
            }
            made.addAll(this, next, count);
            return new Steps(made.count, made.starts, made.values);
        }

        private int index(long offset) {
            int found = Arrays.binarySearch(starts, 0, count, offset);
            return found >= 0 ? found : -found - 2;
        }

        private long end(int i) {
            return i + 1 < count ? starts[i + 1] : Long.MAX_VALUE;
        }

        int at(long offset) {
            return values[index(offset)];
        }

        /** {@return where the value that is at {@code offset} ends, at most {@code end}} */
        long until(long offset, long end) {
            return Math.min(end(index(offset)), end);
        }

        long positiveBytes() {
            long sum = 0;
            for (int i = 0; i + 1 < count; i++) { // the last value is always 0
                sum += values[i] > 0 ? starts[i + 1] - starts[i] : 0;
            }
            return sum;
        }
    }

    /** Steps that become more, each behind the one before. */
    private static final class StepsBuilder {
        private final long[] starts;
        private final int[] values;
        private int count;

        StepsBuilder(int most) {
            starts = new long[most];
            values = new int[most];
        }

        /** Adds a step, instead of one that begins in the same place. */
        void add(long start, int value) {
            if (count > 0 && starts[count - 1] == start) {
                count--;
            }
            if (count == 0 || values[count - 1] != value) {
                starts[count] = start;
                values[count++] = value;
            }
        }

        void addAll(Steps steps, int from, int to) {
            if (from < to) {
                add(steps.starts[from], steps.values[from]); // may go on with what is before
                int rest = to - from - 1;
                System.arraycopy(steps.starts, from + 1, starts, count, rest);
                System.arraycopy(steps.values, from + 1, values, count, rest);
                count += rest;
            }
        }
    }

    /** {@return the bytes that are locked at least once} */
    public long lockedBytes() {
        return counts.get().positiveBytes();
    }

    /**
     * Checks, as far as it can be known beforehand, that a range can be locked. While somebody has
     * not yet told the kernel of what was unlocked, it cannot.
     *
     * @throws io.highpage.outcome.OutOfPageMemoryException if it surely cannot
     */
    public void check(Range range) {
        long more = 0;
        for (Range part : missing(range)) {
            more += part.to() - part.from();
        }
        if (more == 0) {
            return;
        }
        settleAll();
        try {
            memory.checkLockable(more);
        } catch (OutOfPageMemoryException refused) {
            if (leftOver(maybeLocked, true, 0, 0).isEmpty()) { // or somebody unlocks it just now
                memory.checkLockable(more); // who did so may have been faster
            }
        }
    }

    /**
     * Locks ranges once more, all or none.
     *
     * @param ranges each begins where the one before ends, or behind
     * @param waits waits a little for another operation that tells the kernel; false if that was
     *     long enough
     * @throws io.highpage.outcome.OutOfPageMemoryException if the kernel refuses; nothing is locked
     *     more than before then
     * @throws StillBusy if another operation takes longer than the caller waits
     */
    public void lock(List<Range> ranges, BooleanSupplier waits) {
        settleAll(); // the limit counts it
        if (!kernel.tryAlone(waits)) {
            throw new StillBusy("another operation is page-locking pages of the buffer");
        }
        boolean locks = false;
        try {
            lockInTurn(ranges);
            locks = true;
        } finally {
            kernel.leave();
            // Should that have failed: what the kernel may have locked and nobody counts.
            for (int i = 0; i < ranges.size(); i++) {
                settle(ranges.get(i).from(), ranges.get(i).to());
            }
            if (!locks) {
                settleAll();
            }
        }
    }

    private void lockInTurn(List<Range> ranges) {
        Steps before = maybeLocked;
        try {
            tellOfLocks(ranges);
        } catch (OutOfPageMemoryException refused) {
            // Others may have unlocked something meanwhile, and leave that to this turn.
            if (leftOver(before, true, 0, 0).isEmpty()) {
                throw refused;
            }
            unlockLeftOver();
            tellOfLocks(ranges); // refused again, if that has failed
        }
    }

    /** Tells the kernel of all that nobody counts any more, in its turn. */
    private void unlockLeftOver() {
        try {
            unlockAll(leftOver(maybeLocked, true, 0, 0));
        } catch (RuntimeException | Error failure) {
            failed = true;
        }
    }

    private void tellOfLocks(List<Range> ranges) {
        List<Range> added = new ArrayList<>();
        ranges.forEach(range -> added.addAll(missing(range)));
        Steps then = locked.changed(added, before -> 1);
        maybeLocked = maybeLocked.changed(added, before -> 1); // whatever fails now is found there
        added.forEach(range -> memory.lock(memory(range)));
        locked = then;
        count(ranges, 1);
    }

    /**
     * Unlocks a range once, and in the kernel where nobody else has locked it. Waits for nobody. If
     * it throws, nothing has changed; what the kernel refuses is told in the log and tried again
     * before the next lock.
     */
    public void unlock(Range range) {
        count(List.of(range), -1);
        settle(range.from(), range.to());
    }

    /** Counts all at once, and nothing if there is no memory for that. */
    private void count(List<Range> ranges, int delta) {
        Steps now;
        Steps then;
        do {
            now = counts.get();
            then = now.changed(ranges, before -> before + delta);
            // ORD volatile: pairs with settle(): of an unlock and the end of a turn one comes
            // first, and the other sees it.
        } while (!counts.compareAndSet(now, then));
    }

    /**
     * Tells the kernel of last unlocks in a range, unless another operation is in its turn and will
     * do it. Throws nothing: what was counted down stays so.
     */
    private void settle(long from, long to) {
        try {
            tellOfUnlocks(from, to);
        } catch (RuntimeException | Error failure) {
            failed = true; // first: for the next lock
            try {
                Log.warn(
                        PageLocks.class,
                        "page-locks",
                        "pages stay locked in memory for now",
                        failure);
            } catch (Error full) { // the stack
            }
        }
    }

    private void tellOfUnlocks(long from, long to) {
        boolean all = takeMissed();
        while (!leftOver(maybeLocked, all, from, to).isEmpty()) {
            if (!kernel.tryAlone(() -> false)) {
                missed = true;
                if (!kernel.tryAlone(() -> false)) {
                    return; // who is in the turn now looks at this when it has left
                }
            }
            try {
                unlockAll(leftOver(maybeLocked, all, from, to));
            } finally {
                kernel.leave();
            }
            all = takeMissed();
            if (!all) {
                return;
            }
        }
    }

    /** Tells the kernel of what it has not been told, or has refused. */
    private void settleAll() {
        if (missed || failed) {
            failed = false;
            missed = true;
            settle(0, 0);
        }
    }

    private boolean takeMissed() {
        boolean some = missed;
        if (some) {
            missed = false;
        }
        return some;
    }

    /** Tries all: one that is refused may need the room that another one gives back. */
    private void unlockAll(List<Range> over) {
        locked = locked.changed(over, before -> 0); // first: no part is locked for sure any more
        List<Range> unlocked = new ArrayList<>(over.size());
        Throwable failure = null;
        for (Range range : over) {
            try {
                memory.unlock(memory(range));
                unlocked.add(range);
            } catch (RuntimeException | Error refused) {
                failure = failure == null ? refused : failure;
            }
        }
        maybeLocked = maybeLocked.changed(unlocked, before -> 0);
        Closes.rethrow(failure);
    }

    private MemorySegment memory(Range range) {
        return window.asSlice(range.from(), range.to() - range.from());
    }

    /** {@return the parts of a range that the kernel has not locked} */
    private List<Range> missing(Range range) {
        List<Range> found = new ArrayList<>();
        Steps known = locked;
        for (long at = range.from(), next; at < range.to(); at = next) {
            next = known.until(at, range.to());
            if (known.at(at) == 0) {
                found.add(new Range(at, next));
            }
        }
        return found;
    }

    /** {@return what nobody counts of what the kernel may have locked, in a range or everywhere} */
    private List<Range> leftOver(Steps known, boolean everywhere, long from, long to) {
        Steps wanted = counts.get();
        List<Range> found = List.of();
        long end = everywhere ? window.byteSize() : to;
        for (long at = everywhere ? 0 : from, next; at < end; at = next) {
            next = Math.min(known.until(at, end), wanted.until(at, end));
            if (known.at(at) > 0 && wanted.at(at) == 0) {
                found = found.isEmpty() ? new ArrayList<>() : found;
                found.add(new Range(at, next));
            }
        }
        return found;
    }
}
