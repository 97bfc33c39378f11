// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

class RecordsTest {
    @Test
    void aTenthIsKept_inTheirOrder(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("readings");
        Records.make(file, 10_000);
        byte[] kept = new byte[10_000 * Records.BYTES];
        int count = Records.keep(
                MemorySegment.ofArray(Files.readAllBytes(file)).asReadOnly(),
                MemorySegment.ofArray(kept),
                900);
        assertThat(count).isBetween(900, 1100);
    }
}
