// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The modules that the documents name are all that need native access, on a Java that refuses it to
 * all others.
 */
class NativeAccessTest {
    private static final Pattern OPTION = Pattern.compile("--enable-native-access=([\\w.,]+)");

    @TempDir
    private Path folder;

    @Test
    void theLibraryAndRingsRunWithTheModulesOfTheDocument() throws Exception {
        String modules = modulesIn("docs/adopting.md");
        assertThat(modulesIn("uring/README.md")).isEqualTo(modules);
        assertThat(run(modules, "doctor"))
                .contains("native access", "libjsig")
                .contains("--enable-native-access=" + modules + ",io.highpage.opencl")
                .doesNotContain("Illegal");
        assertThat(run(modules, "demo", data(), "--device", "host"))
                .contains("verified")
                .doesNotContain("Illegal");
    }

    @Test
    void theModulesThatOpenClAndJoclNeedBesidesAreTheOnesThatTheDocumentNames() throws Exception {
        Cli.assumeOpenCl();
        assertThat(Files.readString(Path.of("../docs/adopting.md")))
                .contains("and `io.highpage.opencl` where it is used", "name `jocl`,");
        String modules = modulesIn("docs/adopting.md") + ",io.highpage.opencl,jocl";
        assertThat(run(modules, "demo", data(), "--device", "opencl"))
                .contains("verified")
                .doesNotContain("Illegal");
    }

    /** Else a program would work on the host's memory, and nobody would know why it is slow. */
    @Test
    void whoAsksForTheBestDevice_isToldThatOpenClIsDenied_andGetsNoOther() throws Exception {
        String modules = modulesIn("docs/adopting.md");
        for (String command : List.of("demo", "devices")) {
            Process process = start(modules, command);
            assertThat(process.exitValue()).isEqualTo(1);
            assertThat(words())
                    .startsWith("highpage: OpenCL cannot be called: native access is denied; ")
                    .contains("--enable-native-access=" + modules + ",io.highpage.opencl,jocl");
        }
        assertThat(run(modules, "demo", data(), "--device", "host")).contains("verified");
        assertThat(start(modules, "demo", data(), "--device", "opencl").exitValue())
                .isEqualTo(1);
        assertThat(words()).startsWith("highpage: OpenCL cannot be called");
    }

    private static String modulesIn(String document) throws IOException {
        Matcher option = OPTION.matcher(Files.readString(Path.of("..", document)));
        assertThat(option.find()).isTrue();
        return option.group(1);
    }

    private Path data() throws IOException {
        return Files.write(folder.resolve("data"), new byte[50_000]);
    }

    private String run(String modules, Object... arguments)
            throws IOException, InterruptedException {
        Process process = start(modules, arguments);
        assertThat(process.exitValue()).as(words()).isZero();
        return words();
    }

    private Process start(String modules, Object... arguments)
            throws IOException, InterruptedException {
        List<String> options =
                List.of("--illegal-native-access=deny", "--enable-native-access=" + modules);
        Process process = new ProcessBuilder(CliProcess.command(options, arguments))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("words").toFile())
                .start();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        return process;
    }

    private String words() throws IOException {
        return Files.readString(folder.resolve("words"));
    }
}
