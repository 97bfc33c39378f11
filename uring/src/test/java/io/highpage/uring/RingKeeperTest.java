// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.outcome.Verification;
import io.highpage.outcome.Verification.Verdict;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** What is made of the kernel's list, in the forms that kernels have. */
class RingKeeperTest {
    @TempDir
    private Path folder;

    private Verification verify(String text, long address, long byteSize) throws IOException {
        Path file = Files.writeString(folder.resolve("fdinfo"), text);
        @SuppressWarnings("restricted")
        MemorySegment range = MemorySegment.ofAddress(address).reinterpret(byteSize);
        return new RingKeeper("x", file).verify(range);
    }

    private static final String LIST =
            "pos:\t0\nSqMask:\t0x7\nUserFiles:\t0\nUserBufs:\t4\n    0: 0x10000/8192\n    1:"
                    + " <none>\n"
                    + "    2: 0x12000/4096\n    3: 0x20000/4096\nPollList:\n";

    @Test
    void rangesThatSlotsCover_areConfirmed() throws IOException {
        assertThat(verify(LIST, 0x10000, 12288).verdict()).isEqualTo(Verdict.CONFIRMED);
        assertThat(verify(LIST, 0x10001, 100).evidence())
                .contains("100 of 100", "0: 0x10000/8192")
                .doesNotContain("0x20000");
        assertThat(verify(LIST, 0x20000, 4096).verdict()).isEqualTo(Verdict.CONFIRMED);
    }

    @Test
    void rangesWithAGap_areRefuted() throws IOException {
        assertThat(verify(LIST, 0x10000, 12289).verdict()).isEqualTo(Verdict.REFUTED);
        assertThat(verify(LIST, 0x1ffff, 2).verdict()).isEqualTo(Verdict.REFUTED);
        assertThat(verify(LIST, 0x30000, 1).evidence()).contains("lists 0 of 1 bytes");
        assertThat(verify("UserBufs:\t0\n", 0x10000, 1).verdict()).isEqualTo(Verdict.REFUTED);
    }

    @Test
    void slotsThatBeginTogether_allCount() throws IOException {
        String list = "UserBufs:\t2\n    0: 0x10000/8192\n    1: 0x10000/4096\n";
        assertThat(verify(list, 0x10000, 8192).verdict()).isEqualTo(Verdict.CONFIRMED);
        assertThat(verify(list, 0x10000, 4096).evidence())
                .contains("0: 0x10000/8192", "1: 0x10000/4096");
    }

    @Test
    void withoutAList_theTotalCanOnlyRefute() throws IOException {
        assertThat(verify("pos:\t0\n", 0x10000, 0).verdict()).isEqualTo(Verdict.UNVERIFIABLE);
        assertThat(verify("pos:\t0\n", 0x10000, 1L << 50))
                .satisfies(found -> assertThat(found.verdict()).isEqualTo(Verdict.REFUTED))
                .satisfies(found ->
                        assertThat(found.evidence()).contains("lists no buffers", "VmPin"));
        @SuppressWarnings("restricted")
        MemorySegment range = MemorySegment.ofAddress(1).reinterpret(1L << 50);
        assertThat(new RingKeeper("x", folder.resolve("missing")).verify(range).evidence())
                .contains("cannot be read");
    }
}
