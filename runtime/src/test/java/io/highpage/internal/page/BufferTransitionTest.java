// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

import static io.highpage.internal.page.BufferWord.AWAY_MASK;
import static io.highpage.internal.page.BufferWord.ONE_WHOLE_PIN;
import static io.highpage.internal.page.BufferWord.PAGES_MAX;
import static io.highpage.internal.page.BufferWord.WHOLE_PINS_MAX;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.testkit.HeapWords;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Takes every step of the page table from every kind of buffer word, also from those that must
 * never be.
 */
class BufferTransitionTest {
    private static final long[] PINS = {0, 1, 2, WHOLE_PINS_MAX - 1, WHOLE_PINS_MAX};
    private static final long[] AWAY = {
        0, 1, 2, 3, PAGES_MAX - 1, PAGES_MAX, PAGES_MAX + 1, AWAY_MASK - 1, AWAY_MASK
    };
    private static final long[] STEPS = {1, 2, PAGES_MAX};
    private static final List<Long> SAMPLES = samples();

    private static List<Long> samples() {
        List<Long> words = new ArrayList<>();
        for (long pins : PINS) {
            for (long away : AWAY) {
                words.add(word(pins, away, false));
                words.add(word(pins, away, true));
            }
        }
        return words;
    }

    private static long word(long pins, long away, boolean closed) {
        return (closed ? BufferWord.CLOSED : 0) | pins << BufferWord.WHOLE_PINS_SHIFT | away;
    }

    private static Set<BufferTransition> transitions(long from, long to) {
        Set<BufferTransition> found = EnumSet.noneOf(BufferTransition.class);
        for (BufferTransition transition : BufferTransition.values()) {
            if (transition.allows(from, to)) {
                found.add(transition);
            }
        }
        return found;
    }

    @Test
    void change_betweenAnyTwoWords_isAtMostOneTransitionAndNeverFromOrToABrokenWord() {
        Set<BufferTransition> seen = EnumSet.noneOf(BufferTransition.class);
        for (long from : SAMPLES) {
            for (long to : SAMPLES) {
                String change = BufferWord.describe(from) + " to " + BufferWord.describe(to);
                Set<BufferTransition> allowed = transitions(from, to);
                boolean none = from == to || isBroken(from) || isBroken(to);
                assertThat(allowed).as(change).hasSizeLessThan(none ? 1 : 2);
                seen.addAll(allowed);
            }
        }
        assertThat(seen).containsExactly(BufferTransition.values());
    }

    /** Told independently of {@link BufferWord#state}. */
    private static boolean isBroken(long word) {
        return BufferWord.wholePins(word) > 0
                && (BufferWord.away(word) > 0 || BufferWord.isClosed(word));
    }

    @Test
    void state_ofEveryWord_isExactlyOneThatItsFieldsSay() {
        Map<BufferWord.State, Integer> seen = new EnumMap<>(BufferWord.State.class);
        for (long word : SAMPLES) {
            BufferWord.State state = BufferWord.state(word);
            seen.merge(state, 1, Integer::sum);
            assertThat(state == BufferWord.State.BROKEN)
                    .as(BufferWord.describe(word))
                    .isEqualTo(isBroken(word));
        }
        assertThat(seen).containsOnlyKeys(BufferWord.State.values());
    }

    // ---- what each step of the table does, told independently of the transitions ----

    /** What must come of a step. */
    private enum Outcome {
        DONE,
        REFUSED,
        ERROR
    }

    private interface Step {
        /** {@return whether it was done; a step that cannot be refused returns true} */
        boolean take(PageTable table);
    }

    private interface Expected {
        Outcome of(long pins, long away, boolean closed);
    }

    /**
     * Takes a step from every sample, which either changes the word by {@code delta} as one
     * transition of the kind, or is refused or an error and then leaves the word as it was.
     */
    private static void checkStep(BufferTransition kind, long delta, Step step, Expected expected) {
        Map<Outcome, Integer> seen = new EnumMap<>(Outcome.class);
        for (long word : SAMPLES) {
            HeapWords words = new HeapWords(3);
            PageTable table = new PageTable(words, 1);
            words.release(0, word);
            String from = kind + " by " + delta + " from " + BufferWord.describe(word);
            Outcome outcome = expected.of(
                    BufferWord.wholePins(word), BufferWord.away(word), BufferWord.isClosed(word));
            seen.merge(outcome, 1, Integer::sum);
            switch (outcome) {
                case DONE -> {
                    assertThat(step.take(table)).as(from).isTrue();
                    assertThat(table.bufferWord()).as(from).isEqualTo(word + delta);
                    assertThat(transitions(word, word + delta)).as(from).containsExactly(kind);
                }
                case REFUSED -> assertThat(step.take(table)).as(from).isFalse();
                case ERROR ->
                    assertThatThrownBy(() -> step.take(table))
                            .as(from)
                            .isInstanceOf(AssertionError.class);
            }
            if (outcome != Outcome.DONE) {
                assertThat(table.bufferWord()).as(from).isEqualTo(word);
            }
        }
        assertThat(seen.get(Outcome.DONE)).as("samples from which it is done").isPositive();
    }

    private static boolean always(Runnable step) {
        step.run();
        return true;
    }

    @Test
    void pinWhole_fromEveryWord_pinsWhatIsAtHomeAndOpen() {
        checkStep(
                BufferTransition.PIN_WHOLE,
                ONE_WHOLE_PIN,
                PageTable::tryPinWhole,
                (pins, away, closed) -> away == 0 && !closed && pins < WHOLE_PINS_MAX
                        ? Outcome.DONE
                        : Outcome.REFUSED);
    }

    @Test
    void unpinWhole_fromEveryWord_neverGoesBelowZero() {
        checkStep(
                BufferTransition.UNPIN_WHOLE,
                -ONE_WHOLE_PIN,
                table -> always(table::unpinWhole),
                (pins, away, closed) ->
                        pins > 0 && away == 0 && !closed ? Outcome.DONE : Outcome.ERROR);
    }

    @Test
    void addAway_fromEveryWord_neverUnderAPinAndNeverCarries() {
        for (long pages : STEPS) {
            checkStep(
                    BufferTransition.LEAVE,
                    pages,
                    table -> table.tryAddAway(pages),
                    (pins, away, closed) -> {
                        if (pins > 0 || closed) {
                            return Outcome.REFUSED;
                        }
                        return away + pages <= AWAY_MASK ? Outcome.DONE : Outcome.ERROR;
                    });
        }
    }

    @Test
    void subtractAway_fromEveryWord_neverGoesBelowZero() {
        for (long pages : STEPS) {
            checkStep(
                    BufferTransition.COME_HOME,
                    -pages,
                    table -> always(() -> table.subtractAway(pages)),
                    (pins, away, closed) ->
                            away >= pages && pins == 0 ? Outcome.DONE : Outcome.ERROR);
        }
    }

    @Test
    void close_fromEveryWord_closesWhatIsNotPinnedAsAWhole() {
        checkStep(
                BufferTransition.CLOSE,
                BufferWord.CLOSED,
                PageTable::tryCloseBuffer,
                (pins, away, closed) -> {
                    if (pins > 0) {
                        return Outcome.REFUSED;
                    }
                    return closed ? Outcome.ERROR : Outcome.DONE;
                });
    }

    @Test
    void reopen_fromEveryWord_opensWhatIsClosed() {
        checkStep(
                BufferTransition.REOPEN,
                -BufferWord.CLOSED,
                table -> always(table::reopenBuffer),
                (pins, away, closed) -> closed && pins == 0 ? Outcome.DONE : Outcome.ERROR);
    }

    /** Of no pages and of more than a buffer has: what a caller's wrong arithmetic looks like. */
    @Test
    void addAway_ofNoPagesOrTooMany_isAnError() {
        PageTable table = new PageTable(new HeapWords(3), 1);
        for (long pages : new long[] {0, -1, PAGES_MAX + 1, 1L << 32, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> table.tryAddAway(pages))
                    .as("%d pages", pages)
                    .isInstanceOf(AssertionError.class);
            assertThat(table.bufferWord()).isEqualTo(1);
        }
    }

    /** A release build refuses counts below zero too, as the page words do. */
    @Test
    void countsBelowZero_withoutAssertions_areRefused() {
        PageTable table = new PageTable(new HeapWords(3), 1);
        assertThatThrownBy(table::unpinWhole)
                .isExactlyInstanceOf(AssertionError.class)
                .hasMessage("whole-buffer pins below zero: wholePins=0 away=1");
        assertThatThrownBy(() -> table.subtractAway(2))
                .isExactlyInstanceOf(AssertionError.class)
                .hasMessage("pages away below zero: wholePins=0 away=1 less 2");
        assertThat(table.bufferWord()).isEqualTo(1);
    }
}
