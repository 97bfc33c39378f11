// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.CRC32C;

class ExpectationTest {
    private static final int BYTES = (3 << 20) + 4;

    @TempDir
    private Path folder;

    @Test
    void theTwoWaysToComputeAgreeAndOneWrongByteIsFound() throws IOException {
        byte[] data = new byte[BYTES];
        new Random(1).nextBytes(data);
        Path file = Files.write(folder.resolve("data"), data);
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(file)) {
            MemorySegment words = arena.allocate(BYTES, Integer.BYTES);
            words.copyFrom(MemorySegment.ofArray(data));
            DeviceWork.OnHost.mix(words, 0);
            Expectation expectation = new Expectation(channel);
            assertThat(expectation.firstDifference(0, words, new CRC32C(), count -> {}))
                    .isEqualTo(-1);
            long later = 4096;
            assertThat(expectation.firstDifference(
                            later, words.asSlice(later), new CRC32C(), count -> {}))
                    .isEqualTo(-1);
            long wrong = 2_345_678;
            byte right = words.get(ValueLayout.JAVA_BYTE, wrong);
            words.set(ValueLayout.JAVA_BYTE, wrong, (byte) (right ^ 1));
            assertThat(expectation.firstDifference(0, words, new CRC32C(), count -> {}))
                    .isEqualTo(wrong);
        }
    }
}
