// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.bench.policy.Fragmentation.Day;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class FragmentationTest {
    private static final Path TOP = Path.of("..");

    @Test
    void spansOfOneLength_neverLieInPieces() {
        Day alike = Fragmentation.days(1L << 30, 5_000).getFirst();

        assertThat(alike.inPieces()).isZero();
        assertThat(alike.meanFree()).isZero();
    }

    @Test
    void whatIsFreeAndOfNoUse_isAShareOfTheMemory() {
        assertThat(Fragmentation.days(1L << 30, 2_000)).allSatisfy(day -> {
            assertThat(day.meanUnusable()).isBetween(0.0, day.worstUnusable());
            assertThat(day.worstUnusable()).isBetween(0.0, 1.0);
        });
    }

    @Test
    void document_hasTheTableOfItsStoredResult() throws IOException {
        FragmentationReport stored =
                FragmentationReport.read(TOP.resolve("bench/results/fragmentation.json"));

        assertThat(Files.readString(TOP.resolve("docs/performance.md")))
                .contains(stored.markdown());
    }
}
