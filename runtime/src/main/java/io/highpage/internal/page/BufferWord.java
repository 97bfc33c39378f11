// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

/**
 * The 64-bit word of a buffer, which makes a pin of the whole buffer one compare-and-set.
 *
 * <pre>
 *  63     62                 32 31             0
 * +------+---------------------+----------------+
 * |CLOSED| whole-buffer pins 31| pages away 32  |
 * +------+---------------------+----------------+
 * </pre>
 *
 * A page is <em>away</em> while it is not at home alone: absent, on a device (also if its home has
 * the bytes too), lost or moving. Moving a page out first adds to the low half, and only while the
 * high half is 0; moving it home publishes the page first and then subtracts. So while the high
 * half is not 0 every page rests on the host, and while the low half is 0 a whole-buffer pin needs
 * to look at no page.
 */
public final class BufferWord {
    public static final int WHOLE_PINS_SHIFT = 32;
    public static final long AWAY_MASK = (1L << WHOLE_PINS_SHIFT) - 1;
    public static final long WHOLE_PINS_MAX = (1L << 31) - 1;
    public static final long ONE_WHOLE_PIN = 1L << WHOLE_PINS_SHIFT;
    public static final long CLOSED = 1L << 63;

    /**
     * Room above it in the low half lets operations on several threads reserve pages at once; a
     * page index is an int.
     */
    public static final long PAGES_MAX = 1L << 30;

    /** What a word says about its buffer as a whole. */
    public enum State {
        /** Every page is at home, and nothing pins the whole buffer. */
        AT_HOME,
        /** Pages are away; pins go page by page. */
        AWAY,
        /** A pin keeps the whole buffer at home. */
        WHOLE_PINNED,
        /** Closed, or closing; pages may still come home. */
        CLOSED,
        /** Pinned as a whole, and closed or with pages away: never. */
        BROKEN
    }

    private BufferWord() {}

    /** {@return what the word says} */
    public static State state(long word) {
        if (wholePins(word) != 0) {
            return isClosed(word) || away(word) != 0 ? State.BROKEN : State.WHOLE_PINNED;
        }
        if (isClosed(word)) {
            return State.CLOSED;
        }
        return away(word) == 0 ? State.AT_HOME : State.AWAY;
    }

    /** {@return the word in words, for messages} */
    public static String describe(long word) {
        return "wholePins=" + wholePins(word) + " away=" + away(word)
                + (isClosed(word) ? " CLOSED" : "");
    }

    public static long wholePins(long word) {
        return word >>> WHOLE_PINS_SHIFT & WHOLE_PINS_MAX;
    }

    public static long away(long word) {
        return word & AWAY_MASK;
    }

    public static boolean isClosed(long word) {
        return word < 0;
    }
}
