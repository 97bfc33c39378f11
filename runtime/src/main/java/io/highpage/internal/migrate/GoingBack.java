// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import io.highpage.internal.work.Background;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.PageOutcome;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.BooleanSupplier;

/**
 * Brings the pages of one buffer back to the device that it prefers, once no pin has ended on them
 * for a while. A page is noted when a pin on it ends; the next look finds it young, and if none has
 * ended meanwhile, the one after that takes it for quiet, and moves it, if nobody has it and the
 * device has room. So no time is kept for any page, and it rests for one period of the background
 * at least.
 *
 * <p>A page that somebody holds or moves is tried again; one that is pinned again is noted again.
 */
public final class GoingBack implements Background.Job {
    /** After a look that failed, for want of room most often. */
    private static final long PAUSE_NANOS = 1_000_000_000;

    private final Pages pages;
    private final int tier;

    /** Pages on which a pin has ended, 64 a word. */
    private final AtomicLongArray noted;

    /** Whether there may be some. */
    private volatile boolean any;

    private volatile boolean ended;

    // Of the thread that looks.
    private final long[] young; // noted before the last look
    private final long[] quiet; // to be moved
    private boolean pending; // some are young or quiet
    private boolean paused;
    private long pausedAt;

    /**
     * Nothing is noted yet.
     *
     * @param tier the number of the device
     */
    public GoingBack(Pages pages, int tier) {
        this.pages = pages;
        this.tier = tier;
        int words = Math.toIntExact((pages.table().pageCount() + Long.SIZE - 1) / Long.SIZE);
        this.noted = new AtomicLongArray(words);
        this.young = new long[words];
        this.quiet = new long[words];
    }

    /** {@return the number of the device} */
    public int tier() {
        return tier;
    }

    /** Notes that a pin of pages {@code from} to {@code to - 1} has ended. Allocates nothing. */
    public void note(long from, long to) {
        int last = word(to - 1);
        for (int word = word(from); word <= last; word++) {
            long bits = bits(word, from, to);
            if ((noted.get(word) & bits) != bits) {
                // ORD volatile: before `any` is set, so that whoever finds that finds these; pairs
                // with grow().
                noted.getAndAccumulate(word, bits, (before, more) -> before | more);
            }
        }
        if (!any) {
            any = true;
        }
    }

    private static int word(long page) {
        return (int) (page / Long.SIZE);
    }

    /** {@return the bits of pages {@code from} to {@code to - 1} in a word that has some} */
    private static long bits(int word, long from, long to) {
        long first = (long) word * Long.SIZE;
        long below = from > first ? -1L << (from - first) : -1L;
        long above = to < first + Long.SIZE ? (1L << (to - first)) - 1 : -1L;
        return below & above;
    }

    /** Nothing goes back any more, but for a batch that is under way. */
    public void end() {
        ended = true;
    }

    @Override
    public boolean look(BooleanSupplier goesOn) {
        if (ended || pages.isClosed() || pages.isLost(tier)) {
            return false;
        }
        if (!any && !pending || paused && System.nanoTime() - pausedAt < PAUSE_NANOS) {
            return true;
        }
        paused = false;
        any = false; // before the words are read
        pending = true; // whatever comes now
        grow();
        try {
            move(() -> !ended && goesOn.getAsBoolean());
        } catch (IllegalStateException closed) {
            if (!pages.isClosed()) {
                throw closed;
            }
        }
        pending = anyLeft();
        return true;
    }

    /** What was young is quiet, unless it is noted again; what is noted is young. */
    private void grow() {
        for (int word = 0; word < young.length; word++) {
            // ORD volatile: takes what note() adds, each once; pairs with note().
            long fresh = noted.get(word) == 0 ? 0 : noted.getAndSet(word, 0);
            quiet[word] = (quiet[word] | young[word]) & ~fresh;
            young[word] = fresh;
        }
    }

    private boolean anyLeft() {
        for (int word = 0; word < young.length; word++) {
            if ((young[word] | quiet[word]) != 0) {
                return true;
            }
        }
        return false;
    }

    private void move(BooleanSupplier goesOn) {
        long pageCount = pages.table().pageCount();
        for (long page = nextQuiet(0); page < pageCount && !paused && goesOn.getAsBoolean(); ) {
            long end = page + 1;
            long endMax = pages.batchEnd(page, pageCount);
            while (end < endMax && isQuiet(end)) {
                end++;
            }
            MoveReport report = Move.back(pages, tier, page, end);
            report.outcomes().forEachRun(this::settle);
            if (report.failure().isPresent()) {
                paused = true;
                pausedAt = System.nanoTime();
            }
            page = nextQuiet(end);
        }
    }

    private boolean isQuiet(long page) {
        return (quiet[word(page)] >>> page & 1) != 0;
    }

    /** {@return the first quiet page that is not before another; behind the last if none is} */
    private long nextQuiet(long from) {
        for (int word = word(from); word < quiet.length; word++) {
            long bits = quiet[word] & bits(word, from, Long.MAX_VALUE);
            if (bits != 0) {
                return (long) word * Long.SIZE + Long.numberOfTrailingZeros(bits);
            }
        }
        return Long.MAX_VALUE;
    }

    private void settle(long first, long count, PageOutcome outcome) {
        boolean again = switch (outcome) {
            case MOVED, IN_PLACE, PINNED, ON_OTHER_DEVICE, DEVICE_LOST, CLOSED -> false;
            default -> true;
        };
        if (!again) {
            for (int word = word(first); word <= word(first + count - 1); word++) {
                quiet[word] &= ~bits(word, first, first + count);
            }
        }
    }
}
