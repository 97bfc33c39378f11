// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static io.highpage.bindings.linux.linux_h.MADV_COLLAPSE;
import static io.highpage.bindings.linux.linux_h.MADV_HUGEPAGE;
import static io.highpage.bindings.linux.linux_h.MADV_NOHUGEPAGE;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.bindings.linux.linux_h;
import io.highpage.host.HostDevice;
import io.highpage.internal.os.FrameNumbers;
import io.highpage.internal.os.ProcFile;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PageOutcome;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;

/** Evidence from the kernel that a registered pin does not move, whoever tries. */
class KernelHeldTest extends RingTest {
    private static final Path COMPACT = Path.of("/proc/sys/vm/compact_memory");
    private static final long HUGE = 2 << 20;

    @Test
    void neitherTheRuntimeNorCompactionNorHugePages_moveAKernelHeldPin() throws IOException {
        assumeTrue(
                Files.isWritable(COMPACT),
                "compaction was NOT tested: " + COMPACT + " is for root");
        try (PageBuffer plain = inBasePages(hp);
                PageBuffer held = inBasePages(hp);
                Pin plainPin = plain.pin(Pin.longTerm());
                Pin heldPin = held.pin(Pin.longTerm());
                Ring ring = Ring.open("still", 4);
                FixedBuffer fixed = ring.register(heldPin)) {
            heldPin.segment().fill((byte) 5);
            Optional<long[]> before = FrameNumbers.of(heldPin.segment());
            Optional<long[]> plainBefore = FrameNumbers.of(plainPin.segment());
            assumeTrue(
                    before.isPresent(),
                    "frames were NOT compared: the kernel tells them to CAP_SYS_ADMIN only");
            assertThat(before.orElseThrow()).doesNotContain(0);

            MoveReport out = held.prefetch(hp.device());
            assertThat(out.outcomes().count(PageOutcome.PINNED)).isEqualTo(held.pageCount());
            Files.writeString(COMPACT, "1");
            assertThat(collapse(heldPin.segment()))
                    .as("collapsing pages that the kernel holds")
                    .isNotZero();
            boolean plainMoved = collapse(plainPin.segment()) == 0;

            assertThat(FrameNumbers.of(heldPin.segment()).orElseThrow())
                    .isEqualTo(before.orElseThrow());
            assertThat(heldPin.verify().isConfirmed()).isTrue();
            assertThat(ProcFile.statusBytes("VmPin:").orElseThrow())
                    .isGreaterThanOrEqualTo(held.byteSize());
            assertThat(bytes(heldPin, 0, held.byteSize())).containsOnly(5);
            assumeTrue(
                    plainMoved,
                    "the control was NOT tested: this kernel makes no huge pages on request");
            assertThat(moved(plainBefore.orElseThrow(), plainPin))
                    .as("frames of a plain pin")
                    .isPositive();
            assertThat(fixed.isOpen()).isTrue();
        }
    }

    /** Also of pages that are on a device, and that no pin keeps. */
    @Test
    void framesOfARegisteredBuffer_stay_whileItsPagesComeAndGo() throws IOException {
        try (Highpage runtime = Highpage.builder()
                        .device(HostDevice.privateMemory(4 * HUGE))
                        .open();
                PageBuffer pages = inBasePages(runtime);
                Ring ring = Ring.open("whole", 4);
                RegisteredBuffer whole = ring.register(pages)) {
            MemorySegment home;
            try (Pin pin = pages.pin(Pin.longTerm())) {
                home = pin.segment(); // its address is known from here on
            }
            Optional<long[]> before = FrameNumbers.of(home);
            assumeTrue(
                    before.isPresent(),
                    "frames were NOT compared: the kernel tells them to CAP_SYS_ADMIN only");
            assertThat(before.orElseThrow()).doesNotContain(0);
            for (int round = 0; round < 3; round++) {
                assertThat(pages.prefetch(runtime.device()).complete()).isTrue();
                assertThat(FrameNumbers.of(home)).contains(before.orElseThrow());
                askForHomes(runtime);
                if (Files.isWritable(COMPACT)) {
                    Files.writeString(COMPACT, "1");
                }
                assertThat(collapse(home)).as("collapsing").isNotZero();
                assertThat(FrameNumbers.of(home)).contains(before.orElseThrow());
                assertThat(pages.evict().complete()).isTrue();
                assertThat(FrameNumbers.of(home)).contains(before.orElseThrow());
            }
            try (Pin pin = pages.range(HUGE, HUGE).pin(Pin.longTerm());
                    FixedBuffer fixed = whole.register(pin)) {
                assertThat(fixed.isOpen()).isTrue();
                assertThat(pin.verify().isConfirmed()).isTrue();
                assertThat(bytes(pin, 0, HUGE)).containsOnly(1);
            }
        }
    }

    /** Has homes given up, all that are not kept. */
    private static void askForHomes(Highpage runtime) {
        long used = runtime.budget().hostUsedBytes();
        runtime.budget().hostMemory(used);
        try (PageBuffer asks = runtime.allocate(HUGE)) {
            assertThatThrownBy(() -> asks.fill((byte) 1))
                    .isInstanceOf(OutOfPageMemoryException.class);
        } finally {
            runtime.budget().hostMemory(Long.MAX_VALUE);
        }
    }

    /** {@return a buffer whose window has 4 KiB pages, which the kernel could collapse} */
    private static PageBuffer inBasePages(Highpage runtime) {
        PageBuffer pages = runtime.allocate(3 * HUGE);
        try (Pin first = pages.range(0, 1).pin(Pin.longTerm())) {
            long page = first.segment().address();
            linux_h.madvise(MemorySegment.ofAddress(page), pages.byteSize(), MADV_NOHUGEPAGE());
        }
        pages.fill((byte) 1);
        return pages;
    }

    /**
     * Asks for a huge page in the middle, which moves what is there. {@return 0 if that was done}
     */
    private static int collapse(MemorySegment memory) {
        long start = (memory.address() + HUGE - 1) / HUGE * HUGE;
        MemorySegment range = MemorySegment.ofAddress(start);
        linux_h.madvise(range, HUGE, MADV_HUGEPAGE());
        return linux_h.madvise(range, HUGE, MADV_COLLAPSE());
    }

    private static long moved(long[] before, Pin pin) {
        long[] now = FrameNumbers.of(pin.segment()).orElseThrow();
        return IntStream.range(0, now.length).filter(i -> now[i] != before[i]).count();
    }
}
