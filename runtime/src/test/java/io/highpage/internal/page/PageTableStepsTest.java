// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.outcome.Residency;
import io.highpage.testkit.HeapWords;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What {@link PageTransitionTest} does not ask: each step changes its own page, and only if its
 * word is what it was.
 */
class PageTableStepsTest {
    private static final long FREE_HOME = PageWord.HOST | PageWord.COMMITTED;
    private static final long ON_DEVICE_5 = PageWord.with(PageWord.COMMITTED, PageWord.DEVICE, 5);
    private static final long PINNED = FREE_HOME | 1L << PageWord.PINS_SHIFT;
    private static final long OTHER = PageWord.ABSENT | PageWord.WANTED;
    private static final int PAGE = 1;

    private interface Step {
        boolean take(PageTable table, long word);
    }

    /**
     * A step that is legal from a word.
     *
     * @param name what to call it
     * @param from the word
     * @param step the step
     */
    private record Row(String name, long from, Step step) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Row> tries() {
        return List.of(
                new Row(
                        "tryLock home",
                        ON_DEVICE_5,
                        (table, word) -> table.tryLock(PAGE, word, PageWord.HOME)),
                new Row(
                        "tryMappedLock home",
                        ON_DEVICE_5,
                        (table, word) -> table.tryMappedLock(PAGE, word, PageWord.HOME)),
                new Row(
                        "tryLock to a device",
                        FREE_HOME,
                        (table, word) -> table.tryLock(PAGE, word, 5)),
                new Row(
                        "tryMappedLock to a device",
                        FREE_HOME,
                        (table, word) -> table.tryMappedLock(PAGE, word, 5)),
                new Row(
                        "tryCount",
                        FREE_HOME,
                        (table, word) -> table.tryCount(PAGE, word, Verb.PIN)),
                new Row(
                        "tryMappedCount",
                        FREE_HOME,
                        (table, word) -> table.tryMappedCount(PAGE, word, Verb.PIN)),
                new Row(
                        "tryCountDown",
                        PINNED,
                        (table, word) -> table.tryCountDown(PAGE, word, PageWord.PINS_SHIFT)),
                new Row("tryLose", ON_DEVICE_5, (table, word) -> table.tryLose(PAGE, word)),
                new Row(
                        "tryClosePage",
                        FREE_HOME,
                        (table, word) -> table.tryClosePage(PAGE, word)));
    }

    static Stream<Row> steps() {
        Step publish = (table, word) -> {
            table.publish(PAGE, 0);
            return true;
        };
        Step putBack = (table, word) -> {
            table.putBack(PAGE);
            return true;
        };
        Step unwant = (table, word) -> {
            table.unwant(PAGE);
            return true;
        };
        return Stream.concat(
                tries().stream(),
                Stream.of(
                        new Row("publish", PageWord.with(0, PageWord.FILLING_DEVICE, 5), publish),
                        new Row("putBack", PageWord.with(0, PageWord.FILLING_DEVICE, 5), putBack),
                        new Row("unwant", FREE_HOME | PageWord.WANTED, unwant)));
    }

    @ParameterizedTest
    @MethodSource("tries")
    void step_fromAWordThatHasChanged_saysNoAndChangesNothing(Row row) {
        forEachTable(table -> {
            table.words().release(1 + PAGE, OTHER);
            assertThat(row.step().take(table.table(), row.from())).isFalse();
            assertThat(table.table().word(PAGE)).isEqualTo(OTHER);
        });
    }

    @ParameterizedTest
    @MethodSource("steps")
    void step_ofOnePage_changesThatPageOnly(Row row) {
        forEachTable(table -> {
            table.words().release(1 + PAGE, row.from());
            assertThat(row.step().take(table.table(), row.from())).isTrue();
            assertThat(table.table().word(PAGE)).isNotEqualTo(row.from());
            assertThat(table.table().mappedWord(PAGE)).isEqualTo(table.table().word(PAGE));
            assertThat(IntStream.of(0, 1, 3).mapToLong(index -> table.words().acquire(index)))
                    .as("the buffer word, and the pages around")
                    .containsExactly(3L, 0L, 0L);
        });
    }

    private record Both(Words words, PageTable table) {}

    private interface Use {
        void with(Both table);
    }

    /** On the heap, as tools explore it, and off the heap, as it is used. */
    private static void forEachTable(Use use) {
        HeapWords heap = new HeapWords((int) PageTable.wordCount(3));
        use.with(new Both(heap, new PageTable(heap, 3)));
        try (Arena arena = Arena.ofConfined()) {
            OffHeapWords words =
                    new OffHeapWords(arena.allocate(OffHeapWords.byteSize(3), Long.BYTES));
            use.with(new Both(words, new PageTable(words, 3)));
        }
    }

    /** Its words say nothing of the close: only the region does. */
    @Test
    void absentPage_ofARegionThatIsClosed_isNotLocked() {
        forEachTable(both -> {
            PageTable table = both.table();
            assertThat(table.closeUntouched(0)).isEqualTo(table.pageCount());
            assertThat(table.tryLock(PAGE, 0, PageWord.HOME)).isFalse();
            assertThat(table.tryLock(PAGE, 0, 5)).isFalse();
            assertThat(table.reopenUntouched(0)).isEqualTo(table.pageCount());
            assertThat(table.tryLock(PAGE, 0, PageWord.HOME)).isTrue();
            assertThat(table.closeUntouched(0)).as("touched").isZero();
        });
    }

    @Test
    void regions_haveWordsOfTheirOwn_behindThoseOfPages() {
        long region = 1L << PageTable.REGION_SHIFT;
        HeapWords words = new HeapWords((int) PageTable.wordCount(2 * region + 1));
        PageTable table = new PageTable(words, 2 * region + 1);
        assertThat(table.closeUntouched(region + 1)).as("in the middle").isEqualTo(region + 1);
        assertThat(table.closeUntouched(region)).isEqualTo(2 * region);
        assertThat(table.closeUntouched(2 * region)).as("the rest").isEqualTo(2 * region + 1);
        for (long page = 0; page < table.pageCount(); page++) {
            assertThat(table.word(page)).as("page %s", page).isZero();
        }
        assertThat(table.tryLock(region, 0, PageWord.HOME)).isFalse();
        assertThat(table.tryLock(region - 1, 0, PageWord.HOME))
                .as("of the first")
                .isTrue();
    }

    @Test
    void change_ofTheDeviceOnTheWay_isNoTransition() {
        long filling = PageWord.with(0, PageWord.FILLING_DEVICE, 5);
        long moving = PageWord.with(PageWord.COMMITTED, PageWord.MOVING_TO_HOST, 5);
        assertThat(PageTransition.PUBLISH.allows(filling, PageWord.with(0, PageWord.DEVICE, 6)))
                .isFalse();
        assertThat(PageTransition.LOCK.allows(
                        ON_DEVICE_5, PageWord.with(PageWord.COMMITTED, PageWord.MOVING_TO_HOST, 6)))
                .isFalse();
        assertThat(PageTransition.PUT_BACK.allows(
                        moving, PageWord.with(PageWord.COMMITTED, PageWord.DEVICE, 6)))
                .isFalse();
    }

    @Test
    void word_inParts_isWhatItWasMadeOf() {
        long word = PageWord.with(PageWord.COMMITTED, PageWord.DEVICE, 63)
                | 3L << PageWord.PINS_SHIFT
                | 5L << PageWord.HOLDS_SHIFT
                | 7L << PageWord.ACCESSES_SHIFT;
        assertThat(PageWord.pins(word)).isEqualTo(3);
        assertThat(PageWord.holds(word)).isEqualTo(5);
        assertThat(PageWord.accesses(word)).isEqualTo(7);
        assertThat(PageWord.device(word)).isEqualTo(63);
        assertThat(PageWord.residency(word)).isEqualTo(Residency.DEVICE);
        assertThat(PageWord.residency(PageWord.MOVING_TO_HOST)).isEqualTo(Residency.MOVING);
        assertThat(PageWord.describe(word))
                .isEqualTo("state=DEVICE pins=3 holds=5 accesses=7 device=63 COMMITTED");
        assertThat(PageWord.describe(PageWord.WANTED | PageWord.CLOSED))
                .endsWith(" device=0 WANTED CLOSED");
        assertThat(PageWord.stateName(PageWord.STATES)).isEqualTo("UNKNOWN_" + PageWord.STATES);
    }

    @Test
    void illegalStep_isRefusedWithTheWords() {
        PageTable table = new PageTable(new HeapWords(2), 1);
        assertThat(catchAssertion(() -> table.tryCount(0, 0, Verb.PIN)))
                .contains("COUNT_UP", "page=0", "state=ABSENT");
        assertThat(catchAssertion(() -> table.subtractAway(2))).contains("away");
    }

    private static String catchAssertion(Runnable step) {
        try {
            step.run();
        } catch (AssertionError expected) {
            return expected.getMessage();
        }
        throw new IllegalStateException("nothing was refused");
    }
}
