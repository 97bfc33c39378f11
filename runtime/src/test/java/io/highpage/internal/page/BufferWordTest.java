// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.testkit.HeapWords;

import org.junit.jupiter.api.Test;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;

class BufferWordTest {
    private final HeapWords words = new HeapWords(6);
    private final PageTable table = new PageTable(words, 4);

    @Test
    void newTable_allPagesAreAway() {
        assertThat(BufferWord.away(table.bufferWord())).isEqualTo(4);
        assertThat(BufferWord.wholePins(table.bufferWord())).isZero();
        assertThat(BufferWord.isClosed(table.bufferWord())).isFalse();
    }

    @Test
    void wholePin_whilePagesAreAway_isRefused() {
        assertThat(table.tryPinWhole()).isFalse();
        table.subtractAway(3);
        assertThat(table.tryPinWhole()).isFalse();
        table.subtractAway(1);
        assertThat(table.tryPinWhole()).isTrue();
        assertThat(BufferWord.wholePins(table.bufferWord())).isEqualTo(1);
    }

    @Test
    void addAway_whileWholePinned_isRefusedUntilTheLastPinGoes() {
        table.subtractAway(4);
        assertThat(table.tryPinWhole()).isTrue();
        assertThat(table.tryPinWhole()).isTrue();
        assertThat(table.tryAddAway(1)).isFalse();
        table.unpinWhole();
        assertThat(table.tryAddAway(1)).isFalse();
        table.unpinWhole();
        assertThat(table.tryAddAway(2)).isTrue();
        assertThat(table.bufferWord()).isEqualTo(2);
    }

    @Test
    void closedBuffer_refusesPinsAndLeavingPages() {
        table.subtractAway(4);
        assertThat(table.tryCloseBuffer()).isTrue();
        assertThat(table.tryPinWhole()).isFalse();
        assertThat(table.tryAddAway(1)).isFalse();
        table.reopenBuffer();
        assertThat(table.tryPinWhole()).isTrue();
        assertThat(table.tryCloseBuffer()).isFalse();
        assertThat(BufferWord.isClosed(table.bufferWord())).isFalse();
    }

    @Test
    void wholePins_full_refuseTheNextAndStayCorrect() {
        words.release(0, BufferWord.WHOLE_PINS_MAX << BufferWord.WHOLE_PINS_SHIFT);
        assertThat(table.tryPinWhole()).isFalse();
        assertThat(BufferWord.wholePins(table.bufferWord())).isEqualTo(BufferWord.WHOLE_PINS_MAX);
        assertThat(BufferWord.isClosed(table.bufferWord())).isFalse();
        table.unpinWhole();
        assertThat(table.tryPinWhole()).isTrue();
    }

    @Test
    void halves_atTheirLimits_doNotCarry() {
        words.release(0, 0);
        assertThat(table.tryAddAway(BufferWord.PAGES_MAX)).isTrue();
        assertThat(BufferWord.away(table.bufferWord())).isEqualTo(BufferWord.PAGES_MAX);
        assertThat(BufferWord.wholePins(table.bufferWord())).isZero();
        table.subtractAway(BufferWord.PAGES_MAX);
        assertThat(table.bufferWord()).isZero();
    }

    /** The word's promise under contention: never pinned as a whole while a page is away. */
    @Test
    void wholePinAndAddAway_byTwoThreads_neverBothSucceed() throws Exception {
        table.subtractAway(4);
        int enough = 20_000;
        AtomicInteger both = new AtomicInteger();
        AtomicInteger pinned = new AtomicInteger();
        AtomicInteger left = new AtomicInteger();
        CyclicBarrier start = new CyclicBarrier(2);
        Thread mover = Thread.ofPlatform().start(() -> {
            await(start);
            while (left.get() < enough || pinned.get() < enough) {
                if (table.tryAddAway(1)) {
                    left.incrementAndGet();
                    both.addAndGet((int) BufferWord.wholePins(table.bufferWord()));
                    table.subtractAway(1);
                }
            }
        });
        await(start);
        while (left.get() < enough || pinned.get() < enough) {
            if (table.tryPinWhole()) {
                pinned.incrementAndGet();
                both.addAndGet((int) BufferWord.away(table.bufferWord()));
                table.unpinWhole();
            }
        }
        mover.join();

        assertThat(both).hasValue(0);
        assertThat(table.bufferWord()).isZero();
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception broken) {
            throw new AssertionError(broken);
        }
    }
}
