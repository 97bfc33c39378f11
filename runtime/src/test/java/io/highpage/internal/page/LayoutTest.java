// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.highpage.internal.copy.RunList;
import io.highpage.internal.os.NativeLibrary;
import io.highpage.testkit.HeapWords;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;

/**
 * Compares the layouts in Java with those that the C compiler made of
 * {@code native/include/highpage.h}.
 */
class LayoutTest {

    /** Everything of the layout that Java knows, by the names of the header. */
    private static Map<String, Long> javaConstants() {
        Map<String, Long> constants = new TreeMap<>();
        constants.put("TABLE_BUFFER_OFFSET", offsetOf(0));
        constants.put("TABLE_PAGES_OFFSET", offsetOf(1));
        constants.put("PAGE_WORD_BYTES", offsetOf(2) - offsetOf(1));
        constants.put("PAGE_STATE_SHIFT", 0L);
        constants.put("PAGE_STATE_BITS", (long) PageWord.STATE_BITS);
        constants.put("PAGE_PINS_SHIFT", (long) PageWord.PINS_SHIFT);
        constants.put("PAGE_PINS_BITS", (long) PageWord.COUNT_BITS);
        constants.put("PAGE_HOLDS_SHIFT", (long) PageWord.HOLDS_SHIFT);
        constants.put("PAGE_HOLDS_BITS", (long) PageWord.COUNT_BITS);
        constants.put("PAGE_ACCESSES_SHIFT", (long) PageWord.ACCESSES_SHIFT);
        constants.put("PAGE_ACCESSES_BITS", (long) PageWord.COUNT_BITS);
        constants.put("PAGE_DEVICE_SHIFT", (long) PageWord.DEVICE_SHIFT);
        constants.put("PAGE_DEVICE_BITS", (long) PageWord.DEVICE_BITS);
        constants.put(
                "PAGE_COMMITTED_SHIFT", (long) Long.numberOfTrailingZeros(PageWord.COMMITTED));
        constants.put("PAGE_WANTED_SHIFT", (long) Long.numberOfTrailingZeros(PageWord.WANTED));
        constants.put("PAGE_CLOSED_SHIFT", (long) Long.numberOfTrailingZeros(PageWord.CLOSED));
        constants.put("PAGE_ZERO_SHIFT", (long) Long.numberOfTrailingZeros(PageWord.SPARE_MASK));
        constants.put("PAGE_ZERO_BITS", (long) Long.bitCount(PageWord.SPARE_MASK));
        for (int state = 0; state < PageWord.STATES; state++) {
            constants.put("STATE_" + PageWord.stateName(state), (long) state);
        }
        constants.put("BUFFER_AWAY_SHIFT", (long) Long.numberOfTrailingZeros(BufferWord.AWAY_MASK));
        constants.put("BUFFER_AWAY_BITS", (long) Long.bitCount(BufferWord.AWAY_MASK));
        constants.put("BUFFER_PINS_SHIFT", (long) BufferWord.WHOLE_PINS_SHIFT);
        constants.put("BUFFER_PINS_BITS", (long) Long.bitCount(BufferWord.WHOLE_PINS_MAX));
        constants.put("BUFFER_CLOSED_SHIFT", (long) Long.numberOfTrailingZeros(BufferWord.CLOSED));
        constants.put("RUN_OFFSET_OFFSET", runField(7, 1));
        constants.put("RUN_BYTES_OFFSET", runField(1, 7));
        constants.put("RUN_SIZE", RunList.RUN_BYTES);
        constants.put("RESULT_OK", 0L);
        return constants;
    }

    /** Where {@link OffHeapWords} puts a word, found by writing it. */
    private static long offsetOf(long index) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment table = arena.allocate(OffHeapWords.byteSize(4), 8);
            new OffHeapWords(table).release(index, -1);
            return table.mismatch(arena.allocate(table.byteSize()));
        }
    }

    /** Where {@link RunList} puts the field that is 7, found by adding a run. */
    private static long runField(long offset, long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            RunList runs = new RunList(arena.allocate(2 * RunList.RUN_BYTES, 8));
            runs.add(offset, bytes);
            return runs.segment().get(JAVA_LONG, 0) == 7 ? 0 : 8;
        }
    }

    @Test
    void javaConstants_comparedWithTheNativeLibrary_areEqual() {
        assumeTrue(
                NativeLibrary.lookup().isPresent(),
                "the layout was NOT compared with C: the native library is "
                        + NativeLibrary.status());

        Map<String, Long> compared = nativeConstants();
        compared.keySet()
                .removeIf(name ->
                        name.startsWith("PATH_") || name.matches("RESULT_(INVALID|UNSUPPORTED)"));
        assertThat(compared).isEqualTo(javaConstants());
    }

    @SuppressWarnings("restricted")
    private static Map<String, Long> nativeConstants() {
        Map<String, Long> constants = new TreeMap<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(JAVA_LONG);
            MemorySegment table = (MemorySegment) NativeLibrary.link(
                            NativeLibrary.lookup().orElseThrow(),
                            "hp_constants",
                            FunctionDescriptor.of(ADDRESS, ADDRESS))
                    .invoke(count);
            long entries = count.get(JAVA_LONG, 0);
            table = table.reinterpret(entries * 16);
            for (long at = 0; at < table.byteSize(); at += 16) {
                String name = table.get(ADDRESS, at).reinterpret(Long.MAX_VALUE).getString(0);
                constants.put(name, table.get(JAVA_LONG, at + 8));
            }
        } catch (Throwable failure) {
            throw new AssertionError(failure);
        }
        return constants;
    }

    @Test
    void fields_ofThePageWord_doNotOverlapAndLeaveSixBits() {
        long all = PageWord.STATE_MASK
                | PageWord.COUNTS_MASK
                | PageWord.DEVICE_MASK
                | PageWord.COMMITTED
                | PageWord.WANTED
                | PageWord.CLOSED;
        assertThat(Long.bitCount(all)).isEqualTo(58);
        assertThat(all).isEqualTo((1L << 58) - 1);
        assertThat(Long.bitCount(PageWord.STATE_MASK)
                        + Long.bitCount(PageWord.COUNTS_MASK)
                        + Long.bitCount(PageWord.DEVICE_MASK)
                        + 3)
                .isEqualTo(58);
    }

    @Test
    void words_onAndOffTheHeap_behaveAlike() {
        try (Arena arena = Arena.ofConfined()) {
            OffHeapWords off = new OffHeapWords(arena.allocate(OffHeapWords.byteSize(3), 8));
            HeapWords on = new HeapWords(4);
            for (Words words : new Words[] {off, on}) {
                words.release(3, 5);
                assertThat(words.compareAndSet(3, 6, 9)).isFalse();
                assertThat(words.compareAndSet(3, 5, 9)).isTrue();
            }
            for (int index = 0; index < 4; index++) {
                assertThat(off.acquire(index)).as("word %d", index).isEqualTo(on.acquire(index));
            }
        }
    }
}
