// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Registering under a memlock limit, in a child JVM without the privilege to pass it. */
@ExtendWith(WithIoUring.class)
@Timeout(300)
class RingMemlockTest {
    private static final long LIMIT = 1 << 20;

    /**
     * Each child is a user of its own: the kernel counts for a user, whoever else runs, and gives
     * back what a child had only some time after its end.
     */
    private static final AtomicLong USERS =
            new AtomicLong(1_000_000_000 + ProcessHandle.current().pid() % 10_000_000 * 100);

    /** What the child does. */
    public static final class Child {
        private Child() {}

        public static void main(String[] args) throws IOException {
            if (args.length > 0) {
                if (args[0].equals("rings")) {
                    useUp();
                } else {
                    registerWhole();
                }
                return;
            }
            try (Highpage hp = Highpage.builder()
                            .device(HostDevice.coherent(LIMIT))
                            .open();
                    PageBuffer buffer = hp.allocate(2 * LIMIT);
                    Pin small = buffer.range(0, LIMIT / 2).pin(Pin.longTerm());
                    Pin large = buffer.range(0, LIMIT).pin(Pin.longTerm())) {
                try (Ring ring = Ring.open("limited", 4)) {
                    ring.register(small);
                    System.out.println("registered: " + small.verify().verdict());
                    register(ring, large);
                    System.out.println(
                            "small: " + small.strength() + ", large: " + large.strength());
                } catch (RingException | OutOfPageMemoryException refused) {
                    System.out.println("refused: " + refused.getMessage());
                }
                System.out.println("afterwards: " + small.strength());
            }
        }

        /** Rings alone use the limit up. */
        private static void useUp() throws IOException {
            List<Ring> rings = new ArrayList<>();
            try (Highpage hp = Highpage.builder()
                            .device(HostDevice.coherent(LIMIT))
                            .open();
                    PageBuffer buffer = hp.allocate(LIMIT);
                    Pin pin = buffer.range(0, LIMIT / 2).pin(Pin.longTerm())) {
                try {
                    while (rings.size() < 100) {
                        rings.add(Ring.open("ring " + rings.size(), 1024));
                    }
                    System.out.println("queues do not count");
                } catch (RingException refused) {
                    System.out.println("refused: " + refused.getMessage());
                    register(rings.getLast(), pin);
                }
                for (Ring ring : rings) {
                    ring.close();
                }
            }
        }

        /** A buffer of two limits in slots of half of one; then one that fits. */
        private static void registerWhole() throws IOException {
            try (Highpage hp = Highpage.builder()
                            .device(HostDevice.coherent(LIMIT))
                            .open();
                    PageBuffer large = hp.allocate(2 * LIMIT);
                    PageBuffer small = hp.allocate(LIMIT / 2);
                    Ring ring = Ring.builder("limited")
                            .entries(4)
                            .slotBytes(LIMIT / 2)
                            .open()) {
                try {
                    ring.register(large);
                } catch (OutOfPageMemoryException refused) {
                    System.out.println("refused: " + refused.getMessage());
                }
                System.out.println("open: " + hp.holders());
                try (RegisteredBuffer whole = ring.register(small);
                        Pin pin = small.range(0, 4096).pin(Pin.longTerm());
                        FixedBuffer fixed = whole.register(pin)) {
                    System.out.println("small: " + pin.strength() + ", " + fixed.isOpen());
                }
            }
        }

        private static void register(Ring ring, Pin pin) throws IOException {
            try {
                ring.register(pin);
            } catch (OutOfPageMemoryException refused) {
                System.out.println("refused: " + refused.getMessage());
            }
        }
    }

    private static String runChild(long memlockBytes, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("prlimit", "--memlock=" + memlockBytes + ":" + memlockBytes));
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of(
                    "setpriv",
                    "--bounding-set=-ipc_lock",
                    "--inh-caps=-all",
                    "--reuid=" + USERS.getAndIncrement(),
                    "--clear-groups"));
        }
        for (String tool : List.of("prlimit", "setpriv")) {
            assumeTrue(
                    Files.isExecutable(Path.of("/usr/bin", tool)),
                    "the memlock limit was NOT tested: " + tool
                            + " (package util-linux) is missing");
        }
        return JavaProcess.run(
                JavaProcess.small(command, List.of(), Child.class, (Object[]) arguments));
    }

    @Test
    void registeringAboveTheLimit_saysWhatItWouldTake() throws Exception {
        assertThat(runChild(LIMIT))
                .contains("registered: CONFIRMED")
                .contains("refused: io_uring_register(BUFFERS_UPDATE) failed with ENOMEM (Cannot"
                        + " allocate memory): slot=1"
                        + " (part 1 of 1) bytes=" + LIMIT)
                .contains("need " + (LIMIT + LIMIT / 2) + " bytes in all (" + LIMIT / 2
                        + " are locked already)")
                .contains("the memlock limit is " + LIMIT)
                .contains("ulimit -l " + (LIMIT + LIMIT / 2) / 1024)
                .contains("CAP_IPC_LOCK")
                .contains("small: KERNEL_HELD, large: RUNTIME")
                .contains("afterwards: RUNTIME");
    }

    @Test
    void bufferAboveTheLimit_isRefusedWhole() throws Exception {
        assertThat(runChild(LIMIT + LIMIT / 4, "whole"))
                .contains("refused: io_uring_register(BUFFERS_UPDATE) failed with ENOMEM")
                .contains("(part 3 of 4) bytes=" + LIMIT / 2 + " of buffer 1 of " + 2 * LIMIT)
                .contains("need " + 2 * LIMIT + " bytes in all (" + LIMIT + " are locked already)")
                .contains("the memlock limit is " + (LIMIT + LIMIT / 4))
                .contains("open: []")
                .contains("small: KERNEL_HELD, true");
    }

    /** Since Linux 6.14. What is short is not memory, and not this process's pins. */
    @Test
    void ringsThatUsedTheLimitUp_areNamed() throws Exception {
        String output = runChild(LIMIT, "rings");
        assumeTrue(
                !output.contains("queues do not count"),
                "queues do not count on this kernel: NOT tested");
        assertThat(output)
                .contains("refused: io_uring_setup failed with ENOMEM (Cannot allocate memory):"
                        + " entries=1024")
                .contains("refused: io_uring_register(BUFFERS_UPDATE) failed with ENOMEM")
                .contains("need " + LIMIT / 2 + " bytes more; the memlock limit is " + LIMIT
                        + " for all that this user's")
                .contains("this process has registered 0 bytes, the rest is queues or other"
                        + " processes: close rings")
                .doesNotContain("which no limit forbids")
                .doesNotContain("memory itself is short");
    }

    /** Since Linux 6.14 the ring itself is refused, before that its first pin. */
    @Test
    void limitOfZero_refusesEverything() throws Exception {
        assertThat(runChild(0))
                .contains("refused: io_uring_")
                .contains("the memlock limit is 0")
                .contains("afterwards: RUNTIME");
    }

    @Test
    void limitOfOnePageLessThanNeeded_refuses() throws Exception {
        long needed = LIMIT + LIMIT / 2;
        assertThat(runChild(needed - 4096))
                .contains("refused: ")
                .contains("small: KERNEL_HELD, large: RUNTIME");
        assertThat(runChild(needed + (1 << 20)))
                .doesNotContain("refused")
                .contains("large: KERNEL_HELD");
    }
}
