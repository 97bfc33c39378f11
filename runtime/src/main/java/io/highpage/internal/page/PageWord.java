// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

import io.highpage.outcome.Residency;

/**
 * The 64-bit word that says everything about a page.
 *
 * <pre>
 *  63    58 57     56     55        54    49 48       34 33    19 18    4 3     0
 * +--------+------+------+---------+--------+-----------+--------+-------+-------+
 * | zero 6 |CLOSED|WANTED|COMMITTED|device 6|accesses 15|holds 15|pins 15|state 4|
 * +--------+------+------+---------+--------+-----------+--------+-------+-------+
 * </pre>
 *
 * <ul>
 *   <li>state: a resting one may last; a moving one has exactly one owner operation, which alone
 *       leaves it, and has no counts
 *   <li>pins, holds, accesses: open holders of each kind; a full count refuses the next
 *   <li>device: the device that the page is on or moves to or from; 0 unless the state says so
 *   <li>COMMITTED: the page's home in the host window has memory
 *   <li>WANTED: a pin or access waits for this page; short holds give way for a while
 *   <li>CLOSED: the buffer is closed or closing; nothing is counted or moved any more
 * </ul>
 *
 * <p>It is one word so that one compare-and-set decides. Whoever counts a page says by the word
 * that it expects where the page is, that it does not move, and that its buffer is not closed;
 * whoever moves it, that nobody has it. Of two that want what cannot be together one comes first,
 * and the other one fails, looks again, and finds why.
 *
 * <p>The C twin is {@code native/include/highpage.h}; a test compares the two. Everything zero is
 * an absent page.
 */
public final class PageWord {
    public static final int STATE_BITS = 4;
    public static final int COUNT_BITS = 15;
    public static final int DEVICE_BITS = 6;

    public static final int PINS_SHIFT = STATE_BITS;
    public static final int HOLDS_SHIFT = PINS_SHIFT + COUNT_BITS;
    public static final int ACCESSES_SHIFT = HOLDS_SHIFT + COUNT_BITS;
    public static final int DEVICE_SHIFT = ACCESSES_SHIFT + COUNT_BITS;
    public static final int FLAGS_SHIFT = DEVICE_SHIFT + DEVICE_BITS;

    public static final long STATE_MASK = (1L << STATE_BITS) - 1;
    public static final long COUNT_MAX = (1L << COUNT_BITS) - 1;
    public static final long COUNTS_MASK = (1L << 3 * COUNT_BITS) - 1 << PINS_SHIFT;
    public static final long DEVICE_MASK = (1L << DEVICE_BITS) - 1 << DEVICE_SHIFT;
    public static final int DEVICES_MAX = (1 << DEVICE_BITS) - 1;

    /**
     * The tier that is home: the host window. 1 to {@link #DEVICES_MAX} are devices, and what a
     * page word names as one.
     */
    public static final int HOME = 0;

    public static final long COMMITTED = 1L << FLAGS_SHIFT;
    public static final long WANTED = 1L << FLAGS_SHIFT + 1;
    public static final long CLOSED = 1L << FLAGS_SHIFT + 2;
    public static final long SPARE_MASK = -1L << FLAGS_SHIFT + 3;

    /** Never written; reads as zero. */
    public static final int ABSENT = 0;
    /** In the host window. */
    public static final int HOST = 1;
    /** In the device window. */
    public static final int DEVICE = 2;
    /** In both windows, with the same bytes: every count is a reader's. */
    public static final int BOTH = HOST | DEVICE;
    /** Its device is gone, and the bytes with it. */
    public static final int LOST = 4;
    /** Absent, becoming host memory. */
    public static final int FILLING_HOST = 5;
    /** Absent, becoming device memory. */
    public static final int FILLING_DEVICE = 6;
    /** On the host, being copied to a device; the host bytes stay valid until it is published. */
    public static final int MOVING_TO_DEVICE = 7;
    /** On a device, being copied to the host; the device bytes stay valid until it is published. */
    public static final int MOVING_TO_HOST = 8;

    /** The number of states. */
    public static final int STATES = 9;

    private static final String[] STATE_NAMES = {
        "ABSENT",
        "HOST",
        "DEVICE",
        "BOTH",
        "LOST",
        "FILLING_HOST",
        "FILLING_DEVICE",
        "MOVING_TO_DEVICE",
        "MOVING_TO_HOST"
    };

    private PageWord() {}

    public static int state(long word) {
        return (int) (word & STATE_MASK);
    }

    public static boolean isMoving(long word) {
        return state(word) >= FILLING_HOST;
    }

    /** {@return whether it rests with valid bytes in the host window} */
    public static boolean isAtHome(long word) {
        return (state(word) & ~DEVICE) == HOST;
    }

    /** {@return whether it rests with valid bytes in the window of its device} */
    public static boolean isOnDevice(long word) {
        return (state(word) & ~HOST) == DEVICE;
    }

    public static int pins(long word) {
        return count(word, PINS_SHIFT);
    }

    public static int holds(long word) {
        return count(word, HOLDS_SHIFT);
    }

    public static int accesses(long word) {
        return count(word, ACCESSES_SHIFT);
    }

    public static int count(long word, int shift) {
        return (int) (word >>> shift & COUNT_MAX);
    }

    /** {@return whether a hold, pin or access keeps the page} */
    public static boolean isCounted(long word) {
        return (word & COUNTS_MASK) != 0;
    }

    public static int device(long word) {
        return (int) ((word & DEVICE_MASK) >>> DEVICE_SHIFT);
    }

    public static boolean is(long word, long flag) {
        return (word & flag) != 0;
    }

    /** {@return the word with another state and device and no counts; flags stay} */
    public static long with(long word, int state, int device) {
        return word & ~(STATE_MASK | COUNTS_MASK | DEVICE_MASK)
                | state
                | (long) device << DEVICE_SHIFT;
    }

    /**
     * {@return where its bytes are} A page in both places is on its device, as programs that bring
     * it there expect; that its home is valid too only makes less work.
     */
    public static Residency residency(long word) {
        return switch (state(word)) {
            case ABSENT -> Residency.ABSENT;
            case HOST -> Residency.HOST;
            case DEVICE, BOTH -> Residency.DEVICE;
            case LOST -> Residency.LOST;
            default -> Residency.MOVING;
        };
    }

    public static String stateName(int state) {
        return state < STATES ? STATE_NAMES[state] : "UNKNOWN_" + state;
    }

    /** {@return the word in words, for messages} */
    public static String describe(long word) {
        return "state=" + stateName(state(word)) + " pins=" + pins(word) + " holds=" + holds(word)
                + " accesses="
                + accesses(word) + " device=" + device(word)
                + (is(word, COMMITTED) ? " COMMITTED" : "")
                + (is(word, WANTED) ? " WANTED" : "") + (is(word, CLOSED) ? " CLOSED" : "");
    }
}
