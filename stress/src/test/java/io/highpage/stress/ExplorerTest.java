// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.internal.page.BufferWord;
import io.highpage.internal.page.OffHeapWords;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.internal.page.Words;
import io.highpage.testkit.HeapWords;

import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Random;

/**
 * Explores interleavings of the protocol on its on-heap twin with Lincheck: random scenarios, of
 * which each is run in many orders of single accesses, and each answer must be one that
 * {@link SequentialBuffer} can give. The canaries tell what the tool sees, on this JDK, so that a
 * version that sees nothing does not pass.
 */
class ExplorerTest {
    private static final int SCENARIOS = Integer.getInteger("highpage.explore.scenarios", 25);
    private static final int ORDERS = Integer.getInteger("highpage.explore.orders", 1000);

    /** How long each of the two random tests goes on with fresh scenarios: an eighth of a soak. */
    private static final long SOAK_NANOS =
            Long.getLong("highpage.soak.seconds", 0) * 1_000_000_000L / 8;

    private static final Integer SEED = Integer.getInteger("highpage.explore.seed");

    /** Scenarios of one seed. */
    private static final int BATCH = 5;

    /** Two short programs have fewer orders. */
    private static final int MEETING_ORDERS = ORDERS / 4;

    private static ModelCheckingOptions options(int threads, int operations, int before) {
        return new ModelCheckingOptions()
                .iterations(SCENARIOS)
                .invocationsPerIteration(ORDERS)
                .threads(threads)
                .actorsPerThread(operations)
                .actorsBefore(before)
                .actorsAfter(2);
    }

    private static ModelCheckingOptions meetings(List<ExecutionScenario> scenarios) {
        ModelCheckingOptions options = new ModelCheckingOptions()
                .iterations(0)
                .invocationsPerIteration(MEETING_ORDERS)
                .minimizeFailedScenario(false)
                .sequentialSpecification(SequentialBuffer.class);
        scenarios.forEach(options::addCustomScenario);
        return options;
    }

    @Test
    void everyPair_isLinearizable() {
        meetings(Meetings.all()).check(ExploredBuffer.class);
    }

    @Test
    @Tag("soak")
    void twoThreads_areLinearizable() {
        explore("two threads", options(2, 3, 4));
    }

    @Test
    @Tag("soak")
    void threeThreads_areLinearizable() {
        explore("three threads", options(3, 2, 3));
    }

    /**
     * Checks the same scenarios each time, those of one seed, or fresh ones for as long as a soak
     * gives it.
     */
    private static void explore(String name, ModelCheckingOptions options) {
        options.sequentialSpecification(SequentialBuffer.class);
        if (SEED != null) {
            checkSeed(name, options, SEED);
        } else if (SOAK_NANOS == 0) {
            options.check(ExploredBuffer.class);
        } else {
            long start = System.nanoTime();
            int seed = new Random().nextInt(FreshScenarios.SEEDS);
            int seeds = 0;
            for (; System.nanoTime() - start < SOAK_NANOS; seeds++) {
                seed = (seed + 1) % FreshScenarios.SEEDS;
                checkSeed(name, options, seed);
            }
            System.out.printf(
                    "explored: %s: done, %,d scenarios in %,d orders each, last seed %d, %d s%n",
                    name,
                    seeds * BATCH,
                    ORDERS,
                    seed,
                    (System.nanoTime() - start) / 1_000_000_000L);
        }
    }

    private static void checkSeed(String name, ModelCheckingOptions options, int seed) {
        FreshScenarios.seed(seed);
        try {
            options.iterations(BATCH)
                    .executionGenerator(FreshScenarios.class)
                    .check(ExploredBuffer.class);
        } catch (LincheckAssertionError failure) {
            throw new AssertionError(
                    name + " failed with seed " + seed + "; again: -Dhighpage.explore.seed=" + seed,
                    failure);
        }
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                CheckThenAct.class,
                LeaveThenAnnounce.class,
                AnnounceThenCome.class,
                PublishThenCopy.class,
                PublishThenCount.class,
                LookThenClose.class
            })
    void weakened_isFound(Class<?> twin) {
        assertFound(twin, Meetings.all());
    }

    @Test
    void weakenedInBoth_isFound() {
        assertFound(PinOverAReader.class, Meetings.inBoth());
    }

    private static void assertFound(Class<?> twin, List<ExecutionScenario> meetings) {
        assertThatThrownBy(() -> meetings(meetings).check(twin))
                .isInstanceOf(LincheckAssertionError.class)
                .hasMessageContaining("Invalid execution results");
    }

    /** Every compare-and-set is a comparison and then a store. */
    public static final class CheckThenAct extends ExploredBuffer {
        public CheckThenAct() {
            super(new CheckThenActHeapWords((int) PageTable.wordCount(PAGES)));
        }
    }

    /** A page that leaves is counted as away afterwards. */
    public static final class LeaveThenAnnounce extends ExploredBuffer {
        @Override
        Boolean tryMoveOut(int page, long word, long count) {
            if (PageWord.state(word) == PageWord.ABSENT) {
                return super.tryMoveOut(page, word, count);
            }
            if (BufferWord.wholePins(table.bufferWord()) > 0) {
                return false;
            }
            if (!table.tryLock(page, word, DEVICE_ID)) {
                return null;
            }
            device[page] = home[page];
            table.publish(page, count);
            Unchecked.add(words, 0, 1);
            return true;
        }
    }

    /** A page that comes home is taken off the pages away first. */
    public static final class AnnounceThenCome extends ExploredBuffer {
        @Override
        boolean tryMoveHome(int page, long word, long count) {
            if (!table.tryLock(page, word, PageWord.HOME)) {
                return false;
            }
            table.subtractAway(1);
            if (PageWord.state(word) == PageWord.DEVICE) {
                home[page] = device[page];
            }
            table.publish(page, count);
            return true;
        }
    }

    /** A page is at home before its bytes are. */
    public static final class PublishThenCopy extends ExploredBuffer {
        @Override
        boolean tryMoveHome(int page, long word, long count) {
            if (!table.tryLock(page, word, PageWord.HOME)) {
                return false;
            }
            table.publish(page, count);
            if (PageWord.state(word) == PageWord.DEVICE) {
                home[page] = device[page];
            }
            table.subtractAway(1);
            return true;
        }
    }

    /** A page is free to move between its arrival and the first count. */
    public static final class PublishThenCount extends ExploredBuffer {
        @Override
        boolean tryMoveHome(int page, long word, long count) {
            if (!super.tryMoveHome(page, word, 0)) {
                return false;
            }
            if (count != 0) {
                long now = table.word(page);
                boolean pins = count == Verb.PIN.one();
                boolean ignored = table.tryCount(page, now, pins ? Verb.PIN : Verb.HOLD);
            }
            return true;
        }
    }

    /** A writing pin drops the device's copy under whoever reads there. */
    public static final class PinOverAReader extends ExploredBuffer {
        @Override
        boolean isUsedOnDevice(long word) {
            return false;
        }
    }

    /** Close looks at a page, and closes it whatever it has become. */
    public static final class LookThenClose extends ExploredBuffer {
        @Override
        boolean tryClosePage(int page) {
            while (PageWord.isMoving(table.word(page))) {
                Thread.onSpinWait();
            }
            if (PageWord.isCounted(table.word(page))) {
                return false;
            }
            words.release(1 + page, table.word(page) | PageWord.CLOSED);
            return true;
        }
    }

    @Test
    void canaryOnHeap_isFound() {
        assertThatThrownBy(() ->
                        options(2, 1, 0).minimizeFailedScenario(false).check(OnHeapCounter.class))
                .isInstanceOf(LincheckAssertionError.class)
                .hasMessageContaining("Invalid execution results");
    }

    /**
     * Why the twin is on the heap. Should this fail, Lincheck has learnt to see native memory:
     * explore the real words then.
     */
    @Test
    void canaryOffHeap_isNotSeen() {
        assertThatCode(() -> options(2, 1, 0).check(OffHeapCounter.class))
                .doesNotThrowAnyException();
    }

    /** Counts with a read and a write: two threads can get the same number. */
    private abstract static class RacyCounter {
        private final Words words;

        RacyCounter(Words words) {
            this.words = words;
        }

        long next() {
            long next = words.acquire(0) + 1;
            words.release(0, next);
            return next;
        }
    }

    public static final class OnHeapCounter extends RacyCounter {
        public OnHeapCounter() {
            super(new HeapWords(1));
        }

        @Override
        @Operation
        public long next() {
            return super.next();
        }
    }

    public static final class OffHeapCounter extends RacyCounter {
        public OffHeapCounter() {
            super(new OffHeapWords(Arena.ofAuto().allocate(OffHeapWords.byteSize(0), Long.BYTES)));
        }

        @Override
        @Operation
        public long next() {
            return super.next();
        }
    }
}
