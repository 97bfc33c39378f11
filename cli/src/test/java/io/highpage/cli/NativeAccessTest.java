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
    void theLibraryAndRingsRunWithTheModulesOfTheReadme() throws Exception {
        String modules = modulesIn("README.md");
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
    void theModulesThatOpenClAndJoclNeedBesidesAreTheOnesThatTheReadmeNames() throws Exception {
        Cli.assumeOpenCl();
        assertThat(Files.readString(Path.of("../README.md")))
                .contains("and `io.highpage.opencl` where it is used", "name `jocl`,");
        String modules = modulesIn("README.md") + ",io.highpage.opencl,jocl";
        assertThat(run(modules, "demo", data(), "--device", "opencl"))
                .contains("verified")
                .doesNotContain("Illegal");
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
        Path words = folder.resolve("words");
        List<String> options =
                List.of("--illegal-native-access=deny", "--enable-native-access=" + modules);
        Process process = new ProcessBuilder(CliProcess.command(options, arguments))
                .redirectErrorStream(true)
                .redirectOutput(words.toFile())
                .start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(words)).isZero();
        return Files.readString(words);
    }
}
