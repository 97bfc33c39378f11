// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.internal.opencl.FirstDevice;
import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What a program's first use of the library does not load: each of these costs milliseconds to tens
 * of them in every process, and is for what seldom happens. Times are in docs/performance.md.
 */
class StartTest {
    @Test
    void firstUse_loadsNothingThatItDoesNotNeed() throws IOException {
        assumeTrue(
                OpenClMemoryMode.FINE_GRAINED_SVM.isSupported(
                        FirstDevice.device().svm()),
                "the first device is private, so it is looked up how it copies");
        String loaded = JavaProcess.run(JavaProcess.of(
                List.of("--enable-native-access=ALL-UNNAMED", "-Xlog:class+load"), First.class));
        assertThat(loaded).contains("io.highpage.internal.opencl.ClContext source");
        assertThat(loaded.lines().filter(StartTest::isUnneeded))
                .as("loggers, generated text, how private devices copy")
                .isEmpty();
    }

    private static boolean isUnneeded(String line) {
        return line.contains(" java.util.logging.Logger ")
                || line.contains("StringConcatFactory ")
                || line.contains("CopyFinding");
    }

    /** As a program begins. */
    static final class First {
        private First() {}

        public static void main(String[] arguments) {
            try (Highpage runtime = Highpage.open();
                    PageBuffer buffer = runtime.allocate(1 << 20)) {
                buffer.write(0, MemorySegment.ofArray(new byte[4096]));
                buffer.prefetch(runtime.device());
            }
        }
    }
}
