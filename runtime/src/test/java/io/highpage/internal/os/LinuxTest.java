// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.bindings.linux.linux_h;
import io.highpage.internal.os.Linux.CallFailed;
import io.highpage.outcome.Verification.Verdict;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

class LinuxTest {
    private int calls = 0;

    /** A system call that fails with an error a number of times, and then succeeds. */
    private Linux.Call failing(int errno, int times) {
        return capture -> {
            if (calls > 1_000_000) {
                throw new AssertionError("repeated for ever");
            }
            if (calls++ < times) {
                capture.set(ValueLayout.JAVA_INT, 0, errno);
                return -1;
            }
            return 7;
        };
    }

    @Test
    void call_sayingTryAgainForEver_fails() {
        assertThatThrownBy(() -> Linux.checked(
                        "mmap(1 bytes)", failing(linux_h.EAGAIN(), Integer.MAX_VALUE)))
                .isInstanceOfSatisfying(
                        CallFailed.class,
                        failed -> assertThat(failed.errno()).isEqualTo(linux_h.EAGAIN()))
                .hasMessageContaining("mmap(1 bytes) failed: errno 11");
        assertThat(calls).isEqualTo(Linux.TRIES_MAX);
    }

    @Test
    void call_interruptedOrBusyForAMoment_isRepeated() throws Exception {
        assertThat(Linux.checked("call", failing(linux_h.EINTR(), 1000))).isEqualTo(7);
        calls = 0;
        assertThat(Linux.checked("call", failing(linux_h.EAGAIN(), 3))).isEqualTo(7);
        assertThat(calls).isEqualTo(4);
    }

    @Test
    void call_failingForAnotherReason_isNotRepeated() {
        assertThatThrownBy(() -> Linux.checked("call", failing(linux_h.EINVAL(), 5)))
                .isInstanceOf(CallFailed.class)
                .hasMessageContaining("call failed: errno 22 (");
        assertThat(calls).isEqualTo(1);
    }

    /**
     * What aligning reserved too much must go at once: page tables are no whole number of pages
     * long.
     */
    @Test
    void map_ofAnySize_keepsNoAddressSpace() throws Exception {
        long grown = Long.MAX_VALUE;
        // Java reserves address space too, now and then, such as for one more compiler.
        for (int attempt = 0; attempt < 5 && grown >= 64 << 20; attempt++) {
            long before = ProcFile.statusBytes("VmSize:").orElseThrow();
            for (int i = 0; i < 200; i++) {
                LinuxMemory.INSTANCE.unmap(
                        LinuxMemory.INSTANCE.map(LinuxMemory.INSTANCE.hugeMappingBytes() + 64));
            }
            grown = ProcFile.statusBytes("VmSize:").orElseThrow() - before;
        }
        assertThat(grown).isLessThan(64 << 20);
    }

    /** What commits memory before Linux 5.14. */
    @Test
    void touch_whileAnotherThreadWrites_losesNothing() throws Exception {
        MemorySegment memory = LinuxMemory.INSTANCE.map(4096, 1, false);
        Thread toucher = Thread.startVirtualThread(() -> {
            while (memory.get(ValueLayout.JAVA_INT, 4) == 0) {
                LinuxMemory.touch(memory);
            }
        });
        for (int i = 1; i <= 300_000; i++) {
            memory.set(ValueLayout.JAVA_INT, 0, i);
            assertThat(memory.get(ValueLayout.JAVA_INT, 0)).isEqualTo(i);
        }
        memory.set(ValueLayout.JAVA_INT, 4, 1);
        toucher.join();
        assertThat(memory.get(ValueLayout.JAVA_INT, 0)).isEqualTo(300_000);
        LinuxMemory.INSTANCE.unmap(memory);
    }

    @Test
    void map_aligned_isAlignedZeroedAndFullyUnmapped() throws Exception {
        for (long alignment : new long[] {1, 4096, 1 << 16, 2 << 20}) {
            MemorySegment memory = LinuxMemory.INSTANCE.map(3 * 4096, alignment, alignment > 4096);
            assertThat(memory.address() % Math.max(alignment, 4096)).isZero();
            try (Arena arena = Arena.ofConfined()) {
                assertThat(memory.mismatch(arena.allocate(3 * 4096))).isEqualTo(-1);
            }
            assertThat(LinuxMemory.INSTANCE.verifyLocked(memory).verdict())
                    .isEqualTo(Verdict.REFUTED);
            LinuxMemory.INSTANCE.unmap(memory);
            assertThatThrownBy(() -> Linux.madvise(memory, linux_h.MADV_DONTFORK()))
                    .as("nothing is mapped there any more")
                    .isInstanceOf(CallFailed.class);
        }
    }
}
