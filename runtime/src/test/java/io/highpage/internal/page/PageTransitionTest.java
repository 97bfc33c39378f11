// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.testkit.HeapWords;

import org.junit.jupiter.api.Test;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.function.LongUnaryOperator;

/** Takes every step of the page table from every kind of page word. */
class PageTransitionTest {
    private static final long[] SAMPLES = SampleWords.all();

    private static Set<PageTransition> transitions(long from, long to) {
        Set<PageTransition> found = EnumSet.noneOf(PageTransition.class);
        for (PageTransition transition : PageTransition.values()) {
            if (transition.allows(from, to)) {
                found.add(transition);
            }
        }
        return found;
    }

    @Test
    void change_betweenAnyTwoWords_isAtMostOneTransition() {
        for (long from : SAMPLES) {
            for (long to : SAMPLES) {
                int allowed = 0;
                for (PageTransition transition : PageTransition.values()) {
                    allowed += transition.allows(from, to) ? 1 : 0;
                }
                if (allowed > 1) {
                    assertThat(transitions(from, to))
                            .as("from %s to %s", PageWord.describe(from), PageWord.describe(to))
                            .hasSizeLessThan(2);
                }
            }
        }
    }

    @Test
    void word_unchanged_isNoTransition() {
        for (long word : SAMPLES) {
            assertThat(transitions(word, word)).as(PageWord.describe(word)).isEmpty();
        }
    }

    @Test
    void zeroBits_set_isNoTransition() {
        for (long from : SAMPLES) {
            for (long to : new long[] {
                PageWord.HOST, PageWord.DEVICE, PageWord.FILLING_HOST, PageWord.ABSENT
            }) {
                assertThat(transitions(from, to | 1L << 58))
                        .as("from %s to a word with bit 58", PageWord.describe(from))
                        .isEmpty();
            }
        }
    }

    @Test
    void fullCount_plusOne_isNoTransition() {
        for (long from : SAMPLES) {
            for (int shift : SampleWords.COUNT_SHIFTS) {
                if (PageWord.count(from, shift) == PageWord.COUNT_MAX) {
                    assertThat(transitions(from, from + (1L << shift))).isEmpty();
                }
            }
        }
    }

    // ---- what each step of the table does, told independently of the transitions ----

    private static boolean isFree(long word) {
        return !PageWord.isCounted(word) && !PageWord.is(word, PageWord.CLOSED);
    }

    private static LongPredicate inState(int... states) {
        return word -> {
            for (int state : states) {
                if (PageWord.state(word) == state) {
                    return true;
                }
            }
            return false;
        };
    }

    /** In both places, as any such page is: its home has memory. */
    private static boolean isBoth(long word) {
        return PageWord.state(word) == PageWord.BOTH && PageWord.is(word, PageWord.COMMITTED);
    }

    private static final LongPredicate MOVING = inState(
            PageWord.FILLING_HOST,
            PageWord.FILLING_DEVICE,
            PageWord.MOVING_TO_DEVICE,
            PageWord.MOVING_TO_HOST);

    private interface Step {
        void take(PageTable table, long word);
    }

    /**
     * Takes a step from every sample: where {@code legal} the word becomes what {@code expected}
     * says by one transition of the given kind; elsewhere the assertion trips and the word stays.
     */
    private static void checkStep(
            PageTransition kind, Step step, LongPredicate legal, LongUnaryOperator expected) {
        Map<Boolean, Integer> seen = new HashMap<>();
        for (long word : SAMPLES) {
            HeapWords words = new HeapWords(3);
            PageTable table = new PageTable(words, 1);
            words.release(1, word);
            String from = "from " + PageWord.describe(word);
            seen.merge(legal.test(word), 1, Integer::sum);
            if (legal.test(word)) {
                step.take(table, word);
                assertThat(PageWord.describe(table.word(0)))
                        .as(from)
                        .isEqualTo(PageWord.describe(expected.applyAsLong(word)));
                assertThat(table.word(0)).as(from).isEqualTo(expected.applyAsLong(word));
                if (table.word(0) != word) {
                    assertThat(transitions(word, table.word(0))).as(from).containsExactly(kind);
                }
            } else {
                assertThatThrownBy(() -> step.take(table, word))
                        .as(from)
                        .isInstanceOf(AssertionError.class);
                assertThat(table.word(0)).as(from).isEqualTo(word);
            }
        }
        assertThat(seen.get(true)).as("samples from which the step is legal").isPositive();
    }

    private static long state(long word, int state) {
        return word & ~PageWord.STATE_MASK | state;
    }

    private static long resting(long word, int state) {
        return word & ~(PageWord.STATE_MASK | PageWord.DEVICE_MASK | PageWord.COUNTS_MASK) | state;
    }

    @Test
    void lockForHost_fromEveryWord_takesFreeAbsentAndDevicePages() {
        checkStep(
                PageTransition.LOCK,
                (table, word) ->
                        assertThat(table.tryLock(0, word, PageWord.HOME)).isTrue(),
                word -> isFree(word)
                        && (inState(PageWord.ABSENT, PageWord.DEVICE).test(word)
                                || isBoth(word)), // to give its home up
                word -> state(
                                word,
                                PageWord.state(word) == PageWord.ABSENT
                                        ? PageWord.FILLING_HOST
                                        : PageWord.MOVING_TO_HOST)
                        & ~PageWord.WANTED);
    }

    @Test
    void lockForDevice_fromEveryWord_takesFreeAbsentAndHostPages() {
        checkStep(
                PageTransition.LOCK,
                (table, word) -> assertThat(table.tryLock(0, word, 5)).isTrue(),
                word -> isFree(word) && inState(PageWord.ABSENT, PageWord.HOST).test(word),
                word -> (resting(
                                        word,
                                        PageWord.state(word) == PageWord.HOST
                                                ? PageWord.MOVING_TO_DEVICE
                                                : PageWord.FILLING_DEVICE)
                                | 5L << PageWord.DEVICE_SHIFT)
                        & ~PageWord.WANTED);
    }

    @Test
    void publish_withoutCount_fromEveryWord_restsMovingPages() {
        checkPublish(0, MOVING);
    }

    @Test
    void publish_withPinOrHold_fromEveryWord_countsPagesThatCameHome() {
        checkPublish(
                1L << PageWord.PINS_SHIFT, inState(PageWord.FILLING_HOST, PageWord.MOVING_TO_HOST));
        checkPublish(
                1L << PageWord.HOLDS_SHIFT,
                inState(PageWord.FILLING_HOST, PageWord.MOVING_TO_HOST));
    }

    @Test
    void publish_withAccess_fromEveryWord_countsPagesThatReachedTheDevice() {
        checkPublish(
                1L << PageWord.ACCESSES_SHIFT,
                inState(PageWord.FILLING_DEVICE, PageWord.MOVING_TO_DEVICE));
    }

    private static void checkPublish(long count, LongPredicate legal) {
        checkStep(
                PageTransition.PUBLISH,
                (table, word) -> table.publish(0, count),
                legal,
                word -> inState(PageWord.FILLING_HOST, PageWord.MOVING_TO_HOST).test(word)
                        ? (resting(word, PageWord.HOST) | PageWord.COMMITTED) + count
                        : (resting(word, PageWord.DEVICE) | word & PageWord.DEVICE_MASK) + count);
    }

    @Test
    void publishBoth_fromEveryWord_leavesCopiedBytesInBothPlaces() {
        LongPredicate home = inState(PageWord.FILLING_HOST, PageWord.MOVING_TO_HOST);
        checkPublishBoth(0, word -> home.test(word) || isPublishedOnDevice(word));
        checkPublishBoth(1L << PageWord.PINS_SHIFT, home);
        checkPublishBoth(1L << PageWord.HOLDS_SHIFT, home);
        checkPublishBoth(1L << PageWord.ACCESSES_SHIFT, PageTransitionTest::isPublishedOnDevice);
    }

    /** What is copied to a device was at home. */
    private static boolean isPublishedOnDevice(long word) {
        return PageWord.state(word) == PageWord.FILLING_DEVICE
                || PageWord.state(word) == PageWord.MOVING_TO_DEVICE
                        && PageWord.is(word, PageWord.COMMITTED);
    }

    private static void checkPublishBoth(long count, LongPredicate legal) {
        checkStep(
                PageTransition.PUBLISH,
                (table, word) -> table.publishBoth(0, count),
                legal,
                word -> switch (PageWord.state(word)) {
                    case PageWord.FILLING_HOST ->
                        (resting(word, PageWord.HOST) | PageWord.COMMITTED) + count;
                    case PageWord.FILLING_DEVICE ->
                        (resting(word, PageWord.DEVICE) | word & PageWord.DEVICE_MASK) + count;
                    default ->
                        (resting(word, PageWord.BOTH)
                                        | word & PageWord.DEVICE_MASK
                                        | PageWord.COMMITTED)
                                + count;
                });
    }

    @Test
    void putBack_fromEveryWord_restoresMovingPages() {
        checkStep(
                PageTransition.PUT_BACK,
                (table, word) -> table.putBack(0),
                MOVING,
                word -> switch (PageWord.state(word)) {
                    case PageWord.MOVING_TO_DEVICE -> resting(word, PageWord.HOST);
                    case PageWord.MOVING_TO_HOST ->
                        resting(word, PageWord.DEVICE) | word & PageWord.DEVICE_MASK;
                    default -> resting(word, PageWord.ABSENT);
                });
    }

    @Test
    void discard_fromEveryWord_takesTheHomesOfPagesThatWereOnADevice() {
        checkStep(
                PageTransition.DISCARD,
                (table, word) -> table.discard(0),
                word -> inState(PageWord.MOVING_TO_HOST).test(word)
                        && PageWord.is(word, PageWord.COMMITTED),
                word -> (resting(word, PageWord.DEVICE) | word & PageWord.DEVICE_MASK)
                        & ~PageWord.COMMITTED);
    }

    @Test
    void lose_fromEveryWord_losesDevicePages() {
        LongPredicate onDevice = inState(PageWord.DEVICE, PageWord.MOVING_TO_HOST);
        LongUnaryOperator lost = word -> state(word, PageWord.LOST);
        checkStep(
                PageTransition.LOSE,
                (table, word) -> table.lose(0),
                inState(PageWord.MOVING_TO_HOST),
                lost);
        checkStep(PageTransition.LOSE, (table, word) -> table.tryLose(0, word), onDevice, lost);
    }

    @Test
    void countUp_fromEveryWord_countsWhereTheHolderNeedsThePage() {
        for (int shift : SampleWords.COUNT_SHIFTS) {
            LongPredicate place = shift == PageWord.PINS_SHIFT
                    ? inState(PageWord.HOST, PageWord.BOTH)
                    : shift == PageWord.HOLDS_SHIFT
                            ? inState(PageWord.HOST, PageWord.DEVICE, PageWord.BOTH)
                            : inState(PageWord.DEVICE, PageWord.BOTH);
            checkStep(
                    PageTransition.COUNT_UP,
                    (table, word) ->
                            assertThat(table.tryCount(0, word, reader(shift))).isTrue(),
                    word -> place.test(word)
                            && !PageWord.is(word, PageWord.CLOSED)
                            && PageWord.count(word, shift) < PageWord.COUNT_MAX,
                    word -> word + (1L << shift));
        }
    }

    @Test
    void countDown_fromEveryWord_neverGoesBelowZero() {
        for (int shift : SampleWords.COUNT_SHIFTS) {
            checkStep(
                    PageTransition.COUNT_DOWN,
                    (table, word) ->
                            assertThat(table.tryCountDown(0, word, shift)).isTrue(),
                    word -> PageWord.count(word, shift) > 0
                            && inState(PageWord.HOST, PageWord.DEVICE, PageWord.BOTH, PageWord.LOST)
                                    .test(word),
                    word -> word - (1L << shift));
        }
    }

    private static Verb reader(int shift) {
        return shift == PageWord.PINS_SHIFT
                ? Verb.READ_PIN
                : shift == PageWord.HOLDS_SHIFT ? Verb.READ_HOLD : Verb.READ_ACCESS;
    }

    @Test
    void countOfAWriterOnTheDevice_fromEveryWordInBoth_endsTheHome() {
        for (Verb verb : new Verb[] {Verb.HOLD, Verb.ACCESS, Verb.DRIVER_WRITE}) {
            for (long word : SAMPLES) {
                if (PageWord.state(word) == PageWord.BOTH) {
                    HeapWords words = new HeapWords(3);
                    PageTable table = new PageTable(words, 1);
                    words.release(1, word);
                    boolean legal = PageWord.pins(word) == 0
                            && !PageWord.is(word, PageWord.CLOSED)
                            && PageWord.count(word, verb.shift()) < PageWord.COUNT_MAX;
                    long expected = state(word, PageWord.DEVICE) + verb.one();
                    assertThat(PageTransition.DROP.allows(word, expected)).isEqualTo(legal);
                    if (legal) {
                        assertThat(table.tryCount(0, word, verb)).isTrue();
                        assertThat(table.word(0)).isEqualTo(expected);
                    } else {
                        assertThatThrownBy(() -> table.tryCount(0, word, verb))
                                .isInstanceOf(AssertionError.class);
                    }
                }
            }
        }
    }

    @Test
    void drop_fromEveryWord_leavesAPageThatIsInBothPlacesAtHomeAlone() {
        LongPredicate free = word -> PageWord.state(word) == PageWord.BOTH
                && PageWord.accesses(word) == 0
                && !PageWord.is(word, PageWord.CLOSED);
        for (Verb verb : new Verb[] {Verb.EVICT, Verb.PIN, Verb.HOLD}) {
            checkStep(
                    PageTransition.DROP,
                    (table, word) ->
                            assertThat(table.tryDrop(0, word, verb.one())).isTrue(),
                    word -> free.test(word)
                            && (!verb.counts()
                                    || PageWord.count(word, verb.shift()) < PageWord.COUNT_MAX),
                    word -> (state(word, PageWord.HOST) & ~PageWord.DEVICE_MASK) + verb.one());
        }
    }

    @Test
    void want_fromEveryWord_marksRestingPages() {
        LongPredicate any = word -> true;
        checkStep(
                PageTransition.WANT,
                (table, word) -> table.want(0),
                any,
                word -> PageWord.isMoving(word) ? word : word | PageWord.WANTED);
        checkStep(
                PageTransition.WANT,
                (table, word) -> table.unwant(0),
                any,
                word -> PageWord.isMoving(word) ? word : word & ~PageWord.WANTED);
    }

    @Test
    void closePage_fromEveryWord_closesFreeRestingPages() {
        LongPredicate free = word -> isFree(word) && !PageWord.isMoving(word);
        checkStep(
                PageTransition.CLOSE,
                (table, word) -> assertThat(table.tryClosePage(0, word)).isTrue(),
                free,
                word -> word | PageWord.CLOSED);
        checkStep(
                PageTransition.CLOSE,
                (table, word) -> table.reopenPage(0),
                word -> !PageWord.isCounted(word)
                        && !PageWord.isMoving(word)
                        && PageWord.is(word, PageWord.CLOSED),
                word -> word & ~PageWord.CLOSED);
    }

    @Test
    void step_ofAPageThatChanged_isRefusedAndChangesNothing() {
        HeapWords words = new HeapWords(3);
        PageTable table = new PageTable(words, 1);
        long seen = SampleWords.word(PageWord.HOST, 0, 0, 0, 0, 1);
        long now = SampleWords.word(PageWord.HOST, 1, 0, 0, 0, 1);
        words.release(1, now);

        assertThat(table.tryLock(0, seen, 1)).isFalse();
        assertThat(table.tryCount(0, seen, Verb.PIN)).isFalse();
        assertThat(table.tryClosePage(0, seen)).isFalse();
        assertThat(table.word(0)).isEqualTo(now);
    }
}
