// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import io.highpage.internal.page.BufferWord;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.internal.page.Words;
import io.highpage.testkit.HeapWords;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;

/**
 * A buffer of two pages and a coherent device for the explorer: the shipped page table on heap
 * words, with the orders of steps of {@code Claim}, {@code Migration} and {@code Seal} around it,
 * page by page. Windows are arrays, so that the explorer may switch threads in the middle of a
 * copy. What these steps wait for they wait for here too, without a deadline; so every operation
 * has one answer, which {@link SequentialBuffer} gives.
 */
@Param(name = "page", gen = IntGen.class, conf = "0:1")
@Param(name = "value", gen = IntGen.class, conf = "1:2")
@Param(name = "thread", gen = ThreadIdGen.class)
public class ExploredBuffer {
    static final int PAGES = 2;

    /** Threads of the explorer, with one more before and after. */
    static final int THREADS = 8;

    static final int DEVICE_ID = 1;

    /** What a slab holds before it is zeroed. */
    private static final int GARBAGE = 99;

    final Words words;
    final PageTable table;
    final int[] home = new int[PAGES];
    final int[] device = {GARBAGE, GARBAGE};
    private volatile boolean closed;

    /** What each thread has open: confined to it. */
    private final int[][] pins = new int[THREADS][PAGES];

    private final int[][] readPins = new int[THREADS][PAGES];
    private final int[][] readAccesses = new int[THREADS][PAGES];
    private final int[][] holds = new int[THREADS][PAGES];
    private final int[][] accesses = new int[THREADS][PAGES];
    private final int[] wholePins = new int[THREADS];

    /** Makes a buffer of absent pages. */
    public ExploredBuffer() {
        this(new HeapWords((int) PageTable.wordCount(PAGES)));
    }

    ExploredBuffer(Words words) {
        this.words = words;
        table = new PageTable(words, PAGES);
    }

    // ---- holders ----

    @Operation
    public boolean pin(@Param(name = "thread") int thread, @Param(name = "page") int page) {
        while (true) {
            long word = await(page);
            if (isClosed(word)) {
                return false;
            }
            if (PageWord.state(word) == PageWord.HOST) {
                if (table.tryCount(page, word, Verb.PIN)) {
                    break;
                }
            } else if (PageWord.state(word) == PageWord.BOTH) {
                if (isUsedOnDevice(word)) {
                    return false;
                }
                if (tryDrop(page, word, Verb.PIN.one())) {
                    break;
                }
            } else if (PageWord.isCounted(word)) {
                return false;
            } else if (tryMoveHome(page, word, 1L << PageWord.PINS_SHIFT)) {
                break;
            }
        }
        pins[thread][page]++;
        return true;
    }

    /** Of a page that is at home, too or alone: the shipped one brings it there else. */
    @Operation
    public boolean readPin(@Param(name = "thread") int thread, @Param(name = "page") int page) {
        while (true) {
            long word = await(page);
            if (isClosed(word) || !PageWord.isAtHome(word)) {
                return false;
            }
            if (table.tryCount(page, word, Verb.READ_PIN)) {
                readPins[thread][page]++;
                return true;
            }
        }
    }

    @Operation
    public boolean unreadPin(@Param(name = "thread") int thread, @Param(name = "page") int page) {
        return release(readPins[thread], page, PageWord.PINS_SHIFT);
    }

    /** Of a page that is on the device, too or alone: the shipped one brings it there else. */
    @Operation
    public boolean readAccess(@Param(name = "thread") int thread, @Param(name = "page") int page) {
        while (true) {
            long word = await(page);
            if (isClosed(word) || !PageWord.isOnDevice(word)) {
                return false;
            }
            if (table.tryCount(page, word, Verb.READ_ACCESS)) {
                readAccesses[thread][page]++;
                return true;
            }
        }
    }

    @Operation
    public boolean unreadAccess(
            @Param(name = "thread") int thread, @Param(name = "page") int page) {
        return release(readAccesses[thread], page, PageWord.ACCESSES_SHIFT);
    }

    boolean isUsedOnDevice(long word) {
        return PageWord.accesses(word) + PageWord.holds(word) > 0;
    }

    /** Has a page in both places at home alone, as {@code Operation.drop()}. */
    boolean tryDrop(int page, long word, long count) {
        boolean dropped = table.tryDrop(page, word, count);
        if (dropped) {
            table.subtractAway(1);
        }
        return dropped;
    }

    @Operation
    public boolean unpin(@Param(name = "thread") int thread, @Param(name = "page") int page) {
        return release(pins[thread], page, PageWord.PINS_SHIFT);
    }

    @Operation
    public boolean hold(@Param(name = "thread") int thread, @Param(name = "page") int page) {
        while (true) {
            long word = await(page);
            if (isClosed(word)) {
                return false;
            }
            if (PageWord.state(word) == PageWord.ABSENT) {
                if (tryMoveHome(page, word, 1L << PageWord.HOLDS_SHIFT)) {
                    break;
                }
            } else if (PageWord.state(word) == PageWord.BOTH && PageWord.pins(word) > 0) {
                if (isUsedOnDevice(word)) {
                    return false;
                }
                if (tryDrop(page, word, Verb.HOLD.one())) {
                    break;
                }
            } else if (table.tryCount(page, word, Verb.HOLD)) {
                break;
            }
        }
        holds[thread][page]++;
        return true;
    }

    @Operation
    public boolean unhold(@Param(name = "thread") int thread, @Param(name = "page") int page) {
        return release(holds[thread], page, PageWord.HOLDS_SHIFT);
    }

    @Operation
    public boolean access(@Param(name = "thread") int thread, @Param(name = "page") int page) {
        while (true) {
            long word = await(page);
            if (isClosed(word)) {
                return false;
            }
            boolean both = PageWord.state(word) == PageWord.BOTH;
            if (both && PageWord.pins(word) > 0) {
                return false;
            }
            if (both || PageWord.state(word) == PageWord.DEVICE) {
                if (table.tryCount(page, word, Verb.ACCESS)) {
                    break;
                }
            } else if (PageWord.isCounted(word)) {
                return false;
            } else {
                Boolean moved = tryMoveOut(page, word, 1L << PageWord.ACCESSES_SHIFT);
                if (moved == null) {
                    continue;
                }
                if (!moved) {
                    return false;
                }
                break;
            }
        }
        accesses[thread][page]++;
        return true;
    }

    @Operation
    public boolean unaccess(@Param(name = "thread") int thread, @Param(name = "page") int page) {
        return release(accesses[thread], page, PageWord.ACCESSES_SHIFT);
    }

    private boolean release(int[] own, int page, int shift) {
        if (own[page] == 0) {
            return false;
        }
        own[page]--;
        boolean counted;
        do {
            counted = table.tryCountDown(page, table.mappedWord(page), shift);
        } while (!counted);
        return true;
    }

    @Operation
    public boolean pinWhole(@Param(name = "thread") int thread) {
        while (!table.tryPinWhole()) {
            for (int page = 0; page < PAGES; page++) {
                int state = PageWord.state(await(page));
                if (state != PageWord.HOST || closed) {
                    return false; // the shipped pin goes page by page now
                }
            }
        }
        wholePins[thread]++;
        return true;
    }

    @Operation
    public boolean unpinWhole(@Param(name = "thread") int thread) {
        if (wholePins[thread] == 0) {
            return false;
        }
        wholePins[thread]--;
        table.unpinWhole();
        return true;
    }

    // ---- bytes ----

    /** {@return the bytes of a page that the thread keeps, else -1} */
    @Operation
    public int read(@Param(name = "thread") int thread, @Param(name = "page") int page) {
        if (keeps(thread, page) || readAccesses[thread][page] > 0) {
            return window(page)[page];
        }
        return readPins[thread][page] > 0 ? home[page] : -1;
    }

    @Operation
    public boolean write(
            @Param(name = "thread") int thread,
            @Param(name = "page") int page,
            @Param(name = "value") int value) {
        if (!keeps(thread, page)) {
            return false;
        }
        window(page)[page] = value;
        return true;
    }

    private boolean keeps(int thread, int page) {
        return pins[thread][page] + holds[thread][page] + accesses[thread][page] + wholePins[thread]
                > 0;
    }

    private int[] window(int page) {
        return PageWord.isOnDevice(table.word(page)) ? device : home;
    }

    // ---- moves ----

    @Operation
    public boolean moveOut(@Param(name = "page") int page) {
        while (true) {
            long word = await(page);
            if (isClosed(word) || PageWord.isOnDevice(word) || PageWord.isCounted(word)) {
                return false;
            }
            Boolean moved = tryMoveOut(page, word, 0);
            if (moved != null) {
                return moved;
            }
        }
    }

    /** {@return whether it moved; null if the word or the buffer changed meanwhile} */
    Boolean tryMoveOut(int page, long word, long count) {
        if (!table.tryAddAway(1)) {
            return BufferWord.wholePins(table.bufferWord()) > 0 ? Boolean.FALSE : null;
        }
        if (!table.tryLock(page, word, DEVICE_ID)) {
            table.subtractAway(1);
            return null;
        }
        boolean absent = PageWord.state(word) == PageWord.ABSENT;
        table.subtractAway(absent ? 1 : 0); // it was away already
        device[page] = absent ? 0 : home[page];
        if (count == 0) { // a prefetch; else an access that may write
            table.publishBoth(page, 0);
        } else {
            table.publish(page, count);
        }
        return true;
    }

    @Operation
    public boolean moveHome(@Param(name = "page") int page) {
        while (true) {
            long word = await(page);
            boolean both = PageWord.state(word) == PageWord.BOTH;
            if (isClosed(word)
                    || !PageWord.isOnDevice(word)
                    || (both ? isUsedOnDevice(word) : PageWord.isCounted(word))) {
                return false;
            }
            if (both ? tryDrop(page, word, 0) : tryMoveHome(page, word, 0)) {
                return true;
            }
        }
    }

    boolean tryMoveHome(int page, long word, long count) {
        if (!table.tryLock(page, word, PageWord.HOME)) {
            return false;
        }
        if (PageWord.state(word) == PageWord.DEVICE) {
            home[page] = device[page];
        }
        table.publish(page, count);
        table.subtractAway(1);
        return true;
    }

    // ---- the end ----

    /** Closes take turns under a lock of the runtime. */
    @Operation(nonParallelGroup = "close")
    public boolean close() {
        if (closed || !table.tryCloseBuffer()) {
            return false;
        }
        boolean untouched = table.closeUntouched(0) == PAGES; // all are in one region
        for (int page = 0; page < PAGES && !untouched; page++) {
            if (!tryClosePage(page)) {
                for (int done = 0; done < page; done++) {
                    table.reopenPage(done);
                }
                table.reopenBuffer();
                return false;
            }
        }
        closed = true;
        return true;
    }

    boolean tryClosePage(int page) {
        while (true) {
            long word = table.word(page);
            if (PageWord.isMoving(word)) {
                Thread.onSpinWait();
            } else if (PageWord.isCounted(word)) {
                return false;
            } else if (table.tryClosePage(page, word)) {
                return true;
            }
        }
    }

    private boolean isClosed(long word) {
        return closed || PageWord.is(word, PageWord.CLOSED);
    }

    /** {@return whether a page is closed, by its word or with its region, as far as one can see} */
    private boolean isClosing(long word) {
        return PageWord.is(word, PageWord.CLOSED)
                || PageWord.state(word) == PageWord.ABSENT
                        && BufferWord.isClosed(table.bufferWord());
    }

    /** {@return the word of a page that rests, and is open or closed for good} */
    private long await(int page) {
        while (true) {
            long word = table.word(page);
            if (!PageWord.isMoving(word) && (!isClosing(word) || closed)) {
                return word;
            }
            Thread.onSpinWait();
        }
    }
}
