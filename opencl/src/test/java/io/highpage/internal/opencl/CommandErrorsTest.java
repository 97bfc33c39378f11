// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.highpage.testkit.errors.ErrorsAnywhere.Mode;
import io.highpage.testkit.errors.ErrorsJvm;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Copies meet errors everywhere between their commands: none outlives the copy untold, and copies
 * go on afterwards. With {@code HIGHPAGE_ERRORS_FULL=true} errors of each kind, at every place.
 */
class CommandErrorsTest {
    @TempDir
    private Path folder;

    static List<Arguments> tries() {
        List<Mode> modes = Boolean.parseBoolean(System.getenv("HIGHPAGE_ERRORS_FULL"))
                ? List.of(Mode.values())
                : List.of(Mode.HEAP_INTERPRETED); // the one that found what was wrong
        return modes.stream()
                .flatMap(mode -> Stream.of("answers", "silent").map(how -> arguments(mode, how)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("tries")
    void everyWay_meetingAnErrorAnywhere_leavesNoCommandBehind(Mode mode, String driver)
            throws Exception {
        String output = ErrorsJvm.run(
                CommandSteps.class,
                mode,
                ShimDriver.alone(
                        folder, "SHIM_SVM=none", "SHIM_DELAY=" + 1000 * CommandSteps.DELAY_MILLIS),
                driver,
                "STRAIGHT",
                "BLOCKING",
                "STAGED",
                "WRAPPED",
                "MAPPED");
        System.out.print(output);
        assertThat(output).doesNotContain("LEAK").endsWith("leaks in all: 0\n");
    }
}
