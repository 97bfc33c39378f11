// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.internal.os.ProcFile;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Tests that need io_uring: leaves them out with the reason where it is missing, and fails a test
 * that leaves a ring open.
 */
final class WithIoUring implements BeforeAllCallback, AfterEachCallback {
    @Override
    public void beforeAll(ExtensionContext context) {
        Optional<String> reason = Ring.unavailable();
        if (Boolean.parseBoolean(System.getenv("HIGHPAGE_REQUIRE_URING"))) {
            assertThat(reason).as("HIGHPAGE_REQUIRE_URING is set").isEmpty();
        }
        assumeTrue(reason.isEmpty(), () -> "io_uring was NOT tested: " + reason.orElseThrow());
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        assertThat(descriptors()).as("open io_uring descriptors").isZero();
        try (Stream<String> mappings = Files.lines(Path.of("/proc/self/maps"))) {
            assertThat(mappings.filter(line -> line.contains("io_uring")))
                    .as("mapped rings")
                    .isEmpty();
        }
        assertThat(ProcFile.statusBytes("VmPin:").orElseThrow())
                .as("bytes that the kernel keeps")
                .isZero();
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(WithIoUring::isRing).count();
        }
    }

    private static boolean isRing(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().contains("io_uring");
        } catch (IOException closed) { // the one of the listing itself
            return false;
        }
    }
}
