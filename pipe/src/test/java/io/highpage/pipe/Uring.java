// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.uring.Ring;

/** With io_uring or without. */
enum Uring {
    ON,
    OFF;

    /** A test's steps. */
    interface Steps {
        void run() throws Exception;
    }

    /** Runs steps, in pipes that are opened meanwhile. */
    void run(Steps steps) throws Exception {
        if (this == ON) {
            assumeTrue(Ring.isAvailable(), "no io_uring here");
        }
        String before = System.getProperty("highpage.uring");
        System.setProperty("highpage.uring", String.valueOf(this == ON));
        try {
            steps.run();
        } finally {
            if (before == null) {
                System.clearProperty("highpage.uring");
            } else {
                System.setProperty("highpage.uring", before);
            }
        }
    }

    /** Checks a pipe that has had a run. */
    void check(Pipe pipe, Stages stages) {
        assertThat(pipe.transfer())
                .startsWith(
                        stages == Stages.THREADS && this == ON ? "io_uring, " : "FileChannel: ");
    }
}
