// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.junit.HighpageLeakCheck;
import io.highpage.opencl.OpenClMemoryMode;
import io.highpage.testkit.ChangedLines;
import io.highpage.testkit.Example;
import io.highpage.testkit.JavaProcess;
import io.highpage.testkit.opencl.OpenClProgram;
import io.highpage.testkit.opencl.RequireOpenCl;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Every program gives what plain Java gives, before and after it is ported. */
@ExtendWith(HighpageLeakCheck.class)
@Tag("opencl")
class ProgramsTest {
    private static final String SOURCES = "jocl/src/test/java/io/highpage/jocl/programs";

    @ParameterizedTest
    @EnumSource
    void everyProgramGivesTheSame(OpenClMemoryMode mode) {
        require(mode);
        for (Program program : Program.ALL) {
            if (!(program instanceof Blas)) { // JOCLBlast's library is looked for in JOCL's module
                check(program, mode);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void blasGivesTheSame_onTheClassPath(OpenClMemoryMode mode) throws Exception {
        require(mode);
        assertThat(JavaProcess.run(process("Blas", mode))).contains("Blas is right");
    }

    @ParameterizedTest
    @EnumSource
    void aContextOfTwoDevicesGivesTheSame(OpenClMemoryMode mode) throws Exception {
        require(mode);
        ProcessBuilder process = process("SeveralDevices", mode);
        process.environment().put("POCL_DEVICES", "pthread pthread");
        String said = JavaProcess.run(process);
        assertThat(said).contains("SeveralDevices is right");
        assumeTrue(said.contains("devices: 2"), "only PoCL has as many devices as asked for");
    }

    /** No driver that is tested with has images over buffers, but the one for tests. */
    @ParameterizedTest
    @EnumSource
    void anImageOverPagesGivesTheSame(OpenClMemoryMode mode, @TempDir Path folder)
            throws Exception {
        RequireOpenCl.check();
        ProcessBuilder process = process("Image", mode);
        process.environment().putAll(RequireOpenCl.driverWithImages(folder));
        assertThat(JavaProcess.run(process)).contains("Image is ported to " + mode);
    }

    private static void require(OpenClMemoryMode mode) {
        RequireOpenCl.check();
        RequireOpenCl.mode(OpenClProgram.Mode.valueOf(mode.name()));
    }

    private static ProcessBuilder process(String name, OpenClMemoryMode mode) {
        return JavaProcess.of(
                List.of("--enable-native-access=ALL-UNNAMED"),
                OnClassPath.class,
                name,
                mode.name());
    }

    /** Checks one program. */
    static final class OnClassPath {
        private OnClassPath() {}

        public static void main(String[] arguments) {
            OpenClMemoryMode mode = OpenClMemoryMode.valueOf(arguments[1]);
            try (Setup cl = new Setup(mode)) {
                System.out.println("devices: " + cl.devices.length);
            }
            for (Program program : Program.ALL) {
                if (program.name().equals(arguments[0])) {
                    check(program, mode);
                    System.out.println(program.name() + " is right");
                }
            }
        }
    }

    private static void check(Program program, OpenClMemoryMode mode) {
        Object expected = program.expected();
        try (Setup cl = new Setup(mode)) {
            if (program.isPossible(cl)) {
                assertThat(program.plain(cl)).as(program.name()).isEqualTo(expected);
            }
            if (program.isPortable(cl)) {
                assertThat(program.ported(cl)).as(program.name()).isEqualTo(expected);
                System.out.println(program.name() + " is ported to " + mode);
            }
        }
    }

    @Test
    void theProgramOfTwoKernels_isTheOneOnItsPage() throws Exception {
        assertThat(Files.readString(Path.of("../docs/adopting/jocl.md")))
                .contains(Example.block(Heat.class));
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
