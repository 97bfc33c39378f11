// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

import static io.highpage.internal.page.PageWord.ABSENT;
import static io.highpage.internal.page.PageWord.ACCESSES_SHIFT;
import static io.highpage.internal.page.PageWord.BOTH;
import static io.highpage.internal.page.PageWord.CLOSED;
import static io.highpage.internal.page.PageWord.COMMITTED;
import static io.highpage.internal.page.PageWord.COUNTS_MASK;
import static io.highpage.internal.page.PageWord.DEVICE;
import static io.highpage.internal.page.PageWord.DEVICE_MASK;
import static io.highpage.internal.page.PageWord.FILLING_DEVICE;
import static io.highpage.internal.page.PageWord.FILLING_HOST;
import static io.highpage.internal.page.PageWord.HOLDS_SHIFT;
import static io.highpage.internal.page.PageWord.HOST;
import static io.highpage.internal.page.PageWord.LOST;
import static io.highpage.internal.page.PageWord.MOVING_TO_DEVICE;
import static io.highpage.internal.page.PageWord.MOVING_TO_HOST;
import static io.highpage.internal.page.PageWord.PINS_SHIFT;
import static io.highpage.internal.page.PageWord.SPARE_MASK;
import static io.highpage.internal.page.PageWord.STATE_MASK;
import static io.highpage.internal.page.PageWord.WANTED;
import static io.highpage.internal.page.PageWord.isAtHome;
import static io.highpage.internal.page.PageWord.isCounted;
import static io.highpage.internal.page.PageWord.isMoving;
import static io.highpage.internal.page.PageWord.isOnDevice;
import static io.highpage.internal.page.PageWord.state;

/**
 * Every legal change of a page word, once. {@link PageTable} asserts that each of its changes is
 * one of these, a test shows that no change is two of them, and the table in
 * {@code docs/concurrency.md} is compared with it.
 */
public enum PageTransition implements Transition {
    /** A free page becomes the property of one operation. */
    LOCK("any operation that moves", "compare-and-set") {
        @Override
        public boolean allows(long from, long to) {
            boolean target = switch (state(from)) {
                case ABSENT -> state(to) == FILLING_HOST || state(to) == FILLING_DEVICE;
                case HOST -> state(to) == MOVING_TO_DEVICE;
                case DEVICE -> state(to) == MOVING_TO_HOST && sameDevice(from, to);
                case BOTH -> // to give its home up
                    state(to) == MOVING_TO_HOST && sameDevice(from, to) && (to & COMMITTED) != 0;
                default -> false;
            };
            return target
                    && !isCounted(from)
                    && !isCounted(to)
                    && (from & CLOSED) == 0
                    && (to & WANTED) == 0
                    && same(from, to, COMMITTED | CLOSED | SPARE_MASK);
        }
    },
    /**
     * The bytes have arrived; the page rests in its new place, or in both where its bytes were
     * copied and nobody is about to write, with the first count of a claim or with none.
     */
    PUBLISH("owner", "release store") {
        @Override
        public boolean allows(long from, long to) {
            return switch (state(from)) {
                case FILLING_HOST, MOVING_TO_HOST ->
                    (state(to) == HOST && device(to) == 0
                                    || state(from) == MOVING_TO_HOST && isBoth(from, to))
                            && (to & COMMITTED) != 0
                            && onlyCount(to, PINS_SHIFT, HOLDS_SHIFT)
                            && same(from, to, CLOSED | WANTED | SPARE_MASK);
                case FILLING_DEVICE, MOVING_TO_DEVICE ->
                    (state(to) == DEVICE && sameDevice(from, to)
                                    || state(from) == MOVING_TO_DEVICE
                                            && isBoth(from, to)
                                            && (to & COMMITTED) != 0)
                            && onlyCount(to, ACCESSES_SHIFT, ACCESSES_SHIFT)
                            && same(from, to, COMMITTED | CLOSED | WANTED | SPARE_MASK);
                default -> false;
            };
        }

        private boolean isBoth(long from, long to) {
            return state(to) == BOTH && sameDevice(from, to);
        }
    },
    /** A step failed; the page is what it was. */
    PUT_BACK("owner", "release store") {
        @Override
        public boolean allows(long from, long to) {
            boolean target = switch (state(from)) {
                case FILLING_HOST, FILLING_DEVICE -> state(to) == ABSENT && device(to) == 0;
                case MOVING_TO_DEVICE -> state(to) == HOST && device(to) == 0;
                case MOVING_TO_HOST -> state(to) == DEVICE && sameDevice(from, to);
                default -> false;
            };
            return target
                    && !isCounted(to)
                    && same(from, to, COMMITTED | CLOSED | WANTED | SPARE_MASK);
        }
    },
    /** The page stays on its device, and its home has no memory any more. */
    DISCARD("owner", "release store") {
        @Override
        public boolean allows(long from, long to) {
            return state(from) == MOVING_TO_HOST
                    && state(to) == DEVICE
                    && sameDevice(from, to)
                    && (from & COMMITTED) != 0
                    && (to & COMMITTED) == 0
                    && !isCounted(to)
                    && same(from, to, CLOSED | WANTED | SPARE_MASK);
        }
    },
    /**
     * The device is gone, and the only copy with it; counts stay so that their holders can close.
     */
    LOSE("owner, or whoever notices", "release store, or compare-and-set") {
        @Override
        public boolean allows(long from, long to) {
            return (state(from) == MOVING_TO_HOST || state(from) == DEVICE)
                    && state(to) == LOST
                    && same(from, to, ~STATE_MASK);
        }
    },
    /** One holder more, on a page that is where the holder needs it. */
    COUNT_UP("pin, hold, access", "compare-and-set") {
        @Override
        public boolean allows(long from, long to) {
            if ((from & CLOSED) != 0 || !same(from, to, ~COUNTS_MASK)) {
                return false;
            }
            return isAtHome(from) && isUp(from, to, PINS_SHIFT)
                    || (isAtHome(from) || isOnDevice(from)) && isUp(from, to, HOLDS_SHIFT)
                    || isOnDevice(from) && isUp(from, to, ACCESSES_SHIFT);
        }
    },
    /**
     * One of the two places no longer has the bytes: with the count of whoever is about to write to
     * the other one, or with none to empty the device. Nobody is counted where they go.
     */
    DROP("writing pin, hold, access; eviction; whoever notices a lost device", "compare-and-set") {
        @Override
        public boolean allows(long from, long to) {
            if (state(from) != BOTH || (from & CLOSED) != 0) {
                return false;
            }
            long rest = ~(STATE_MASK | DEVICE_MASK);
            long counted = (to & rest) - (from & rest);
            boolean held = counted == 1L << HOLDS_SHIFT;
            return state(to) == HOST
                            && device(to) == 0
                            && PageWord.accesses(from) == 0
                            && (counted == 0 || held || counted == 1L << PINS_SHIFT)
                            && isNotOver(from, counted)
                    || state(to) == DEVICE
                            && sameDevice(from, to)
                            && PageWord.pins(from) == 0
                            && (held || counted == 1L << ACCESSES_SHIFT)
                            && isNotOver(from, counted);
        }

        /** A count that was full would go over to its neighbour. */
        private boolean isNotOver(long from, long counted) {
            return counted == 0
                    || PageWord.count(from, Long.numberOfTrailingZeros(counted))
                            < PageWord.COUNT_MAX;
        }
    },
    /** One holder less. */
    COUNT_DOWN("closing pin, hold, access", "compare-and-set") {
        @Override
        public boolean allows(long from, long to) {
            return !isMoving(from)
                    && state(from) != ABSENT
                    && same(from, to, ~COUNTS_MASK)
                    && (isUp(to, from, PINS_SHIFT)
                            || isUp(to, from, HOLDS_SHIFT)
                            || isUp(to, from, ACCESSES_SHIFT));
        }
    },
    /** A pin or access waits for the page, or no longer does. */
    WANT("waiting pin, access", "compare-and-set") {
        @Override
        public boolean allows(long from, long to) {
            return !isMoving(from) && (from ^ to) == WANTED;
        }
    },
    /**
     * The buffer closes: no count, no move any more; or the close is refused and the page is open
     * again.
     */
    CLOSE("closing buffer", "compare-and-set") {
        @Override
        public boolean allows(long from, long to) {
            return !isMoving(from) && !isCounted(from) && (from ^ to) == CLOSED;
        }
    };

    private final String actor;
    private final String mechanism;

    PageTransition(String actor, String mechanism) {
        this.actor = actor;
        this.mechanism = mechanism;
    }

    @Override
    public String actor() {
        return actor;
    }

    @Override
    public String mechanism() {
        return mechanism;
    }

    private static boolean same(long from, long to, long mask) {
        return ((from ^ to) & mask) == 0;
    }

    private static int device(long word) {
        return PageWord.device(word);
    }

    private static boolean sameDevice(long from, long to) {
        return device(from) == device(to);
    }

    private static boolean isUp(long from, long to, int shift) {
        return to - from == 1L << shift && PageWord.count(from, shift) < PageWord.COUNT_MAX;
    }

    private static boolean onlyCount(long word, int shift, int otherShift) {
        long counts = word & COUNTS_MASK;
        return counts == 0 || counts == 1L << shift || counts == 1L << otherShift;
    }
}
