// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.internal.close.Closes;
import io.highpage.internal.close.Turn;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * The page-locks of one buffer's host window, counted: {@code mlock} does not nest, so the kernel is told of the first lock
 * of a page and of the last unlock only.
 *
 * <p>The counts are an immutable value that is replaced by compare-and-set. One operation at a time tells the kernel, in its
 * {@linkplain Turn turn}; who unlocks meanwhile leaves that to it and waits for nothing. Thread-safe.
 */
public final class PageLocks {
    private static final System.Logger LOG = System.getLogger(PageLocks.class.getName());

    private final HostMemory memory;
    private final MemorySegment window;
    private final AtomicReference<Steps> counts = new AtomicReference<>(Steps.ZERO);

    /** Whose turn it is to tell the kernel. */
    private final Turn kernel = new Turn();

    /** What the kernel has locked: 1, else 0. Changed in the kernel's turn only. */
    private volatile Steps locked = Steps.ZERO;

    public PageLocks(HostMemory memory, MemorySegment window) {
        this.memory = memory;
        this.window = window;
    }

    /** A number for each byte of the window, which changes in few places: from each start to the next it is the value. */
    private record Steps(long[] starts, int[] values) {
        static final Steps ZERO = new Steps(new long[] {0}, new int[] {0});

        Steps plus(long from, long to, int delta) {
            long[] newStarts = new long[starts.length + 2];
            int[] newValues = new int[starts.length + 2];
            int count = 0;
            for (int i = 0; i < starts.length; i++) {
                long end = end(i);
                // Before the range, inside, and behind it; each may be empty.
                long[] cuts = {starts[i], clamp(from, starts[i], end), clamp(to, starts[i], end), end};
                for (int part = 0; part < 3; part++) {
                    int value = values[i] + (part == 1 ? delta : 0);
                    if (cuts[part] < cuts[part + 1] && (count == 0 || newValues[count - 1] != value)) {
                        newStarts[count] = cuts[part];
                        newValues[count++] = value;
                    }
                }
            }
            return new Steps(Arrays.copyOf(newStarts, count), Arrays.copyOf(newValues, count));
        }

        private static long clamp(long at, long from, long to) {
            return Math.max(from, Math.min(at, to));
        }

        private long end(int i) {
            return i + 1 < starts.length ? starts[i + 1] : Long.MAX_VALUE;
        }

        int at(long offset) {
            int found = Arrays.binarySearch(starts, offset);
            return values[found >= 0 ? found : -found - 2];
        }

        /** {@return where the value that is at {@code offset} ends, at most {@code end}} */
        long until(long offset, long end) {
            int found = Arrays.binarySearch(starts, offset);
            return Math.min(end(found >= 0 ? found : -found - 2), end);
        }

        long positiveBytes() {
            long sum = 0;
            for (int i = 0; i + 1 < starts.length; i++) { // the last value is always 0
                sum += values[i] > 0 ? starts[i + 1] - starts[i] : 0;
            }
            return sum;
        }
    }

    /** {@return the bytes that are locked at least once} */
    public long lockedBytes() {
        return counts.get().positiveBytes();
    }

    /**
     * Checks, as far as it can be known beforehand, that a range of whole pages can be locked.
     *
     * @throws io.highpage.OutOfPageMemoryException if it surely cannot
     */
    public void check(long offset, long byteSize) {
        long more = 0;
        for (MemorySegment range : missing(offset, offset + byteSize)) {
            more += range.byteSize();
        }
        if (more > 0) {
            memory.checkLockable(more);
        }
    }

    /**
     * Locks a range of whole pages once more.
     *
     * @param waits waits a little for another operation that tells the kernel; false if that was long enough
     * @throws io.highpage.OutOfPageMemoryException if the kernel refuses; nothing is locked more than before then
     * @throws StillBusy if another operation takes longer than the caller waits
     */
    public void lock(long offset, long byteSize, BooleanSupplier waits) {
        if (!kernel.tryAlone(waits)) {
            throw new StillBusy("another operation is page-locking pages of the buffer");
        }
        try {
            tellOfLocks(offset, offset + byteSize);
        } finally {
            kernel.leave();
            settle(); // what was unlocked meanwhile
        }
    }

    private void tellOfLocks(long from, long to) {
        List<MemorySegment> added = missing(from, to);
        Steps after = with(added, 1);
        int done = 0;
        try {
            for (; done < added.size(); done++) {
                memory.lock(added.get(done));
            }
        } catch (RuntimeException | Error refused) {
            Throwable failed = refused;
            for (MemorySegment range : added.subList(0, done)) {
                failed = Closes.step(failed, () -> memory.unlock(range));
            }
            Closes.rethrow(failed);
            throw refused;
        }
        locked = after;
        count(from, to, 1); // if that fails, settle() finds what nobody counts
    }

    /**
     * Unlocks a range once, and in the kernel where nobody else has locked it. Waits for nobody. If it throws, nothing has
     * changed; what the kernel refuses is told in the log and tried again with the next lock or unlock.
     */
    public void unlock(long offset, long byteSize) {
        count(offset, offset + byteSize, -1);
        settle();
    }

    private void count(long from, long to, int delta) {
        Steps now;
        do {
            now = counts.get();
            // ORD volatile: pairs with settle(): of an unlock and the end of a turn one comes first, and the other sees
            // it.
        } while (!counts.compareAndSet(now, now.plus(from, to, delta)));
    }

    /** Tells the kernel of last unlocks, unless another operation is in its turn and will do it. */
    private void settle() {
        try {
            boolean progress = true;
            while (progress && !leftOver().isEmpty() && kernel.tryAlone(() -> false)) {
                try {
                    List<MemorySegment> over = leftOver();
                    over.forEach(memory::unlock);
                    locked = with(over, -1);
                } catch (RuntimeException | Error failed) {
                    progress = false;
                    throw failed;
                } finally {
                    kernel.leave();
                }
            }
        } catch (RuntimeException | Error failed) {
            warn(failed);
        }
    }

    private static void warn(Throwable failed) {
        try {
            LOG.log(System.Logger.Level.WARNING, "pages stay locked in memory for now: " + failed);
        } catch (Throwable noRoom) {
            // The counts are right, which is what matters; there is no memory or stack to say more.
        }
    }

    private Steps with(List<MemorySegment> ranges, int delta) {
        Steps changed = locked;
        for (MemorySegment range : ranges) {
            long from = range.address() - window.address();
            changed = changed.plus(from, from + range.byteSize(), delta);
        }
        return changed;
    }

    /** {@return the parts of a range that the kernel has not locked} */
    private List<MemorySegment> missing(long from, long to) {
        List<MemorySegment> found = new ArrayList<>();
        Steps known = locked;
        for (long at = from, next; at < to; at = next) {
            next = known.until(at, to);
            if (known.at(at) == 0) {
                found.add(window.asSlice(at, next - at));
            }
        }
        return found;
    }

    /** {@return what the kernel has locked and nobody counts any more} */
    private List<MemorySegment> leftOver() {
        Steps known = locked;
        Steps wanted = counts.get();
        List<MemorySegment> found = List.of();
        for (long at = 0, next; at < window.byteSize(); at = next) {
            next = Math.min(known.until(at, window.byteSize()), wanted.until(at, window.byteSize()));
            if (known.at(at) > 0 && wanted.at(at) == 0) {
                found = found.isEmpty() ? new ArrayList<>() : found;
                found.add(window.asSlice(at, next - at));
            }
        }
        return found;
    }
}
