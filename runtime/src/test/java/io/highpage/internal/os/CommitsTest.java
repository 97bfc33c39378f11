// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.outcome.OutOfPageMemoryException;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What may be committed on a machine of 1,024,000 bytes of which 819,200 are free. Real containers
 * are in SystemTest.
 */
class CommitsTest {
    private static final long RESERVED = 1_024_000 / 16;
    private static final long MOST = 819_200 - RESERVED;

    @TempDir
    private Path root;

    private Commits commits;

    @BeforeEach
    void machine() throws IOException {
        Path meminfo = Files.createDirectories(root.resolve("proc")).resolve("meminfo");
        Files.writeString(meminfo, "MemTotal: 1000 kB\nMemAvailable: 700 kB\nSwapFree: 100 kB\n");
        commits = new Commits(new MemoryLimits(root));
    }

    @Test
    void somethingIsLeftToTheRestOfTheProcess() {
        assertThatThrownBy(() -> commits.begin(MOST + 1))
                .isInstanceOf(OutOfPageMemoryException.class)
                .hasMessageContaining(RESERVED + " are left to the rest");
        commits.begin(MOST);
        commits.ended(MOST);
    }

    @Test
    void whatOthersAreAboutToTake_isNotGivenTwice() {
        commits.begin(MOST / 2 + 1);
        assertThatThrownBy(() -> commits.begin(MOST / 2 + 1))
                .isInstanceOf(OutOfPageMemoryException.class);
        commits.ended(MOST / 2 + 1);
        commits.begin(MOST / 2 + 1);
    }
}
