// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;

class MigrationPoolTest {
    private static final int KEPT = 32;
    private static final int MANY = KEPT + 8;

    private static List<Migration> takeMany(MigrationPool pool) {
        return Stream.generate(pool::take).limit(MANY).toList();
    }

    @Test
    void batches_areKeptUpToALimit_andOneOperationHasEach() {
        try (Arena arena = Arena.ofShared()) {
            MigrationPool pool = new MigrationPool(arena);
            List<Migration> first = takeMany(pool);
            assertThat(new HashSet<>(first)).hasSize(MANY);
            first.forEach(pool::give);
            List<Migration> again = takeMany(pool);
            assertThat(new HashSet<>(again)).hasSize(MANY);
            assertThat(again.subList(0, KEPT))
                    .containsExactlyInAnyOrderElementsOf(first.subList(0, KEPT));
            assertThat(again.subList(KEPT, MANY)).doesNotContainAnyElementsOf(first);
        }
    }

    /** It comes after pages were published, when nothing may fail, for want of memory neither. */
    @Test
    void givingBack_makesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Arena arena = Arena.ofShared()) {
            MigrationPool pool = new MigrationPool(arena);
            pool.give(pool.take()); // what is initialized by that is
            Migration[] taken = takeMany(pool).toArray(Migration[]::new);
            long least = Long.MAX_VALUE; // of three, since the JVM may make something of its own
            for (int i = 0; i < 3; i++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                pool.give(taken[i]);
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertThat(least).as("bytes made").isZero();
        }
    }
}
