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
     * @param tier where it needs the page: a device for ACCESS, DRIVER_COPY and PREFETCH, else
     *     {@link PageWord#HOME}
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
        if (isOnAny(lostTiers, page)) {
            return Verdict.LOSE;
        }
        return isThere(verb, page, tier, coherentTiers)
                ? there(verb, page, coherentTiers)
                : elsewhere(verb, page, buffer, tier);
    }

    /**
     * {@return whether the verdict is IN_PLACE} The buffer word has no say in that, so that most
     * claims need not read it.
     */
    public static boolean isInPlace(
            Verb verb, long page, int tier, long coherentTiers, long lostTiers) {
        return isThere(verb, page, tier, coherentTiers)
                && !PageWord.is(page, PageWord.CLOSED)
                && there(verb, page, coherentTiers) == Verdict.IN_PLACE
                && !isOnAny(lostTiers, page);
    }

    private static boolean isOnAny(long tiers, long page) {
        return PageWord.state(page) == PageWord.DEVICE
                && (tiers >>> PageWord.device(page) & 1) != 0;
    }

    /** {@return whether a page rests where the operation needs it} */
    private static boolean isThere(Verb verb, long page, int tier, long coherentTiers) {
        return switch (PageWord.state(page)) {
            case PageWord.HOST -> tier == PageWord.HOME;
            case PageWord.DEVICE ->
                PageWord.device(page) == tier || verb == Verb.HOLD && isOnAny(coherentTiers, page);
            case PageWord.ABSENT -> verb == Verb.EVICT; // nothing of it is on a device
            default -> false;
        };
    }

    private static Verdict there(Verb verb, long page, long coherentTiers) {
        if (PageWord.state(page) == PageWord.DEVICE) {
            boolean isPrivate = !isOnAny(coherentTiers, page);
            if (verb == Verb.ACCESS && isPrivate && PageWord.holds(page) > 0) {
                return Verdict.HELD; // by a copy that the driver makes
            }
            if (verb == Verb.DRIVER_COPY && PageWord.accesses(page) > 0) {
                return Verdict.ACCESSED;
            }
        }
        if (!verb.counts()) {
            return Verdict.IN_PLACE;
        }
        if (PageWord.count(page, verb.shift()) == PageWord.COUNT_MAX) {
            return Verdict.COUNT_FULL;
        }
        return PageWord.is(page, PageWord.WANTED) && verb != Verb.PIN
                ? Verdict.WANTED
                : Verdict.IN_PLACE;
    }

    private static Verdict elsewhere(Verb verb, long page, long buffer, int tier) {
        boolean onDevice = PageWord.state(page) == PageWord.DEVICE;
        if (verb == Verb.DRIVER_COPY || verb == Verb.PREFETCH && onDevice) {
            return Verdict.ELSEWHERE;
        }
        if (PageWord.isCounted(page)) {
            return keeper(page);
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
        return leaves && onDevice ? Verdict.HOME_FIRST : Verdict.MOVE;
    }

    private static Verdict keeper(long page) {
        if (PageWord.pins(page) > 0) {
            return Verdict.PINNED;
        }
        return PageWord.holds(page) > 0 ? Verdict.HELD : Verdict.ACCESSED;
    }
}
