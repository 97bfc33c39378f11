// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

/**
 * May an operation have this page, and if not, why: the one place that decides it. A pure function
 * of the words and of what there is to know of tiers; it changes nothing, waits for nobody, and the
 * operation draws the consequences. The compare-and-set that follows tells whether the word still
 * says so. {@code docs/concurrency.md} has the rules as a table, which a test compares with this
 * for every kind of word.
 *
 * <p>A tier is a kind of memory: {@link PageWord#HOME}, or a device by the number that page words
 * carry. A set of tiers has bit {@code 1L << tier}.
 */
public final class Rules {
    private Rules() {}

    /**
     * {@return what the operation may do with the page}
     *
     * @param verb what it does
     * @param page the page word
     * @param buffer the buffer word
     * @param tier where it needs the page: a device for accesses, copies by the driver and PREFETCH
     *     and GO_BACK, else {@link PageWord#HOME}
     * @param coherentTiers the tiers whose memory the CPU can use in place
     * @param lostTiers the tiers that are gone, at least if the page is on one
     */
    public static Verdict verdict(
            Verb verb, long page, long buffer, int tier, long coherentTiers, long lostTiers) {
        if (PageWord.is(page, PageWord.CLOSED)) {
            return Verdict.CLOSING;
        }
        if (PageWord.isMoving(page)) {
            return Verdict.MOVING;
        }
        if (PageWord.state(page) == PageWord.LOST) {
            return Verdict.LOST;
        }
        if (isGone(lostTiers, page)) {
            return Verdict.LOSE;
        }
        if (PageWord.state(page) == PageWord.BOTH) {
            Verdict side = onBoth(verb, page, tier, coherentTiers, lostTiers);
            if (side != Verdict.IN_PLACE && side != Verdict.ELSEWHERE) {
                return side;
            }
        }
        return isThere(verb, page, tier, coherentTiers, lostTiers)
                ? there(verb, page, coherentTiers)
                : elsewhere(verb, page, buffer, tier);
    }

    /**
     * {@return whether the verdict is IN_PLACE} The buffer word has no say in that, so that most
     * claims need not read it.
     */
    public static boolean isInPlace(
            Verb verb, long page, int tier, long coherentTiers, long lostTiers) {
        return isThere(verb, page, tier, coherentTiers, lostTiers)
                && !PageWord.is(page, PageWord.CLOSED)
                && there(verb, page, coherentTiers) == Verdict.IN_PLACE
                && !isGone(lostTiers, page);
    }

    /**
     * {@return whether the page is in place for an operation that needs it at home, without a look
     * at any tier} Of most pages that are asked for it is; of others {@link #isInPlace} says. Two
     * tests of the word: each costs a claim time, and a place in the machine code that it may take.
     */
    public static boolean isPlainlyHome(Verb verb, long page) {
        return (page & (PageWord.STATE_MASK | PageWord.CLOSED | PageWord.WANTED)) == PageWord.HOST
                && !isFull(verb, page);
    }

    /**
     * {@return the tier whose memory a holder of a page uses, which stays the same while it is
     * held}
     */
    public static int heldTier(long page, long coherentTiers) {
        boolean atHome = PageWord.state(page) == PageWord.BOTH && !isAmong(coherentTiers, page);
        return atHome ? PageWord.HOME : PageWord.device(page);
    }

    /** {@return whether the tier that a page names is one of these} */
    private static boolean isAmong(long tiers, long page) {
        return (tiers >>> PageWord.device(page) & 1) != 0;
    }

    /** {@return whether the only bytes of a page are on one of these tiers} */
    private static boolean isGone(long lostTiers, long page) {
        return PageWord.state(page) == PageWord.DEVICE && isAmong(lostTiers, page);
    }

    /** {@return whether a page rests where the operation needs it, and as it needs it} */
    private static boolean isThere(
            Verb verb, long page, int tier, long coherentTiers, long lostTiers) {
        return switch (PageWord.state(page)) {
            case PageWord.HOST -> tier == PageWord.HOME;
            case PageWord.DEVICE ->
                PageWord.device(page) == tier
                        || verb.isHold() && isAmong(coherentTiers, page)
                        || verb == Verb.DISCARD && !PageWord.is(page, PageWord.COMMITTED);
            case PageWord.BOTH ->
                onBoth(verb, page, tier, coherentTiers, lostTiers) == Verdict.IN_PLACE;
            case PageWord.ABSENT -> // nothing of it is on a device, and nothing at home
                verb == Verb.EVICT || verb == Verb.DISCARD || verb.isInBackground();
            default -> false;
        };
    }

    /**
     * A page that is at home and on a device, where every count is a reader's. Readers take it as
     * it is. A writer, and who moves it, needs that nobody is counted on the side that goes.
     * {@return IN_PLACE too if it is for the count of a writer on the device, which ends the home;
     * ELSEWHERE if the operation needs it on another tier}
     */
    private static Verdict onBoth(
            Verb verb, long page, int tier, long coherentTiers, long lostTiers) {
        boolean isPrivate = !isAmong(coherentTiers, page);
        boolean isLost = isAmong(lostTiers, page);
        boolean isItsDevice = PageWord.device(page) == tier;
        if (!isLost && (isItsDevice || verb.isHold() && !isPrivate)) {
            Verdict there = onItsDevice(verb, page, isPrivate);
            if (there == Verdict.IN_PLACE || isItsDevice) {
                return there;
            }
        }
        return tier == PageWord.HOME ? atHome(verb, page, isPrivate, isLost) : Verdict.ELSEWHERE;
    }

    private static Verdict onItsDevice(Verb verb, long page, boolean isPrivate) {
        if (verb == Verb.DRIVER_READ) {
            // Its home can be read as well; and holds, of which some were of the device memory,
            // would have to keep writers from both sides.
            return Verdict.ELSEWHERE;
        }
        if (verb.leavesBoth()) {
            return Verdict.IN_PLACE;
        }
        if (PageWord.pins(page) > 0) {
            return Verdict.PINNED;
        }
        if (isPrivate && PageWord.holds(page) > 0) {
            return Verdict.HELD; // at home
        }
        boolean blocked = verb == Verb.DRIVER_WRITE && PageWord.accesses(page) > 0;
        return blocked ? Verdict.ACCESSED : Verdict.IN_PLACE;
    }

    private static Verdict atHome(Verb verb, long page, boolean isPrivate, boolean isLost) {
        if (verb == Verb.READ_PIN || verb == Verb.CLEAN || verb == Verb.READ_HOLD && isPrivate) {
            return Verdict.IN_PLACE;
        }
        if (verb == Verb.DISCARD && !isLost) {
            return PageWord.isCounted(page) ? counted(page) : Verdict.MOVE;
        }
        if (PageWord.accesses(page) > 0) {
            return Verdict.ACCESSED;
        }
        if (!isPrivate && PageWord.holds(page) > 0) {
            return Verdict.HELD; // of the device memory
        }
        return isFull(verb, page) ? Verdict.COUNT_FULL : Verdict.DROP;
    }

    private static Verdict there(Verb verb, long page, long coherentTiers) {
        if (PageWord.state(page) == PageWord.DEVICE) {
            boolean isPrivate = !isAmong(coherentTiers, page);
            if (verb.isAccess() && isPrivate && PageWord.holds(page) > 0) {
                return Verdict.HELD; // by a copy that the driver makes
            }
            if (verb.isByDriver() && PageWord.accesses(page) > 0) {
                return Verdict.ACCESSED;
            }
        }
        if (!verb.counts()) {
            return Verdict.IN_PLACE;
        }
        if (isFull(verb, page)) {
            return Verdict.COUNT_FULL;
        }
        return PageWord.is(page, PageWord.WANTED) && !verb.isPin()
                ? Verdict.WANTED
                : Verdict.IN_PLACE;
    }

    private static boolean isFull(Verb verb, long page) {
        return (page & verb.full()) == verb.full();
    }

    private static Verdict elsewhere(Verb verb, long page, long buffer, int tier) {
        boolean onlyThere = PageWord.state(page) == PageWord.DEVICE;
        if (verb.isByDriver()
                || verb == Verb.PREFETCH && onlyThere
                || verb == Verb.GO_BACK && PageWord.isOnDevice(page)) {
            return Verdict.ELSEWHERE;
        }
        if (PageWord.isCounted(page)) {
            return counted(page);
        }
        if (verb.isInBackground() && PageWord.is(page, PageWord.WANTED)) {
            return Verdict.WANTED; // somebody is about to count it
        }
        boolean leaves = tier != PageWord.HOME;
        // An absent page may be closed by its region, which its own word does not say.
        boolean asks = leaves || PageWord.state(page) == PageWord.ABSENT;
        if (asks && BufferWord.isClosed(buffer)) {
            return Verdict.CLOSING;
        }
        if (leaves && BufferWord.wholePins(buffer) > 0) {
            return Verdict.PINNED;
        }
        return leaves && PageWord.isOnDevice(page) ? Verdict.HOME_FIRST : Verdict.MOVE;
    }

    private static Verdict counted(long page) {
        if (PageWord.pins(page) > 0) {
            return Verdict.PINNED;
        }
        return PageWord.holds(page) > 0 ? Verdict.HELD : Verdict.ACCESSED;
    }
}
