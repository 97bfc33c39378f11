// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import static io.highpage.bindings.linux.linux_h.EAGAIN;
import static io.highpage.bindings.linux.linux_h.ENOMEM;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Optional;
import java.util.OptionalLong;

/** The words for what bounds page-locks. The children of MemlockLimitTest meet the real bounds. */
class MemlockTest {
    private static final long MEMORY = 1L << 30;

    private static Memlock facts(long soft, long hard, long locked, boolean ipcLock) {
        return new Memlock(
                soft,
                hard,
                OptionalLong.of(locked),
                Optional.of(ipcLock),
                true,
                OptionalLong.of(MEMORY));
    }

    @Test
    void obstacle_upToTheLimit_isNone() {
        assertThat(facts(8192, 8192, 4096, false).obstacle(4096)).isEmpty();
        assertThat(facts(8192, 8192, 4096, false).obstacle(4097)).isPresent();
        assertThat(facts(0, 0, 0, true).obstacle(MEMORY)).isEmpty();
        assertThat(facts(Memlock.UNLIMITED, Memlock.UNLIMITED, 0, false).obstacle(MEMORY))
                .isEmpty();
        assertThat(facts(Memlock.UNLIMITED, Memlock.UNLIMITED, 1, true).obstacle(MEMORY))
                .get()
                .asString()
                .contains("need 1073741825 bytes in all (1 are locked already), the memory of"
                        + " this machine or container is"
                        + " 1073741824");
    }

    @Test
    void obstacle_belowTheHardLimit_namesACommandForTheUser() {
        long pid = ProcessHandle.current().pid();
        assertThat(facts(0, 8192, 4096, false).obstacle(4096))
                .get()
                .asString()
                .contains("raise it with 'prlimit --pid " + pid + " --memlock=8192:', or");
        assertThat(facts(0, 8191, 4096, false).obstacle(4096))
                .get()
                .asString()
                .contains(
                        "raise it with 'prlimit --pid " + pid + " --memlock=8192:8192' as root, or")
                .contains("'ulimit -l 8'");
    }

    @Test
    void explanation_isOfTheErrorAndTheFacts() {
        assertThat(facts(0, 0, 0, false).explain(1, 4096))
                .as("EPERM")
                .contains("the memlock limit is 0;");
        assertThat(facts(8192, 8192, 0, false).explain(1, 4096))
                .contains("seccomp")
                .doesNotContain("memory itself");
        assertThat(new Memlock(
                                0,
                                0,
                                OptionalLong.of(0),
                                Optional.of(true),
                                false,
                                OptionalLong.of(MEMORY))
                        .explain(1, 4096))
                .contains("the memlock limit is 0 (CAP_IPC_LOCK is there, but in a user namespace"
                        + " it does not count);");
        assertThat(facts(0, 0, 0, true).explain(ENOMEM(), 4096)).contains("memory itself is short");
        assertThat(facts(4096, 4096, 4096, false).explain(ENOMEM(), 4096))
                .contains("the memlock limit is 4096;");
        assertThat(facts(8192, 8192, 4096, false).explain(ENOMEM(), 4096))
                .contains("which no limit forbids, so memory itself is short: this machine or"
                        + " container has "
                        + MEMORY);
        assertThat(facts(0, 0, 0, true).explain(EAGAIN(), 4096)).contains("memory itself is short");
    }

    @Test
    void factsOfThisProcess_areThose() {
        Memlock read = Memlock.read();
        assertThat(read.softLimit()).isBetween(0L, read.hardLimit());
        assertThat(read.memory()).isPresent();
        assertThat(read.locked()).isEqualTo(ProcFile.statusBytes("VmLck:"));
    }
}
