// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.internal.opencl.ShimDriver;
import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What is found out about drivers that copy badly, in a JVM of its own with such a driver. */
@Tag("opencl")
class CopyProbeTest {
    @TempDir
    private Path folder;

    private String open(String mode, List<String> options, String... settings) throws IOException {
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-Dhighpage.cache=" + folder.resolve("cache"),
                "-Dhighpage.opencl.copy=probe",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=/dev/null"));
        ProcessBuilder program = JavaProcess.of(all, ProbedMain.class, mode);
        program.environment().remove("LD_PRELOAD");
        program.environment().keySet().removeIf(name -> name.startsWith("SHIM_"));
        program.environment().putAll(ShimDriver.alone(folder, settings));
        return JavaProcess.outcome(program);
    }

    private List<Path> remembered() throws IOException {
        Path cache = folder.resolve("cache");
        if (!Files.exists(cache)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(cache)) {
            return files.toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"COARSE_GRAINED_SVM", "BUFFER"})
    void pageableCopies_thatAreSlow_areStaged_andThatIsRemembered(String mode) throws Exception {
        String first =
                open(mode, List.of(), "SHIM_SVM=coarse", "SHIM_PAGEABLE=slow", "SHIM_MAP=refused");
        assertThat(first)
                .contains("before not measured yet: that is done when it is first opened")
                .containsPattern(
                        "found (staged|wrapped) \\d+\\.\\d GiB/s in, \\d+\\.\\d out, chosen"
                                + "( below \\d+ MiB)?: \\d+\\.\\d times as fast as straight; ")
                .contains("straight 0.", "blocking 0.", "differs at -1", "exit 0");
        assertThat(remembered()).hasSize(1);
        assertThat(open(
                        mode,
                        List.of(),
                        "SHIM_SVM=coarse",
                        "SHIM_PAGEABLE=slow",
                        "SHIM_MAP=refused"))
                .containsPattern("before (staged|wrapped) ")
                .contains("differs at -1", "exit 0");
    }

    @Test
    void memoryThatTheHostCanSee_isMapped() throws Exception {
        // Staging is about as fast there, so it is refused: one way only must be faster.
        assertThat(open(
                        "BUFFER",
                        List.of(),
                        "SHIM_SVM=coarse",
                        "SHIM_PAGEABLE=slow",
                        "SHIM_PINNED=refused"))
                .containsPattern("found mapped \\d+\\.\\d GiB/s in, \\d+\\.\\d out, chosen[ :]")
                .contains("differs at -1", "exit 0");
    }

    @Test
    void sharedVirtualMemory_isNotMapped() throws Exception {
        assertThat(open("COARSE_GRAINED_SVM", List.of(), "SHIM_SVM=coarse"))
                .contains("mapped not: shared virtual memory is not mapped: kernels use other"
                        + " parts of it")
                .contains("differs at -1", "exit 0");
    }

    @Test
    void copiesThatCrashUnlessTheyBlock_areLeftOut() throws Exception {
        assertThat(open(
                        "COARSE_GRAINED_SVM",
                        List.of(),
                        "SHIM_SVM=coarse",
                        "SHIM_PAGEABLE=crash-unless-blocking"))
                .containsPattern("found (blocking|staged|wrapped) ")
                .contains("straight not: its process ended with exit code 137")
                .contains("differs at -1", "exit 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"COARSE_GRAINED_SVM", "BUFFER"})
    void copiesThatAreNotMade_areLeftOut(String mode) throws Exception {
        assertThat(open(mode, List.of(), "SHIM_SVM=coarse", "SHIM_PAGEABLE=lie"))
                .containsPattern("found (staged|wrapped|mapped) ")
                .contains("straight not: byte 1 of 4096 is another after it was copied there and"
                        + " back")
                .contains("blocking not: byte 1 of 4096")
                .contains("differs at -1", "exit 0");
    }

    @Test
    void copiesThatHangUnlessTheyBlock_areLeftOut() throws Exception {
        assertThat(open(
                        "COARSE_GRAINED_SVM",
                        List.of("-Dhighpage.opencl.probe.seconds=20"),
                        "SHIM_SVM=coarse",
                        "SHIM_PAGEABLE=hang-unless-blocking"))
                .containsPattern("found (blocking|staged|wrapped) ")
                .contains("straight not: its process hung for 20 s")
                .contains("differs at -1", "exit 0");
    }

    @Test
    void refusedStagingMemory_isLeftOut() throws Exception {
        assertThat(open(
                        "BUFFER",
                        List.of(),
                        "SHIM_SVM=coarse",
                        "SHIM_PAGEABLE=slow",
                        "SHIM_MAP=refused",
                        "SHIM_PINNED=refused"))
                .containsPattern(
                        "found straight 0\\.\\d GiB/s in, 0\\.\\d out, chosen: none is faster")
                .contains("staged not: device probe has no memory to stage copies in:"
                        + " clCreateBuffer failed with CL_OUT_OF_HOST_MEMORY (-6)")
                .contains("differs at -1", "exit 0");
    }

    @Test
    void deviceThatCopiesRightInNoWay_isRefused_andAskedAgain() throws Exception {
        for (int i = 0; i < 2; i++) {
            assertThat(open(
                            "BUFFER",
                            List.of(),
                            "SHIM_SVM=coarse",
                            "SHIM_PAGEABLE=lie",
                            "SHIM_MAP=refused",
                            "SHIM_PINNED=refused"))
                    .contains("does not copy right in any way: straight not: byte 1 of 4096")
                    .contains("-Dhighpage.opencl.copy=straight uses it all the same")
                    .endsWith("exit 1\n");
            assertThat(remembered()).isEmpty();
        }
    }

    @Test
    void garbageInTheCache_isNoFinding_andIsReplaced() throws Exception {
        open("BUFFER", List.of());
        Path file = remembered().getFirst();
        String good = Files.readString(file).lines().findFirst().orElseThrow();
        Files.writeString(file, "garbage");
        assertThat(open("BUFFER", List.of())).contains("before not measured yet", "exit 0");
        assertThat(Files.readString(file)).startsWith(good).endsWith("end\n");
    }

    @Test
    void cacheThatCannotBeWritten_isNoFailure() throws Exception {
        Files.writeString(folder.resolve("cache"), "a file where a folder should be");
        assertThat(open("BUFFER", List.of())).contains("differs at -1", "exit 0");
    }

    @Test
    void javaWithoutALauncher_copiesStraight_andSaysWhy() throws Exception {
        assertThat(open("BUFFER", List.of("-Dwithout.launcher=true")))
                .contains("found straight: not measured, since there is no /nowhere/bin/java")
                .contains("differs at -1", "exit 0");
    }
}
