// SPDX-License-Identifier: Apache-2.0
package io.highpage.lwjgl.programs;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.junit.HighpageLeakCheck;
import io.highpage.opencl.OpenClMemoryMode;
import io.highpage.testkit.ChangedLines;
import io.highpage.testkit.opencl.OpenClProgram;
import io.highpage.testkit.opencl.RequireOpenCl;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Files;
import java.nio.file.Path;

/** Every program gives what plain Java gives, before and after it is ported. */
@ExtendWith(HighpageLeakCheck.class)
@Tag("opencl")
class ProgramsTest {
    private static final String SOURCES = "lwjgl/src/test/java/io/highpage/lwjgl/programs";

    @ParameterizedTest
    @EnumSource
    void everyProgramGivesTheSame(OpenClMemoryMode mode) {
        RequireOpenCl.check();
        RequireOpenCl.mode(OpenClProgram.Mode.valueOf(mode.name()));
        for (Program program : Program.ALL) {
            Object expected = program.expected();
            try (Setup cl = new Setup(mode)) {
                if (program.isPossible(cl)) {
                    assertThat(program.plain(cl)).as(program.name()).isEqualTo(expected);
                }
                assertThat(program.ported(cl)).as(program.name()).isEqualTo(expected);
            }
        }
    }

    @Test
    void theTableCountsTheLinesThatChange() throws Exception {
        StringBuilder table = new StringBuilder();
        for (Program program : Program.ALL) {
            Path file = Path.of("..", SOURCES, program.name() + ".java");
            table.append(ChangedLines.row(SOURCES, program.name(), Files.readAllLines(file)))
                    .append('\n');
        }
        assertThat(Files.readString(Path.of("../docs/ports.md"))).contains(table);
    }
}
