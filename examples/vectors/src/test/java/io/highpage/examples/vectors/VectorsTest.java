// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.junit.HighpageLeakCheck;
import io.highpage.outcome.OutOfPageMemoryException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

@ExtendWith(HighpageLeakCheck.class)
class VectorsTest {
    private static final long SEED = 20261126;
    private static final int DIMENSIONS = 32;
    private static final int K = 5;
    private static final long SPAN_BYTES = 2L << 20;
    private static final int SPAN_ROWS = (int) (SPAN_BYTES / 4 / DIMENSIONS);
    private static final float[][] ROWS = Data.rows(SEED, 3 * SPAN_ROWS + 700, DIMENSIONS);
    private static final float[][] BATCH = Data.rows(SEED + 1, 3, DIMENSIONS);

    /** Every kind of memory. */
    enum Kind {
        HOST,
        HOST_PRIVATE,
        OPENCL,
        OPENCL_PRIVATE,
        OPENCL_BUFFER;

        Machine open() {
            return switch (this) {
                case HOST -> HostMachine.coherent();
                case HOST_PRIVATE -> HostMachine.privateMemory();
                default -> {
                    assumeTrue(OpenClMachine.isThere(), "there is no OpenCL device");
                    try {
                        yield OpenClMachine.open(name().toLowerCase(Locale.ROOT).replace('_', '-'));
                    } catch (IllegalArgumentException without) {
                        yield abort(without.getMessage());
                    }
                }
            };
        }
    }

    /** A machine, and a runtime that may take a number of bytes of it. */
    private record Setting(Machine machine, Highpage highpage, Vectors vectors)
            implements AutoCloseable {
        static Setting open(Kind kind, long deviceMemory) {
            Machine machine = kind.open();
            Highpage highpage = Highpage.builder()
                    .device(machine.memory())
                    .deviceMemory(deviceMemory)
                    .open();
            return new Setting(
                    machine,
                    highpage,
                    new Vectors(highpage, DIMENSIONS, 2 * SPAN_BYTES, SPAN_BYTES));
        }

        Search search() {
            return new Search(highpage, machine, vectors, K, BATCH.length);
        }

        @Override
        public void close() {
            vectors.close();
            highpage.close();
            machine.close();
        }
    }

    private static void append(Vectors vectors, float[][] rows) {
        try (Vectors.Writer writer = vectors.writer()) {
            Arrays.stream(rows).forEach(writer::append);
        }
    }

    @ParameterizedTest
    @EnumSource
    void answers_whileAThreadAppends_areThoseOfPlainJavaOverAPrefix(Kind kind) throws Exception {
        List<Search.Answer> answers = new ArrayList<>();
        try (Setting setting = Setting.open(kind, Long.MAX_VALUE);
                ExecutorService threads = Executors.newCachedThreadPool()) {
            Future<?> writer = threads.submit(() -> append(setting.vectors(), ROWS));
            List<Future<List<Search.Answer>>> readers = List.of(
                    threads.submit(() -> searches(setting, writer)),
                    threads.submit(() -> searches(setting, writer)));
            for (Future<List<Search.Answer>> reader : readers) {
                answers.addAll(reader.get());
            }
            writer.get();
            assertThat(setting.highpage().holders()).isEmpty();
        }
        assertThat(answers.getLast().rows()).isEqualTo(ROWS.length);
        // Some of them: a slow machine has few, a quick one more than plain Java can follow.
        for (int at = answers.size() - 1; at >= 0; at -= Math.max(1, answers.size() / 6)) {
            assertRight(answers.get(at));
        }
    }

    private static List<Search.Answer> searches(Setting setting, Future<?> writer)
            throws InterruptedException {
        List<Search.Answer> answers = new ArrayList<>();
        try (Search search = setting.search()) {
            boolean last;
            do {
                last = writer.isDone();
                answers.add(search.nearest(setting.vectors(), BATCH));
            } while (!last);
        }
        for (int next = 1; next < answers.size(); next++) {
            assertThat(answers.get(next).rows())
                    .isGreaterThanOrEqualTo(answers.get(next - 1).rows());
        }
        return answers;
    }

    private static void assertRight(Search.Answer answer) {
        assertThat(answer.hits())
                .as(answer.rows() + " rows, seed " + SEED)
                .isEqualTo(Data.nearest(ROWS, (int) answer.rows(), BATCH, K));
    }

    @ParameterizedTest
    @EnumSource
    void answers_ofMoreThanTheDeviceHas_areRight(Kind kind) throws Exception {
        // Room for one span of rows, and for the queries and results of one search.
        try (Setting setting = Setting.open(kind, SPAN_BYTES + (1L << 20));
                Search search = setting.search()) {
            append(setting.vectors(), ROWS);
            assertRight(search.nearest(setting.vectors(), BATCH));
            assertRight(search.nearest(setting.vectors(), BATCH));
            assertThat(setting.highpage().device().traffic().spansEvicted()).isPositive();
            assertThat(setting.highpage().device().traffic().bytesOut())
                    .as("what was only read leaves without a copy; results come home")
                    .isLessThan(SPAN_BYTES);
        }
    }

    @ParameterizedTest
    @EnumSource
    void search_withoutRoomInTheMiddle_keepsNothingAndIsRightLater(Kind kind) throws Exception {
        try (Setting setting = Setting.open(kind, Long.MAX_VALUE);
                Search search = setting.search()) {
            append(setting.vectors(), ROWS);
            assertRight(search.nearest(setting.vectors(), BATCH));
            Highpage highpage = setting.highpage();
            highpage.buffers().forEach(PageBuffer::evict);
            // Less than a span: the queries get in, the rows do not.
            highpage.budget().deviceMemory(highpage.device(), SPAN_BYTES);
            assertThatThrownBy(() -> search.nearest(setting.vectors(), BATCH))
                    .isInstanceOf(OutOfPageMemoryException.class)
                    .hasMessageContaining(String.valueOf(SPAN_BYTES));
            assertThat(highpage.holders()).isEmpty();
            highpage.budget().deviceMemory(highpage.device(), 2 * SPAN_BYTES);
            assertRight(search.nearest(setting.vectors(), BATCH));
        }
    }

    @ParameterizedTest
    @EnumSource
    void search_interruptedInTheMiddle_keepsNothingAndIsRightLater(Kind kind) throws Exception {
        try (Setting setting = Setting.open(kind, Long.MAX_VALUE);
                Search search = setting.search()) {
            append(setting.vectors(), ROWS);
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> search.nearest(setting.vectors(), BATCH))
                    .isInstanceOf(InterruptedException.class);
            assertThat(setting.highpage().holders()).isEmpty();
            assertRight(search.nearest(setting.vectors(), BATCH));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRow_isFoundAsSoonAsItIsAppended_andNotBefore(Kind kind) throws Exception {
        try (Setting setting = Setting.open(kind, Long.MAX_VALUE);
                Search search = setting.search();
                Vectors.Writer writer = setting.vectors().writer()) {
            int some = 2 * Vectors.BLOCK_ROWS + 3; // the ends of two blocks, and a part of one
            for (int row = 0; row < some; row++) {
                float[][] asked = {ROWS[row]};
                assertThat(search.nearest(setting.vectors(), asked).hits().getFirst())
                        .noneMatch(hit -> hit.distance() == 0);
                writer.append(ROWS[row]);
                assertThat(search.nearest(setting.vectors(), asked).hits().getFirst())
                        .startsWith(new Hit(0, row));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void rowsOfTheSameDistance_areOrderedByNumber(Kind kind) throws Exception {
        try (Setting setting = Setting.open(kind, Long.MAX_VALUE);
                Search search = setting.search()) {
            float[][] same = new float[3 * Vectors.BLOCK_ROWS][];
            Arrays.fill(same, ROWS[0]);
            append(setting.vectors(), same);
            assertThat(search.nearest(setting.vectors(), BATCH).hits().getFirst())
                    .extracting(Hit::row)
                    .containsExactly(0L, 1L, 2L, 3L, 4L);
        }
    }

    @Test
    void search_ofNothing_findsNothing() throws Exception {
        try (Setting setting = Setting.open(Kind.HOST, Long.MAX_VALUE);
                Search search = setting.search()) {
            Search.Answer answer = search.nearest(setting.vectors(), BATCH);
            assertThat(answer.rows()).isZero();
            assertThat(answer.hits()).allMatch(List::isEmpty);
        }
    }

    @Test
    void anotherWriter_goesOnInTheSameBlock_andTheFirstOneIsTheOnlyOne() throws Exception {
        try (Setting setting = Setting.open(Kind.HOST_PRIVATE, Long.MAX_VALUE);
                Search search = setting.search()) {
            for (int row = 0; row < 2 * Vectors.BLOCK_ROWS + 9; row++) {
                try (Vectors.Writer writer = setting.vectors().writer()) {
                    assertThat(writer.append(ROWS[row])).isEqualTo(row);
                    assertThatThrownBy(() -> setting.vectors().writer())
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("writer");
                }
            }
            Search.Answer answer = search.nearest(setting.vectors(), BATCH);
            assertThat(answer.rows()).isEqualTo(2 * Vectors.BLOCK_ROWS + 9);
            assertRight(answer);
        }
    }
}
