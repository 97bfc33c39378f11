// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.opencl.OpenClMemoryMode;
import io.highpage.outcome.DeviceTraffic;
import io.highpage.testkit.Example;
import io.highpage.testkit.JavaProcess;
import io.highpage.testkit.opencl.OpenClProgram.Mode;
import io.highpage.testkit.opencl.RequireOpenCl;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Runs the programs that pages of docs/adopting show, and keeps the pages true. */
class JoclPagesTest {
    private static final int COUNT = 1 << 16;
    private static final long BYTES = 4L * COUNT;

    private final int[] numbers = IntStream.range(0, COUNT).toArray();

    @BeforeEach
    void requireOpenCl() {
        RequireOpenCl.check();
    }

    /** The name says the mode, as the enum of the library does. */
    private static void assumeMode(OpenClMemoryMode mode) {
        RequireOpenCl.mode(Mode.valueOf(mode.name()));
    }

    @ParameterizedTest
    @EnumSource
    void keptBuffers_areCopiedNoMoreThanTheyMust(OpenClMemoryMode mode) {
        assumeMode(mode);
        DeviceTraffic traffic = KeptBuffers.run(mode, numbers, 5);
        assertNumbersAreMoreBy(0 + 1 + 2 + 3 + 4);
        if (mode != OpenClMemoryMode.FINE_GRAINED_SVM) { // whose pages are read where they are
            assertThat(traffic.bytesIn()).isEqualTo(5 * BYTES);
            assertThat(traffic.bytesOut()).isEqualTo(5 * BYTES);
        }
    }

    @ParameterizedTest
    @EnumSource
    void copiedResults_leaveTheStateOnTheDevice(OpenClMemoryMode mode) {
        assumeMode(mode);
        assertThat(CopiedResults.run(mode, numbers, 3)).isEqualTo((int) (BYTES / 4096));
        assertNumbersAreMoreBy(3);
    }

    @Test
    void kernelsOnAnotherQueue_areWaitedFor() {
        OtherQueue.run(numbers);
        assertNumbersAreMoreBy(1 + 2);
    }

    @ParameterizedTest
    @EnumSource
    void twoDevices_workOnABufferAtOnce(OpenClMemoryMode mode) {
        assumeMode(mode);
        TwoDevices.run(mode, numbers);
        for (int i = 0; i < COUNT; i++) {
            assertThat(numbers[i]).isEqualTo(i + (i < COUNT / 2 ? 1 : 2));
        }
    }

    @ParameterizedTest
    @EnumSource
    void libraryThatTakesAClMem_worksOnAnAccess(OpenClMemoryMode mode) {
        assumeMode(mode);
        LibraryCall.run(mode, numbers);
        assertThat(numbers).containsOnly(1);
    }

    @Test
    void svmOfTheProgram_isAnArgumentBesideAnAccess() {
        assumeMode(OpenClMemoryMode.COARSE_GRAINED_SVM);
        assertThat(OwnSvm.run(numbers))
                .isEqualTo(IntStream.rangeClosed(1, COUNT).toArray());
    }

    @ParameterizedTest
    @EnumSource
    void stepsThatBeginAfterEvents_happenInOrder(OpenClMemoryMode mode) {
        assumeMode(mode);
        AfterEvents.run(mode, numbers);
        assertNumbersAreMoreBy(1);
    }

    /** No driver that is tested with has images over buffers, but the one for tests. */
    @Test
    void kernelOfImages_worksOnPages(@TempDir Path folder) throws Exception {
        ProcessBuilder process = JavaProcess.of(
                List.of("--enable-native-access=ALL-UNNAMED"), OverImages.Main.class);
        process.environment().putAll(RequireOpenCl.driverWithImages(folder));
        assertThat(JavaProcess.run(process))
                .contains("FINE_GRAINED_SVM is right", "COARSE_GRAINED_SVM is right")
                .contains("BUFFER is right");
    }

    private void assertNumbersAreMoreBy(int more) {
        assertThat(numbers).isEqualTo(IntStream.range(more, COUNT + more).toArray());
    }

    @ParameterizedTest
    @CsvSource({
        "KeptBuffers, loops",
        "CopiedResults, loops",
        "OtherQueue, queues",
        "TwoDevices, devices",
        "OwnSvm, svm",
        "LibraryCall, libraries",
        "OverImages, libraries",
        "AfterEvents, events"
    })
    void program_isTheOneOnItsPage(String program, String page) throws Exception {
        Class<?> shown = Class.forName(getClass().getPackageName() + "." + program);
        assertThat(Files.readString(Path.of("../docs/adopting", page + ".md")))
                .contains(Example.block(shown));
    }
}
