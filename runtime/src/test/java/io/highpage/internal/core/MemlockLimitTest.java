// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.Highpage;
import io.highpage.HighpageException;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.HostDevice;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Page-locks under a memlock limit, in a child JVM without the privilege to pass it. */
@Timeout(60)
class MemlockLimitTest {
    private static final long LIMIT = 1 << 20;

    /** What the child does. */
    public static final class Child {
        private Child() {}

        public static void main(String[] args) {
            try (Highpage hp =
                    Highpage.builder().device(HostDevice.coherent(1 << 20)).open()) {
                pin(hp);
            } catch (HighpageException refused) {
                System.out.println("refused: " + refused.getMessage());
            }
        }

        private static void pin(Highpage hp) {
            try (PageBuffer buffer = hp.allocate(2 * LIMIT)) {
                try (Pin pin = buffer.pin(Pin.longTerm().pageLocked(), 0, LIMIT / 2)) {
                    System.out.println("locked: " + pin.verify().verdict());
                    buffer.pin(Pin.longTerm().pageLocked(), 0, 2 * LIMIT);
                } finally {
                    System.out.println("holders: " + hp.holders().size());
                }
            }
        }
    }

    private static String runChild(long memlockBytes) throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command = new ArrayList<>();
        boolean root = System.getProperty("user.name").equals("root");
        if (root) {
            assumeTrue(
                    Files.isExecutable(Path.of("/usr/bin/setpriv")),
                    "the memlock limit was NOT tested: root passes it, and setpriv (package util-linux) is missing");
            command.addAll(List.of(
                    "setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-all", "--reuid=65534", "--clear-groups"));
        }
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/prlimit")),
                "the memlock limit was NOT tested: prlimit (package util-linux) is missing");
        command.addAll(0, List.of("prlimit", "--memlock=" + memlockBytes + ":" + memlockBytes));
        command.addAll(List.of(java.toString(), "-Xmx64m", "-XX:+UseSerialGC", "-XX:ReservedCodeCacheSize=32m"));
        command.addAll(List.of("-XX:CompressedClassSpaceSize=32m", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of("-cp", classPath(), Child.class.getName()));
        Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
            return output;
        } finally {
            child.destroyForcibly();
        }
    }

    private static String classPath() {
        List<String> entries = new ArrayList<>();
        entries.add(System.getProperty("java.class.path"));
        entries.add(System.getProperty("jdk.module.path", ""));
        entries.add(location(Highpage.class));
        entries.add(location(Child.class));
        return String.join(":", entries);
    }

    private static String location(Class<?> type) {
        return Path.of(URI.create(
                        type.getProtectionDomain().getCodeSource().getLocation().toString()))
                .toString();
    }

    @Test
    void pageLock_aboveTheLimit_saysWhatItWouldTake() throws Exception {
        assertThat(runChild(LIMIT))
                .contains("locked: CONFIRMED")
                .contains("holders: 0")
                .contains("refused: cannot page-lock " + 2 * LIMIT + " bytes: mlock2")
                .contains("errno 12")
                .contains("need " + (2 * LIMIT + LIMIT / 2) + " bytes in all (" + LIMIT / 2 + " are locked already)")
                .contains("the memlock limit is " + LIMIT)
                .contains("ulimit -l " + (2 * LIMIT + LIMIT / 2) / 1024)
                .contains("CAP_IPC_LOCK");
    }
}
