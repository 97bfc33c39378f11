// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.internal.opencl.ShimDriver;
import io.highpage.testkit.Eventually;
import io.highpage.testkit.JavaProcess;
import io.highpage.testkit.SideBySide;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What is found out about drivers that copy badly, in a JVM of its own with such a driver. */
class CopyProbeTest {
    /** Longest of all, and hardly at work meanwhile: begun before the others. */
    private static SideBySide<Integer, String> verySlow;

    @TempDir
    private Path folder;

    @BeforeAll
    static void beginVerySlow(@TempDir Path folders) {
        verySlow = new SideBySide<>(
                List.of(100_000, 450_000),
                delayMicros -> outcome(
                        Files.createDirectory(folders.resolve(delayMicros.toString())),
                        ProbedMain.class,
                        "COARSE_GRAINED_SVM",
                        List.of(),
                        "SHIM_DELAY=" + delayMicros,
                        "SHIM_MAP=part"));
    }

    @AfterAll
    static void endVerySlow() {
        verySlow.close();
    }

    private String open(String mode, List<String> options, String... settings) throws IOException {
        return outcome(ProbedMain.class, mode, options, settings);
    }

    private String outcome(Class<?> main, String argument, List<String> options, String... settings)
            throws IOException {
        return outcome(folder, main, argument, options, settings);
    }

    private static String outcome(
            Path folder, Class<?> main, String argument, List<String> options, String... settings)
            throws IOException {
        return JavaProcess.outcome(program(folder, main, argument, options, settings));
    }

    private static ProcessBuilder program(
            Path folder, Class<?> main, String argument, List<String> options, String... settings)
            throws IOException {
        List<String> all = new ArrayList<>(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-Dhighpage.cache=" + folder.resolve("cache"),
                "-Dhighpage.opencl.copy=probe",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=/dev/null"));
        all.addAll(options);
        ProcessBuilder program = JavaProcess.of(all, main, argument);
        program.environment().remove("LD_PRELOAD");
        program.environment().keySet().removeIf(name -> name.startsWith("SHIM_"));
        program.environment().putAll(ShimDriver.alone(folder, settings));
        return program;
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
                                + "( below \\d+ [KM]iB)?: \\d+\\.\\d times as fast as straight; ")
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

    /** What it prints comes in front of the probe's lines. */
    @Test
    void driverThatPrints_withoutEndOfLine_isHeardAsOthers() throws Exception {
        assertThat(open("BUFFER", List.of(), "SHIM_SVM=coarse", "SHIM_TALKS=1"))
                .contains("mapped ", "straight ", "blocking ", "differs at -1", "exit 0")
                .doesNotContain("its process", " not: ");
    }

    /** As all are that load, compile or connect something then. */
    @Test
    void copiesThatAreSlowAtFirstOnly_areNoSlowerThanOthers() throws Exception {
        assertThat(open(
                        "BUFFER",
                        List.of(),
                        "SHIM_SVM=coarse",
                        "SHIM_PAGEABLE=slow-at-first",
                        "SHIM_MAP=refused"))
                .doesNotContainPattern("([3-9]|\\d\\d)\\.\\d times as fast as straight")
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
    void sharedVirtualMemory_isMapped_whereThatLeavesAloneWhatLiesBeside() throws Exception {
        assertThat(open("COARSE_GRAINED_SVM", List.of()))
                .containsPattern("found .*mapped \\d+\\.\\d GiB/s in")
                .contains("differs at -1", "exit 0");
    }

    @Test
    void sharedVirtualMemory_isNotMapped_whereAllOfItIsWrittenBack() throws Exception {
        assertThat(open("COARSE_GRAINED_SVM", List.of(), "SHIM_SVM=coarse"))
                .contains("mapped not: byte 0 of 33619968 is not as it was written while bytes"
                        + " 4096 to 33615871 were mapped to be written")
                .contains("differs at -1", "exit 0");
    }

    @Test
    void sharedVirtualMemory_isNotMappedThere_evenIfAskedFor() throws Exception {
        assertThat(open(
                        "COARSE_GRAINED_SVM",
                        List.of("-Dhighpage.opencl.copy=mapped"),
                        "SHIM_SVM=coarse"))
                .containsPattern(
                        "memory of device probed is not mapped, but copied [a-z]+.*: byte 0"
                                + " of 1048576 is not as it was written")
                .contains("differs at -1", "exit 0");
    }

    /** What was found is of contexts with one device; a driver may do otherwise with several. */
    @Test
    void sharedVirtualMemory_isLookedAtAgain_inAContextOfSeveralDevices() throws Exception {
        String several = outcome(
                SeveralDevicesMain.class,
                "2",
                List.of(),
                "SHIM_SVM=coarse",
                "POCL_DEVICES=pthread pthread");
        assertThat(several)
                .contains(
                        "memory of device opencl:own is not mapped, but copied straight: byte 0 of")
                .contains("opened, of 2: driver, straight", "exit 0");
        String alone = outcome(SeveralDevicesMain.class, "1", List.of(), "SHIM_SVM=coarse");
        assertThat(alone)
                .doesNotContain("is not mapped")
                .contains("opened, of 1: driver, mapped", "exit 0");
    }

    @Test
    void copiesThatCrashUnlessTheyBlock_areLeftOut() throws Exception {
        assertThat(open(
                        "COARSE_GRAINED_SVM",
                        List.of(),
                        "SHIM_SVM=coarse",
                        "SHIM_PAGEABLE=crash-unless-blocking"))
                .containsPattern("found (blocking|staged|wrapped) ")
                .contains("straight not: its process ended with exit code 139")
                .contains("differs at -1", "exit 0");
    }

    /** When bytes were right already, and the ways are being compared. */
    @Test
    void copiesThatCrashLater_areLeftOut() throws Exception {
        assertThat(open(
                        "COARSE_GRAINED_SVM",
                        List.of(),
                        "SHIM_SVM=coarse",
                        "SHIM_PAGEABLE=crash-late"))
                .containsPattern("found (blocking|staged|wrapped) ")
                .contains("straight not: its process ended with exit code 139")
                .contains("so it is measured again", "differs at -1", "exit 0");
    }

    /** As where a service is stopped, or memory is short. */
    @Test
    void processThatSomebodyKills_saysNothingOfItsWay() throws Exception {
        assertThat(open("BUFFER", List.of(), "SHIM_SVM=coarse", "SHIM_PAGEABLE=killed"))
                .containsPattern("found (staged|wrapped|mapped) ")
                .contains("straight not: its process ended with exit code 137, so somebody else")
                .contains("so it is measured again", "differs at -1", "exit 0");
        assertThat(Files.readString(remembered().getFirst())).contains("\nstraight lacks ");
        assertThat(open("BUFFER", List.of(), "SHIM_SVM=coarse"))
                .containsPattern("found .*straight \\d+\\.\\d GiB/s")
                .contains("differs at -1", "exit 0");
    }

    @Test
    void processThatSomebodyKills_leavesWrongWhatWasSeenToBe() throws Exception {
        assertThat(open("BUFFER", List.of(), "SHIM_SVM=coarse", "SHIM_PAGEABLE=lie-and-killed"))
                .containsPattern("found (staged|wrapped|mapped) ")
                .contains("straight not: byte 1 of 4096 is another")
                .contains("blocking not: its process ended with exit code 137, so somebody else")
                .contains("differs at -1", "exit 0");
        assertThat(open(
                        "COARSE_GRAINED_SVM",
                        List.of(),
                        "SHIM_SVM=coarse",
                        "SHIM_PAGEABLE=lie-and-killed",
                        "SHIM_MAP=refused",
                        "SHIM_PINNED=refused"))
                .contains("does not copy right in any way: straight not: byte 1 of 4096")
                .endsWith("exit 1\n");
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
                        List.of("-Dhighpage.opencl.probe.seconds=10"),
                        "SHIM_SVM=coarse",
                        "SHIM_PAGEABLE=hang-unless-blocking"))
                .containsPattern("takes longer than 5 s for (svm|cl_mem): .*: a way hangs, which is"
                        + " given up after 10 s")
                .containsPattern("found (blocking|staged|wrapped) ")
                .contains("straight not: its process hung for 10 s")
                .contains("differs at -1", "exit 0");
    }

    /** Whatever its driver does: nobody else would end it. */
    @Test
    void processThatHangs_endsWithTheOneThatStartedIt() throws Exception {
        Process program = program(
                        folder,
                        ProbedMain.class,
                        "COARSE_GRAINED_SVM",
                        List.of(),
                        "SHIM_SVM=coarse",
                        "SHIM_PAGEABLE=hang-unless-blocking")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            Eventually.becomes("a process", () -> program.children().findAny().isPresent());
            ProcessHandle probe = program.children().findAny().orElseThrow();
            Eventually.wouldHaveLooked(); // it may have come to the copy, or not
            program.destroyForcibly().waitFor();
            Eventually.becomes("the end", () -> !probe.isAlive());
        } finally {
            program.descendants().forEach(ProcessHandle::destroyForcibly);
            program.destroyForcibly().waitFor();
        }
    }

    /** A container with one processor may share the folder with its host. */
    @Test
    void whatWasFoundWithOtherThreads_orWithoutNativeCode_isNotTakenOver() throws Exception {
        for (String option : List.of("threads=1", "native=false")) {
            assertThat(open("BUFFER", List.of("-Dhighpage." + option)))
                    .contains("before not measured yet", "differs at -1", "exit 0");
        }
        assertThat(remembered()).hasSize(2);
        assertThat(open("BUFFER", List.of("-Dhighpage.threads=1")))
                .doesNotContain("before not measured yet");
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
                .containsPattern("found (straight|blocking) 0\\.\\d GiB/s in, 0\\.\\d out, chosen")
                .contains("staged not: device probe has no memory to stage copies in:"
                        + " clCreateBuffer failed with CL_OUT_OF_HOST_MEMORY (-6)")
                .contains("differs at -1", "exit 0");
    }

    @ParameterizedTest
    @CsvSource({
        "BUFFER, SHIM_MEMORY=134217728, 8 MiB",
        "COARSE_GRAINED_SVM, SHIM_MEMORY=36000000, 1 MiB",
        "BUFFER, SHIM_MAX_ALLOC=33554432, 16 MiB"
    })
    void deviceWithLittleMemory_isMeasuredByCopiesThatFit(
            String mode, String memory, String longest) throws Exception {
        List<String> sizes = List.of("4 KiB", "64 KiB", "1 MiB", "8 MiB", "16 MiB", "32 MiB");
        assertThat(open(mode, List.of(), "SHIM_SVM=coarse", "SHIM_MAP=part", memory))
                .containsPattern("found [a-z]+ \\d+\\.\\d GiB/s")
                .doesNotContain("no memory left", "could be tried")
                .contains("differs at -1", "exit 0");
        int numbers = 2 * (1 + sizes.indexOf(longest));
        assertThat(Files.readString(remembered().getFirst()).lines())
                .anyMatch(line -> line.matches("straight right( \\d+){" + numbers + "}"));
    }

    @Test
    void memoryThatIsNotThereForTheMoment_isNoFault_andIsAskedForAgain() throws Exception {
        assertThat(open("BUFFER", List.of(), "SHIM_FAIL=clCreateBuffer:2:-4"))
                .contains("blocking not: device probe has no memory left: clCreateBuffer failed"
                        + " with CL_MEM_OBJECT_ALLOCATION_FAILURE (-4)")
                .contains("so it is measured again", "differs at -1", "exit 0");
        assertThat(open("BUFFER", List.of()))
                .containsPattern("before .*blocking not: .*so it is measured again")
                .containsPattern("found .*blocking \\d+\\.\\d GiB/s")
                .contains("differs at -1", "exit 0");
    }

    /** This program meets the same then, by itself. */
    @Test
    void deviceWithoutAnyMemoryForTheMoment_isNotCalledWrong() throws Exception {
        assertThat(open("BUFFER", List.of(), "SHIM_FAIL=clCreateBuffer:1+:-4"))
                .contains("found straight: not measured, since device probe has no memory left:"
                        + " clCreateBuffer failed with CL_MEM_OBJECT_ALLOCATION_FAILURE (-4)")
                .doesNotContain("does not copy right");
        assertThat(remembered()).isEmpty();
    }

    /** As drivers do that take memory when it is first used: at a copy. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "clEnqueueSVMMemcpy:9:-4, straight",
                "clEnqueueMapBuffer:1+:-4, staged",
            })
    void memoryThatIsNotThereWhenItIsUsed_isNoFault_andIsAskedForAgain(String failure)
            throws Exception {
        String[] words = failure.split(", ");
        assertThat(open(
                        "COARSE_GRAINED_SVM",
                        List.of(),
                        "SHIM_SVM=coarse",
                        "SHIM_FAIL=" + words[0]))
                .contains(words[1] + " not: ", "so it is measured again")
                .contains("differs at -1", "exit 0");
        assertThat(open("COARSE_GRAINED_SVM", List.of(), "SHIM_SVM=coarse"))
                .containsPattern("found .*" + words[1] + " \\d+\\.\\d GiB/s")
                .contains("differs at -1", "exit 0");
    }

    @Test
    void deviceWithoutAnyMemoryWhenItIsUsed_isNotCalledWrong() throws Exception {
        assertThat(open("BUFFER", List.of(), "SHIM_LIKE=lazy", "SHIM_RESERVED=95000000"))
                .contains("found straight: not measured, since device probe has no memory left:")
                .doesNotContain("does not copy right");
        assertThat(remembered()).isEmpty();
    }

    /** Its process ends before it would count as hung, and says what it saw. */
    @ParameterizedTest
    @ValueSource(ints = {100_000, 450_000})
    void deviceThatIsVerySlow_isMeasuredAllTheSame(int delayMicros) throws Exception {
        assertThat(verySlow.get(delayMicros))
                .containsPattern("found straight \\d+\\.\\d GiB/s in, \\d+\\.\\d out, chosen")
                .doesNotContain("hung")
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
                    .contains("-Dhighpage.opencl.copy=straight uses it in spite of that")
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

    /** As often as a device is opened beside such programs, but not for ever. */
    @Test
    void whatIsFoundBesideBusyProcessors_isFoundAgain() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> others = IntStream.range(0, Runtime.getRuntime().availableProcessors())
                .mapToObj(core -> Thread.ofPlatform().start(() -> {
                    while (!over.get()) {
                        Thread.onSpinWait();
                    }
                }))
                .toList();
        try {
            assertThat(open("BUFFER", List.of()))
                    .containsPattern("found .*; beside busy processors, so it is measured again")
                    .contains("exit 0");
            Path file = remembered().getFirst();
            assertThat(Files.readString(file)).contains("\nmeasured 1 busy\n");
            Files.writeString(file, Files.readString(file).replace(" 1 busy", " 2 busy"));
            assertThat(open("BUFFER", List.of()))
                    .containsPattern("before .*; beside busy processors, so it is measured again")
                    .containsPattern("found (?!.*beside busy).*")
                    .contains("exit 0");
            assertThat(Files.readString(file)).contains("\nmeasured 3 busy\n");
        } finally {
            over.set(true);
            for (Thread other : others) {
                other.join();
            }
        }
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
