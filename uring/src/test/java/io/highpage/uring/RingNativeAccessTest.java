// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Rings where native access is denied unless it is given, in JVMs of their own. */
@ExtendWith(WithIoUring.class)
class RingNativeAccessTest {
    /** Asks twice, and counts descriptors. */
    public static final class Asks {
        private Asks() {}

        public static void main(String[] args) {
            Optional<String> first = Ring.unavailable();
            int before = new File("/proc/self/fd").list().length;
            Optional<String> second = Ring.unavailable();
            int more = new File("/proc/self/fd").list().length - before;
            for (int i = 0; i < 2; i++) {
                tell(() -> Ring.open("asks", 1));
                tell(() -> RingFile.open(Path.of("/dev/null")));
            }
            System.out.println(
                    "first: " + first + "\nsecond: " + second + "\nmore descriptors: " + more);
        }
    }

    private static void tell(Callable<AutoCloseable> opens) {
        try (AutoCloseable opened = opens.call()) {
            System.out.println("opened " + opened);
        } catch (Throwable refused) {
            System.out.println("refused: " + refused);
        }
    }

    @Test
    void withoutTheOption_theReasonNamesIt_andNothingLeaks() throws Exception {
        String output = JavaProcess.run(
                JavaProcess.of(List.of("--illegal-native-access=deny"), Asks.class));
        assertThat(output)
                .containsPattern("first: .*--enable-native-access=.*ALL-UNNAMED")
                .containsPattern("second: .*--enable-native-access=.*ALL-UNNAMED")
                .contains("more descriptors: 0")
                .doesNotContain("opened");
        assertThat(output.lines().filter(line -> line.startsWith("refused: ")))
                .hasSize(4)
                .allMatch(line -> line.matches(
                        "refused: java.lang.IllegalCallerException: .*--enable-native-access=.*"));
    }

    /** On the module path, with the two modules that the README names. */
    @Test
    void withTheOptionOfTheReadme_thereAreRings() throws Exception {
        String modules = System.getProperty("jdk.module.path");
        assumeTrue(modules != null, "the tests do not run on the module path: NOT tested");
        List<String> options = List.of(
                "--illegal-native-access=deny",
                "--enable-native-access=io.highpage,io.highpage.bindings",
                "--patch-module",
                "io.highpage.uring=target/test-classes");
        assertThat(JavaProcess.run(
                        JavaProcess.ofModule(options, "io.highpage.uring/" + Asks.class.getName())))
                .contains("first: Optional.empty", "second: Optional.empty", "more descriptors: 0");
    }
}
