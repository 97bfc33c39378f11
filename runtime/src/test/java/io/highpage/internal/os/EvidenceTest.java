// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.Verification;
import io.highpage.outcome.Verification.Verdict;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** What the kernel tells about memory. */
class EvidenceTest {
    private static final long PAGE = Linux.basePageBytes();

    private final MemorySegment memory = LinuxMemory.INSTANCE.map(8 * PAGE, PAGE, false);

    @AfterEach
    void unmap() {
        LinuxMemory.INSTANCE.unmap(memory);
    }

    @Test
    void smaps_ofPartlyLockedMemory_countsTheBytes() {
        assertThat(LinuxMemory.INSTANCE.verifyLocked(memory).verdict()).isEqualTo(Verdict.REFUTED);
        LinuxMemory.INSTANCE.lock(memory.asSlice(2 * PAGE, 4 * PAGE));
        assertThat(LinuxMemory.INSTANCE
                        .verifyLocked(memory.asSlice(2 * PAGE, 4 * PAGE))
                        .verdict())
                .isEqualTo(Verdict.CONFIRMED);
        assertThat(LinuxMemory.INSTANCE
                        .verifyLocked(memory.asSlice(3 * PAGE + 1, PAGE))
                        .verdict())
                .isEqualTo(Verdict.CONFIRMED);
        assertThat(LinuxMemory.INSTANCE.verifyLocked(memory.asSlice(PAGE, 4 * PAGE)))
                .satisfies(found -> assertThat(found.verdict()).isEqualTo(Verdict.REFUTED))
                .satisfies(found -> assertThat(found.evidence())
                        .startsWith(
                                "/proc/self/smaps: " + 3 * PAGE + " of " + 4 * PAGE + " bytes"));
    }

    /** The third of three calls of 32 MiB meets a page that is not mapped. */
    @Test
    void lock_refusedInTheMiddle_locksNothing() {
        long bytes = 3 * (32L << 20);
        assumeTrue(
                Memlock.read().obstacle(bytes).isEmpty(),
                "page-locks of several calls were NOT tested: raise the memlock limit (ulimit"
                        + " -l) or run as root");
        MemorySegment large = LinuxMemory.INSTANCE.map(bytes, PAGE, false);
        long before = ProcFile.statusBytes("VmLck:").orElseThrow();
        try {
            LinuxMemory.INSTANCE.lock(large);
            assertThat(ProcFile.statusBytes("VmLck:").orElseThrow()).isEqualTo(before + bytes);
            LinuxMemory.INSTANCE.unlock(large);

            LinuxMemory.INSTANCE.unmap(large.asSlice(bytes - PAGE, PAGE));
            assertThatThrownBy(() -> LinuxMemory.INSTANCE.lock(large))
                    .isInstanceOf(OutOfPageMemoryException.class)
                    .hasMessageContaining("cannot page-lock " + bytes
                            + " bytes: mlock2(33554432 bytes) failed: errno 12");
            assertThat(ProcFile.statusBytes("VmLck:").orElseThrow()).isEqualTo(before);
        } finally {
            LinuxMemory.INSTANCE.unmap(large);
        }
    }

    /** As when another thread page-locks a neighbour between two reads of the file. */
    @Test
    void smaps_thatTellOfAMappingTwice_countItsBytesOnce(@TempDir Path folder) throws Exception {
        Path smaps = folder.resolve("smaps");
        String flags = "VmFlags: rd wr lo \n";
        Files.writeString(
                smaps,
                "1000-3000 rw-p 0 00:00 0\n" + flags
                        + "1000-5000 rw-p 0 00:00 0\n" + flags
                        + "5000-6000 rw-p 0 00:00 0\nVmFlags: rd wr \n");
        assertThat(SmapsReader.verifyLocked(smaps, 0x1000, 0x4000))
                .matches(Verification::isConfirmed);
        assertThat(SmapsReader.verifyLocked(smaps, 0x1000, 0x5000).evidence())
                .contains("16384 of 20480 bytes");
    }

    @Test
    void smaps_unreadable_isUnverifiable(@TempDir Path folder) {
        Path missing = folder.resolve("smaps");
        assertThat(SmapsReader.verifyLocked(missing, memory.address(), PAGE))
                .satisfies(found -> assertThat(found.verdict()).isEqualTo(Verdict.UNVERIFIABLE))
                .satisfies(found -> assertThat(found.evidence())
                        .contains(missing.toString())
                        .contains("cannot be read"));
    }

    @Test
    void frameNumbers_ofTouchedPages_areThereAndDifferent() throws Exception {
        assumeTrue(
                Files.readString(Path.of("/proc/self/uid_map"))
                                .strip()
                                .matches("0\\s+0\\s+4294967295")
                        && System.getProperty("user.name").equals("root"),
                "frame numbers were NOT tested: the kernel tells them to root only");
        memory.asSlice(PAGE, 3 * PAGE).fill((byte) 1);
        long[] frames = FrameNumbers.of(memory).orElseThrow();
        assertThat(frames).hasSize(8);
        assertThat(Arrays.copyOfRange(frames, 1, 4)).doesNotContain(0L).doesNotHaveDuplicates();
        assertThat(frames[0]).isZero();
        assertThat(Arrays.copyOfRange(frames, 4, 8)).containsOnly(0L);
        assertThat(FrameNumbers.of(memory.asSlice(2 * PAGE - 1, 2)).orElseThrow())
                .as("two bytes over a boundary")
                .containsExactly(frames[1], frames[2]);
    }
}
