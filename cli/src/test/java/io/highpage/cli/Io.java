// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.uring.Ring;

import java.util.Optional;

/** The two ways in which files are read and written. */
public enum Io {
    URING("io_uring, "),
    CHANNEL("FileChannel: io_uring is left out by -Dhighpage.uring=false");

    private static final String URING_PROPERTY = "highpage.uring";

    private final String description;

    Io(String description) {
        this.description = description;
    }

    /** What the commands say. */
    public String description() {
        return description;
    }

    /** Test code. */
    @FunctionalInterface
    public interface Code {
        void run() throws Exception;
    }

    /**
     * Runs code that uses this way; leaves the test out where there is no io_uring, unless it has
     * to be there.
     */
    public void run(Code code) throws Exception {
        if (this == URING) {
            assumeIoUring();
            code.run();
            return;
        }
        System.setProperty(URING_PROPERTY, "false");
        try {
            code.run();
        } finally {
            System.clearProperty(URING_PROPERTY);
        }
    }

    private static void assumeIoUring() {
        Optional<String> reason = Ring.unavailable();
        if (Boolean.parseBoolean(System.getenv("HIGHPAGE_REQUIRE_URING"))) {
            assertThat(reason).as("HIGHPAGE_REQUIRE_URING is set").isEmpty();
        }
        assumeTrue(reason.isEmpty(), () -> "io_uring was NOT tested: " + reason.orElseThrow());
    }
}
