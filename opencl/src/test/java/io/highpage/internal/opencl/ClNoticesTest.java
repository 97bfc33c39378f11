// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import static java.lang.foreign.MemorySegment.NULL;

import io.highpage.bindings.opencl.clCreateContext$pfn_notify;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The function that drivers call, called as they do. */
class ClNoticesTest {
    @BeforeAll
    static void nativeLibrary() {
        FirstDevice.needsNativeLibrary();
    }

    private static void call(MemorySegment text, long id) {
        clCreateContext$pfn_notify.invoke(
                ClNotices.function(), text, NULL, 0, MemorySegment.ofAddress(id));
    }

    @Test
    void words_areOfTheirContext_andTakenOnce() {
        long one = ClNotices.begin();
        long other = ClNotices.begin();
        try (Arena arena = Arena.ofConfined()) {
            call(arena.allocateFrom("earlier"), one);
            call(arena.allocateFrom("out of \u00e4ther\n"), one);
        }
        assertThat(ClNotices.take(one)).isEqualTo("out of \u00e4ther");
        assertThat(ClNotices.take(one)).isEmpty();
        assertThat(ClNotices.take(other)).isEmpty();
    }

    @Test
    void words_ofNoContext_areNotHeard() {
        try (Arena arena = Arena.ofConfined()) {
            call(arena.allocateFrom("whose?"), 0);
        }
        assertThat(ClNotices.take(0)).isEmpty();
    }

    @Test
    void noWords_areNothing_andLongOnesAreCut() {
        long id = ClNotices.begin();
        call(NULL, id);
        assertThat(ClNotices.take(id)).isEmpty();
        try (Arena arena = Arena.ofConfined()) {
            call(arena.allocate(2000).fill((byte) 'x'), id); // no end in sight
        }
        assertThat(ClNotices.take(id)).isEqualTo("x".repeat(ClNotices.TEXT_MAX));
    }
}
