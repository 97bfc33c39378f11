// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.LimitedChild;
import io.highpage.internal.os.Mappings;
import io.highpage.internal.os.Memlock;
import io.highpage.testkit.ControlGroup;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Page-locks under limits, in a child JVM: without the privilege to pass them, with it, and with
 * one that does not count.
 */
@Timeout(300)
class MemlockLimitTest {
    private static final long PAGE = LimitedChild.PAGE;
    private static final boolean ROOT = System.getProperty("user.name").equals("root");

    private static void needs(String tool) {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin", tool)),
                "limits of page-locks were NOT tested: " + tool
                        + " (package util-linux) is missing");
    }

    private static void needsRoot(String what) {
        assumeTrue(ROOT, what + " was NOT tested: run the tests as root");
    }

    private static List<String> limitOf(long pages) {
        needs("prlimit");
        return List.of("prlimit", "--memlock=" + pages * PAGE + ":" + pages * PAGE);
    }

    /** A user without capabilities, under a limit. */
    private static List<String> unprivileged(long pages) {
        List<String> command = new ArrayList<>(limitOf(pages));
        if (ROOT) {
            needs("setpriv");
            command.addAll(List.of(
                    "setpriv",
                    "--bounding-set=-ipc_lock",
                    "--inh-caps=-all",
                    "--reuid=65534",
                    "--clear-groups"));
        }
        return command;
    }

    @Test
    void limit_ofNothing_refusesOnePageAndSaysWhatItTakes() throws Exception {
        assertThat(LimitedChild.run(unprivileged(0), 8, "pin 0 1"))
                .contains("pin 0 1: refused: cannot page-lock 4096 bytes: need 4096 bytes in all"
                        + " (0 are locked already), "
                        + "the memlock limit is 0; raise it with 'prlimit --pid ")
                .contains(" --memlock=4096:4096' as root")
                .contains("ulimit -l 4'")
                .contains("LimitMEMLOCK=4096")
                .contains("--ulimit memlock=4096")
                .contains("CAP_IPC_LOCK")
                .contains("pin 0 1: 0 pins, locked 0 pages, VmLck 0 pages");
    }

    @Test
    void limit_ofOnePageLessThanNeeded_refusesAndLocksNothing() throws Exception {
        assertThat(LimitedChild.run(unprivileged(7), 8, "pin 0 8", "pin 1 8", "pin 0 1"))
                .contains("pin 0 8: refused: cannot page-lock 32768 bytes: need 32768 bytes in"
                        + " all (0 are locked")
                .contains("pin 0 8: 0 pins, locked 0 pages, VmLck 0 pages")
                .contains("pin 1 8: 1 pins, locked 7 pages, VmLck 7 pages")
                .contains("pin 0 1: refused: cannot page-lock 4096 bytes: need 32768 bytes in all"
                        + " (28672 are locked")
                .contains("pin 0 1: 1 pins, locked 7 pages, VmLck 7 pages")
                .contains("end: locked 0, VmLck 0");
    }

    @Test
    void limit_exactlyEnough_isEnough_andSharedPagesCountOnce() throws Exception {
        assertThat(LimitedChild.run(
                        unprivileged(6),
                        8,
                        "pin 0 4",
                        "pin 2 6",
                        "pin 0 6",
                        "pin 1 2",
                        "pin 5 7",
                        "close"))
                .contains("verified: CONFIRMED: ")
                .contains("pin 2 6: 2 pins, locked 6 pages, VmLck 6 pages")
                .contains("pin 0 6: 3 pins, locked 6 pages, VmLck 6 pages")
                .contains("pin 1 2: 4 pins, locked 6 pages, VmLck 6 pages")
                .contains("pin 5 7: refused: cannot page-lock 4096 bytes: need 28672 bytes in all"
                        + " (24576 are locked")
                .contains("close: 3 pins, locked 6 pages, VmLck 6 pages")
                .contains("end: locked 0, VmLck 0")
                .doesNotContain("REFUTED");
    }

    /**
     * What is possible is found page by page, so it cannot be checked beforehand: the kernel
     * refuses.
     */
    @Test
    void limit_metByTheKernel_leavesEarlierLocksWhole() throws Exception {
        assertThat(LimitedChild.run(unprivileged(7), 8, "pin 3 4", "possible 0 8"))
                .contains("possible 0 8: refused: cannot page-lock 16384 bytes: mlock2(16384"
                        + " bytes) failed: errno 12")
                .contains("; need 32768 bytes in all (16384 are locked already), the memlock"
                        + " limit is 28672")
                .contains("possible 0 8: 1 pins, locked 1 pages, VmLck 1 pages")
                .contains("end: locked 0, VmLck 0");
    }

    @Test
    void commandOfTheMessage_whenRun_raisesTheLimit() throws Exception {
        List<String> soft = new ArrayList<>(unprivileged(8));
        soft.set(1, "--memlock=" + PAGE + ":" + 8 * PAGE);
        Process child = LimitedChild.start(soft, 8, "pin 0 8", "wait", "pin 0 8");
        try (BufferedReader lines = child.inputReader()) {
            Matcher advice =
                    Pattern.compile("raise it with '([^']+)', or").matcher(lines.readLine());
            assertThat(advice.find()).isTrue();
            // As the same user.
            List<String> command = new ArrayList<>(soft.subList(2, soft.size()));
            command.addAll(List.of(advice.group(1).split(" ")));
            assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
                    .isZero();
            child.getOutputStream().write('\n');
            child.getOutputStream().flush();
            assertThat(lines.lines()).contains("pin 0 8: 1 pins, locked 8 pages, VmLck 8 pages");
        } finally {
            child.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void limit_withCapIpcLock_isPassed() throws Exception {
        needsRoot("CAP_IPC_LOCK above the memlock limit");
        assumeTrue(
                Memlock.read().ipcLock().orElse(false) && Memlock.isInitialNamespace(),
                "CAP_IPC_LOCK above the memlock limit was NOT tested: this root does not have it");
        assertThat(LimitedChild.run(limitOf(0), 8, "pin 0 8"))
                .contains("pin 0 8: 1 pins, locked 8 pages, VmLck 8 pages")
                .doesNotContain("refused");
    }

    @Test
    void capIpcLock_inAUserNamespace_doesNotCountAndTheMessageSaysSo() throws Exception {
        needs("unshare");
        List<String> command = new ArrayList<>(limitOf(4));
        command.addAll(List.of("unshare", "--user", "--map-root-user"));
        Process probe = new ProcessBuilder("unshare", "--user", "--map-root-user", "true").start();
        assumeTrue(
                probe.waitFor() == 0,
                "user namespaces were NOT tested: this system does not let unshare make one");
        assertThat(LimitedChild.run(command, 8, "pin 0 8", "pin 0 4"))
                .contains("pin 0 8: refused: cannot page-lock 32768 bytes: mlock2(32768 bytes)"
                        + " failed: errno 12")
                .contains("the memlock limit is 16384 (CAP_IPC_LOCK is there, but in a user"
                        + " namespace it does not count)")
                .contains("pin 0 8: 0 pins, locked 0 pages, VmLck 0 pages")
                .contains("pin 0 4: 1 pins, locked 4 pages, VmLck 4 pages");
    }

    @Test
    void containerMemory_lessThanAsked_isAnErrorAndNotTheDeathOfTheProcess() throws Exception {
        try (ControlGroup group = ControlGroup.ofMemory(256L << 20)) {
            assertThat(LimitedChild.run(group.inside(), 1L << 18, "pin 0 262144", "pin 0 8"))
                    .contains("refused: cannot page-lock 1073741824 bytes: need 1073741824 bytes"
                            + " in all")
                    .contains("the memory of this machine or container is 268435456; page-lock"
                            + " less, or give it more")
                    .contains("pin 0 8: 1 pins, locked 8 pages, VmLck 8 pages");
        }
    }

    /**
     * Each page-lock of one page splits the window's mapping further, until the kernel allows no
     * more of them.
     */
    @Test
    void limitOfMappings_whenReached_isNamed() throws Exception {
        needsRoot("the limit on mappings"); // half the pages are far above any memlock limit
        long most = Mappings.max().orElseThrow();
        assumeTrue(
                most <= 1 << 17,
                "the limit on mappings was NOT tested: vm.max_map_count is above " + (1 << 17));
        assertThat(LimitedChild.run(List.of(), most + 1000, "every-second", "close"))
                .contains("every-second: refused: cannot page-lock 4096 bytes: mlock2(4096 bytes)"
                        + " failed: errno 12")
                .contains(" mappings, the limit is " + most)
                .contains("'sysctl vm.max_map_count=" + 2 * most + "' as root")
                .contains("end: locked 0, VmLck 0");
    }
}
