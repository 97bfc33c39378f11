// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import static io.highpage.bindings.linux.linux_h.MADV_HUGEPAGE;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.Highpage;
import io.highpage.Keeper;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.Registration;
import io.highpage.host.HostDevice;
import io.highpage.internal.os.Linux.CallFailed;
import io.highpage.outcome.Verification;
import io.highpage.outcome.Verification.Verdict;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Page-locked memory stays in memory, but not in its frames. */
@Timeout(300)
class CompactionTest {
    private static final long HUGE_PAGE = 2L << 20;
    /** Below the size from which windows have huge pages anyway. */
    private static final long BUFFER_BYTES = 3 * HUGE_PAGE;
    /**
     * Since Linux 6.1: replaces base pages by a huge page, that is, moves their bytes to other
     * frames.
     */
    private static final int MADV_COLLAPSE = 25;

    private Highpage hp;
    private PageBuffer buffer;
    private final byte[] bytes = new byte[(int) BUFFER_BYTES];

    @BeforeEach
    void open() {
        assumeTrue(
                Memlock.read().obstacle(BUFFER_BYTES).isEmpty(),
                "moves of page-locked memory were NOT tested: raise the memlock limit (ulimit"
                        + " -l) or run as root");
        hp = Highpage.builder().device(HostDevice.coherent(1 << 20)).open();
        buffer = hp.allocate(BUFFER_BYTES);
        new Random(1).nextBytes(bytes);
        buffer.write(0, MemorySegment.ofArray(bytes));
    }

    @AfterEach
    void close() {
        if (hp != null) {
            buffer.close();
            hp.close();
        }
    }

    private static long[] frames(Pin pin) {
        var frames = FrameNumbers.of(pin.segment());
        assumeTrue(
                frames.isPresent(),
                "page frames were NOT tested: the kernel tells their numbers to root only");
        return frames.get();
    }

    private static int different(long[] some, long[] others) {
        int count = 0;
        for (int i = 0; i < some.length; i++) {
            count += some[i] == others[i] ? 0 : 1;
        }
        return count;
    }

    /** Has the kernel move some of the pin's base pages to other frames. */
    private static void collapse(Pin pin) {
        MemorySegment range = pin.segment();
        long aligned = Math.floorMod(-range.address(), HUGE_PAGE);
        try {
            // Windows ask for none where little is used, and then the kernel refuses.
            Linux.madvise(range.asSlice(aligned, HUGE_PAGE), MADV_HUGEPAGE());
            Linux.madvise(range.asSlice(aligned, HUGE_PAGE), MADV_COLLAPSE);
        } catch (CallFailed failed) {
            assumeTrue(
                    false,
                    "moves of page-locked memory were NOT tested: needs Linux 6.1, transparent"
                            + " huge pages and a free one: "
                            + failed.getMessage());
        }
    }

    @Test
    void pageLockedPages_movedByTheKernel_keepTheirBytesAndStayLocked() {
        try (Pin pin = buffer.pin(Pin.longTerm().pageLocked())) {
            long[] before = frames(pin);
            collapse(pin);
            assertThat(different(before, frames(pin))).as("base pages moved").isGreaterThan(256);
            assertThat(pin.verify()).matches(Verification::isConfirmed);
            assertThat(pin.segment().mismatch(MemorySegment.ofArray(bytes))).isEqualTo(-1);
        }
    }

    /**
     * Whether compaction moves them is the kernel's choice; how many it moved is in the test's
     * report.
     */
    @Test
    void pageLockedPages_underCompaction_keepTheirBytesAndStayLocked(TestReporter report)
            throws Exception {
        Path compact = Path.of("/proc/sys/vm/compact_memory");
        assumeTrue(Files.isWritable(compact), "compaction was NOT tested: needs root");
        try (Pin pin = buffer.pin(Pin.longTerm().pageLocked())) {
            long[] before = frames(pin);
            Files.writeString(compact, "1");
            long[] after = frames(pin);
            report.publishEntry(
                    "compaction",
                    different(before, after) + " of " + before.length
                            + " page-locked base pages moved");
            assertThat(after).as("in memory").doesNotContain(0L);
            assertThat(pin.verify()).matches(Verification::isConfirmed);
            assertThat(pin.segment().mismatch(MemorySegment.ofArray(bytes))).isEqualTo(-1);
        }
    }

    /** Says that it keeps memory, and does not. */
    private record Liar() implements Keeper {
        @Override
        public String name() {
            return "ring 'rx'";
        }

        @Override
        public Verification verify(MemorySegment range) {
            return Verification.of(Verdict.CONFIRMED, "registered");
        }
    }

    @Test
    void registeredPages_movedAllTheSame_areRefuted() {
        try (Pin pin = buffer.pin(Pin.longTerm())) {
            frames(pin);
            try (Registration registration = pin.register(new Liar())) {
                assertThat(pin.verify())
                        .matches(Verification::isConfirmed)
                        .satisfies(found -> assertThat(found.evidence())
                                .endsWith("registered; page frame numbers: 1536, seen for"
                                        + " the first time"));
                assertThat(pin.verify().evidence())
                        .endsWith("page frame numbers: 1536, as first seen");
                collapse(pin);
                assertThat(pin.verify())
                        .satisfies(found -> assertThat(found.verdict()).isEqualTo(Verdict.REFUTED))
                        .satisfies(found -> assertThat(found.evidence())
                                .containsPattern("base page \\d+ of the range was in frame \\d+"
                                        + " and is in frame \\d+$"));
                assertThat(registration.isOpen()).isTrue();
            }
        }
    }
}
