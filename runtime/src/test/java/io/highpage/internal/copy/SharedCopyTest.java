// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.internal.work.SharedWork;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

class SharedCopyTest {
    private static final long PAGE = 4096;
    private static final long PART_BYTES = JavaCopier.INSTANCE.pieceBytes(); // the larger one
    private static final long WINDOW = 10 * PART_BYTES;
    private static final SharedCopy COPYING = new SharedCopy(SharedWork.threads());

    private enum Copier {
        JAVA(JavaCopier.INSTANCE),
        FASTEST(RunCopier.fastest());

        private final RunCopier copier;

        Copier(RunCopier copier) {
            this.copier = copier;
        }
    }

    private enum Owner {
        SHARED(Arena::ofShared),
        CONFINED(Arena::ofConfined); // a device's own memory may be: then one thread copies

        private final Supplier<Arena> arena;

        Owner(Supplier<Arena> arena) {
            this.arena = arena;
        }
    }

    private static RunList runs(Arena arena, long seed) {
        RunList runs = new RunList(arena.allocate(WINDOW / PAGE * RunList.RUN_BYTES, Long.BYTES));
        Random random = new Random(seed);
        for (long page = 0; page < WINDOW / PAGE; ) {
            long pages =
                    Math.min(WINDOW / PAGE - page, 1 + (long) Math.exp(random.nextDouble() * 8));
            if (random.nextInt(4) > 0) {
                runs.add(page * PAGE, pages * PAGE);
            }
            page += pages;
        }
        return runs;
    }

    private static MemorySegment numbered(Arena arena) {
        MemorySegment window = arena.allocate(WINDOW, PAGE);
        for (long at = 0; at < WINDOW; at += Long.BYTES) {
            window.set(ValueLayout.JAVA_LONG, at, at);
        }
        return window;
    }

    private static void assertOnlyRuns(MemorySegment window, RunList runs, boolean zeroed) {
        long outside = 0; // where the next run has to start, or later
        for (int run = 0; run < runs.count(); run++) {
            assertWords(window, outside, runs.offset(run), !zeroed);
            assertWords(window, runs.offset(run), runs.offset(run) + runs.bytes(run), zeroed);
            outside = runs.offset(run) + runs.bytes(run);
        }
        assertWords(window, outside, WINDOW, !zeroed);
    }

    private static void assertWords(MemorySegment window, long from, long to, boolean zero) {
        for (long at = from; at < to; at += Long.BYTES) {
            long expected = zero ? 0 : at;
            if (window.get(ValueLayout.JAVA_LONG, at) != expected) {
                assertThat(window.get(ValueLayout.JAVA_LONG, at))
                        .as("at %s", at)
                        .isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void copy_bySeveralThreads_copiesTheRunsAndNothingElse(Copier by) {
        for (Owner owner : Owner.values()) {
            for (long seed = 1; seed <= 3; seed++) {
                try (Arena arena = owner.arena.get()) {
                    MemorySegment source = numbered(arena);
                    MemorySegment target = arena.allocate(WINDOW, PAGE);
                    RunList runs = runs(arena, seed);

                    SharedCopy.copy(by.copier, source, target, runs);

                    assertOnlyRuns(target, runs, false);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void zero_bySeveralThreads_zeroesTheRunsAndNothingElse(Copier by) {
        for (Owner owner : Owner.values()) {
            try (Arena arena = owner.arena.get()) {
                MemorySegment target = numbered(arena);
                RunList runs = runs(arena, 4);

                SharedCopy.zero(by.copier, target, runs);

                assertOnlyRuns(target, runs, true);
            }
        }
    }

    @Test
    void copy_ofAnySegmentsAndRanges_isThatOfTheJdk(@TempDir Path folder) throws IOException {
        long bytes = 3 * PART_BYTES + 1234;
        try (Arena shared = Arena.ofShared();
                Arena confined = Arena.ofConfined();
                FileChannel file = FileChannel.open(
                        folder.resolve("mapped"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            List<MemorySegment> windows = List.of(
                    shared.allocate(2 * bytes),
                    confined.allocate(2 * bytes),
                    MemorySegment.ofArray(new byte[Math.toIntExact(2 * bytes)]),
                    file.map(FileChannel.MapMode.READ_WRITE, 0, 2 * bytes, shared));
            byte[] random = new byte[Math.toIntExact(2 * bytes)];
            new Random(7).nextBytes(random);
            for (MemorySegment source : windows) {
                for (MemorySegment target : windows) {
                    for (long[] at :
                            new long[][] {{0, 0}, {17, 4097}, {5000, 0}, {0, bytes}, {bytes, 3}}) {
                        MemorySegment.copy(
                                MemorySegment.ofArray(random), 0, source, 0, random.length);
                        byte[] expected = source == target
                                ? random.clone()
                                : target.toArray(ValueLayout.JAVA_BYTE);
                        System.arraycopy(random, (int) at[0], expected, (int) at[1], (int) bytes);

                        COPYING.copy(source, at[0], target, at[1], bytes);

                        assertThat(target.mismatch(MemorySegment.ofArray(expected)))
                                .as("%s to %s from %s to %s", source, target, at[0], at[1])
                                .isEqualTo(-1);
                    }
                }
            }
        }
    }

    /** Native code would end the process. */
    @Test
    void copy_fromAMappedFileThatWasCut_throws(@TempDir Path folder) throws IOException {
        long bytes = 3 * PART_BYTES;
        try (Arena arena = Arena.ofShared();
                FileChannel file = FileChannel.open(
                        folder.resolve("mapped"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            MemorySegment source = file.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
            MemorySegment target = arena.allocate(bytes);
            file.truncate(PAGE);

            assertThatThrownBy(() -> COPYING.copy(source, 0, target, 0, bytes))
                    .isInstanceOf(InternalError.class);
        }
    }

    @Test
    void copy_toAReadOnlySegment_throwsAndChangesNothing() {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment target = numbered(arena);

            assertThatThrownBy(() ->
                            COPYING.copy(arena.allocate(WINDOW), 0, target.asReadOnly(), 0, WINDOW))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("read-only");
            assertWords(target, 0, WINDOW, false);
        }
    }

    @Test
    void fill_ofARange_fillsItAndNothingElse() {
        for (Owner owner : Owner.values()) {
            try (Arena arena = owner.arena.get()) {
                MemorySegment target = arena.allocate(WINDOW);
                COPYING.fill(target, 100, WINDOW - 200, (byte) 3);
                assertThat(target.get(ValueLayout.JAVA_BYTE, 99)).isZero();
                assertThat(target.get(ValueLayout.JAVA_BYTE, WINDOW - 100)).isZero();
                MemorySegment filled = target.asSlice(100, WINDOW - 200);
                assertThat(filled.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 3);
                assertThat(filled.asSlice(1).mismatch(filled.asSlice(0, filled.byteSize() - 1)))
                        .isEqualTo(-1);
            }
        }
    }

    /** Cut anywhere, the parts are the whole. */
    @Test
    void parts_ofRandomRuns_followEachOtherWithoutGapOrOverlap() {
        try (Arena arena = Arena.ofConfined()) {
            RunList runs = runs(arena, 5);
            Random random = new Random(6);
            List<Long> pages = new ArrayList<>();
            for (long from = 0; from < runs.totalBytes(); ) {
                long bytes = Math.min(runs.totalBytes() - from, (1 + random.nextInt(700)) * PAGE);
                RunList part = runs.part(arena, from, bytes);
                assertThat(part.totalBytes()).isEqualTo(bytes);
                addPages(pages, part);
                from += bytes;
            }

            List<Long> whole = new ArrayList<>();
            addPages(whole, runs);
            assertThat(pages).isEqualTo(whole);
        }
    }

    private static void addPages(List<Long> pages, RunList runs) {
        for (int run = 0; run < runs.count(); run++) {
            for (long at = 0; at < runs.bytes(run); at += PAGE) {
                pages.add(runs.offset(run) + at);
            }
        }
    }
}
