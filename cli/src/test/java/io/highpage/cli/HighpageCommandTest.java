// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HighpageCommandTest {
    @Test
    void helpListsTheCommandsAndExitCodes() {
        assertThat(Cli.run("--help").succeeds().out())
                .contains(
                        "devices",
                        "demo",
                        "run",
                        "replay",
                        "timeline",
                        "record",
                        "top",
                        "doctor",
                        "test",
                        "bench",
                        "2       the command line makes no sense",
                        "128+N   signal N ended Java");
    }

    @ParameterizedTest
    @ValueSource(strings = {"devices", "demo", "run", "replay", "timeline", "top", "doctor"})
    void everyCommandHasHelpAndVersion(String command) {
        assertThat(Cli.run(command, "--help").succeeds().out())
                .contains("Usage: highpage " + command, "--json");
        assertThat(Cli.run(command, "--version").succeeds().out()).startsWith("highpage ");
    }

    @Test
    void versionIsTheOneThatWasBuilt() {
        assertThat(Cli.run("--version").succeeds().out())
                .matches("(?s)highpage \\d+\\.\\d+\\.\\d+.*Java 2\\d.*");
    }

    @Test
    void shellsAndManAreServed() throws Exception {
        String completion = Cli.run("completion").succeeds().out();
        assertThat(completion)
                .contains("complete -F _complete_highpage", "--element-bytes", "--max-size");
        Process bash =
                new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
        try (var to = bash.outputWriter()) {
            to.write(completion);
        }
        assertThat(bash.inputReader().lines()).isEmpty();
        String page = Cli.run("man", "run").succeeds().out();
        assertThat(page)
                .startsWith(".TH HIGHPAGE-RUN 1 ")
                .contains(
                        ".SH NAME\n\\&highpage\\-run \\- Run an OpenCL C kernel over files.\n",
                        ".B \"\\-\\-out FILE[:COUNT]\"\n",
                        ".SH OPTIONS");
        assertThat(page.lines())
                .allMatch(line -> line.matches("\\.(TH|SH|PP|TP|B|br)( .*)?|\\\\&.*"));
        assertThat(Cli.run("man").succeeds().out()).contains(".SH COMMANDS", ".SH EXIT STATUS");
        assertThat(Cli.run("man", "record").succeeds().out()).contains("FILE.jfr", "COMMAND");
        Cli.run("man", "nosuch").fails(2, "there is no command 'nosuch'");
    }

    @Test
    void noCommandIsAUsageError() {
        Cli.run().fails(2, "no command given", "--help");
    }

    @Test
    void anUnknownCommandIsAUsageErrorThatSaysWhatWasMeant() {
        Cli.run("dmo").fails(2, "there is no command 'dmo'", "Did you mean: highpage demo?");
    }

    @Test
    void anUnknownOptionIsAUsageErrorThatSaysWhatWasMeant() {
        Cli.run("demo", "--page-sise", "4K").fails(2, "--page-sise", "--page-size");
    }

    @Test
    void anUnknownDeviceIsAUsageErrorThatListsThoseThereAre() {
        Cli.run("demo", "--device", "tape").fails(2, "--device tape", "host", "host-private");
    }

    @Test
    void aSettingThatMakesNoSenseIsTheUsersErrorAndSaysWhereItIsMade() {
        Cli.assumeDevice("opencl-buffer");
        System.setProperty("highpage.opencl.copy", "STRAIGHT");
        try {
            Cli.run("demo", "--device", "opencl-buffer")
                    .fails(
                            1,
                            "-Dhighpage.opencl.copy=STRAIGHT is no way to copy; there are: ",
                            "JAVA_TOOL_OPTIONS=-D... in the environment");
        } finally {
            System.clearProperty("highpage.opencl.copy");
        }
    }

    @Test
    void errorsAreJsonToo() {
        Cli result = Cli.run("demo", "/does/not/exist", "--device", "host", "--json");
        result.fails(1, "/does/not/exist");
        assertThat(result.json().get("exitCode").asInt()).isEqualTo(1);
        assertThat(result.json().get("error").asText()).contains("no such file");
    }

    @Test
    void debugShowsWhereAnErrorCameFrom() {
        assertThat(Cli.run("demo", "/does/not/exist", "--device", "host", "--debug")
                        .err())
                .contains("\tat io.highpage.cli");
    }
}
