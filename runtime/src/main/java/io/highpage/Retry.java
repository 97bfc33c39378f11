// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.outcome.OutOfPageMemoryException;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Does work again for which there was no memory: after the program has released something, or in
 * smaller parts. Work of several threads that share a device goes on so, where each alone would fit
 * and all at once do not.
 *
 * <p>The work is done from its beginning again, so what it had done by then must do no harm twice:
 * take the accesses first, all of them in one try-with-resources, and compute then. Only
 * {@link OutOfPageMemoryException} is caught; everything else ends the loop and is passed on as it
 * is, in the release as in the work. So does a refusal with anything but refusals suppressed in it:
 * what failed to close may be held still.
 */
public final class Retry {
    private Retry() {}

    /**
     * Does something until there is memory for it.
     *
     * @param release gives something up: closes holders, evicts or closes buffers, waits for others
     *     that do. False if there is nothing more; else the work is tried again, without limit
     * @param work what to do
     * @param <T> what it returns
     * @return what the work returned
     * @throws OutOfPageMemoryException if there is no memory and nothing to release, or so much
     *     never fits
     */
    public static <T> T run(BooleanSupplier release, Supplier<T> work) {
        Objects.requireNonNull(release, "release");
        Objects.requireNonNull(work, "work");
        while (true) {
            try {
                return work.get();
            } catch (OutOfPageMemoryException full) {
                if (!full.isRetryable() || hidesMore(full) || !release.getAsBoolean()) {
                    throw full;
                }
            }
        }
    }

    /**
     * Does something with a range, in one or in as few parts as there is memory for. Parts come in
     * the order of their bytes, each once it has succeeded never again. A part that is refused and
     * for which nothing can be released is halved: at the start of a span if it lies in several,
     * else at the start of a page.
     *
     * @param range what to work on
     * @param leastBytes parts are not halved into smaller ones than that; at least 1
     * @param release as for {@link #run}
     * @param work what to do with each part
     * @throws OutOfPageMemoryException if there is no memory for a part that cannot be halved; the
     *     parts before it have been done
     * @throws IllegalArgumentException if leastBytes is below 1
     */
    public static void inParts(
            PageRange range,
            long leastBytes,
            BooleanSupplier release,
            Consumer<? super PageRange> work) {
        Objects.requireNonNull(range, "range");
        if (leastBytes < 1) {
            throw new IllegalArgumentException("leastBytes=" + leastBytes + " is below 1");
        }
        Objects.requireNonNull(work, "work");
        Deque<PageRange> left = new ArrayDeque<>();
        left.push(range);
        while (!left.isEmpty()) {
            PageRange part = left.pop();
            try {
                run(release, () -> {
                    work.accept(part);
                    return part;
                });
            } catch (OutOfPageMemoryException full) {
                long first = hidesMore(full) ? 0 : half(part);
                if (first == 0 || Math.min(first, part.byteSize() - first) < leastBytes) {
                    throw full;
                }
                PageBuffer buffer = part.buffer();
                left.push(buffer.range(part.offset() + first, part.byteSize() - first));
                left.push(buffer.range(part.offset(), first));
            }
        }
    }

    /** {@return whether something else has failed after a refusal, which would be forgotten} */
    private static boolean hidesMore(OutOfPageMemoryException full) {
        for (Throwable after : full.getSuppressed()) {
            if (!(after instanceof OutOfPageMemoryException)) {
                return true;
            }
        }
        return false;
    }

    /** {@return the length of the first half of a part; 0 if it lies in one page} */
    private static long half(PageRange part) {
        PageBuffer buffer = part.buffer();
        long atSpan = half(part, buffer.spanBytes());
        return atSpan != 0 ? atSpan : half(part, buffer.pageBytes());
    }

    /** {@return the same, at the last multiple of a unit before the middle, else the next one} */
    private static long half(PageRange part, long unit) {
        long end = part.offset() + part.byteSize();
        long middle = part.offset() + part.byteSize() / 2;
        long before = middle / unit * unit;
        if (before > part.offset()) {
            return before - part.offset();
        }
        return before + unit < end ? before + unit - part.offset() : 0;
    }
}
