// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.cli.doctor.Finding.State;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

class ProcFilesTest {
    @TempDir
    private Path root;

    @Test
    void limitsAndCapabilitiesAreRead() throws IOException {
        write(
                "proc/self/limits",
                "Limit  Soft Limit  Hard Limit\nMax locked memory         65536     65536    "
                        + " bytes\n");
        write("proc/self/status", "Name:\tjava\nCapEff:\t0000000000004000\n");
        ProcFiles proc = new ProcFiles(root);
        assertThat(proc.memlockLimit()).isEqualTo("65536");
        assertThat(proc.hasCapability(ProcFiles.CAP_IPC_LOCK)).isTrue();
        assertThat(proc.hasCapability(ProcFiles.CAP_SYS_PTRACE)).isFalse();
    }

    /** The kernel gives a number once: a second read of it finds the end of the file. */
    @Test
    void numbersOfTheKernel_areReadWhole() throws IOException {
        for (String path : List.of("/proc/sys/vm/max_map_count", "/proc/sys/kernel/pid_max")) {
            Process cat = new ProcessBuilder("cat", path).start();
            String whole = new String(
                            cat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                    .strip();
            assertThat(whole).hasSizeGreaterThan(1);
            assertThat(new ProcFiles().read(path)).hasValue(whole);
        }
    }

    @Test
    void missingFilesAreANormalState() {
        ProcFiles proc = new ProcFiles(root);
        assertThat(proc.memlockLimit()).isEqualTo("unknown");
        assertThat(proc.read("/proc/sys/vm/unprivileged_userfaultfd")).isEmpty();
        assertThat(proc.hasCapability(ProcFiles.CAP_IPC_LOCK)).isFalse();
    }

    @Test
    void aMachineThatLacksThingsIsToldWhatItCostsAndWhatToDo() throws IOException {
        write("proc/self/limits", "Max locked memory         65536     65536     bytes\n");
        write("proc/self/status", "CapEff:\t0000000000000000\n");
        write("proc/sys/vm/unprivileged_userfaultfd", "0\n");
        write("sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n");
        List<Finding> findings = new Doctor(
                        new ProcFiles(root), () -> Optional.of("io_uring_setup failed: allow it"))
                .examine();
        assertThat(findings)
                .filteredOn(finding -> List.of("memlock limit", "huge pages", "userfaultfd")
                        .contains(finding.name()))
                .hasSize(3)
                .allSatisfy(finding -> {
                    assertThat(finding.state()).isEqualTo(State.LESS);
                    assertThat(finding.cost()).isNotEmpty();
                    assertThat(finding.remedy()).isNotEmpty();
                });
        assertThat(findings)
                .filteredOn(finding -> finding.name().equals("io_uring"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.state()).isEqualTo(State.LESS))
                .satisfies(finding -> assertThat(finding.found()).contains("allow it"));
    }

    private void write(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
