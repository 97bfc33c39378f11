// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;

import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** {@code highpage top} on other processes, good and bad ones. */
class TopCommandTest {
    private static final String NATIVE = "--enable-native-access=ALL-UNNAMED";
    private static final long MIB = 1 << 20;

    @TempDir
    private Path folder;

    private final List<Process> processes = new ArrayList<>();
    private BufferedReader said;
    private Writer steps;

    @AfterEach
    void end() throws InterruptedException {
        for (Process each : processes) {
            each.destroyForcibly().waitFor();
        }
    }

    private Process start(ProcessBuilder program) throws IOException {
        Process process = program.start();
        processes.add(process);
        return process;
    }

    /** {@return a JVM that waits for steps} */
    private Process child(String... options) throws IOException {
        List<String> all = new ArrayList<>(List.of(options));
        all.addAll(List.of(NATIVE, "-Xmx64m"));
        Process child = start(JavaProcess.of(all, TopChild.class));
        said = child.inputReader();
        steps = child.outputWriter();
        assertThat(said.readLine()).isEqualTo("started");
        return child;
    }

    /** {@return what the child says of its runtime after a step} */
    private String step(String step) throws IOException {
        steps.write(step + "\n");
        steps.flush();
        return said.readLine();
    }

    private static String number(String told, String before) {
        return told.replaceFirst(".*\\b" + before + " (\\d+).*", "$1");
    }

    private static void shows(JsonNode runtime, String told) {
        assertThat(told).startsWith(runtime.get("name").asText() + " ");
        JsonNode device = runtime.get("devices").get(0);
        assertThat(device.get("bytesIn").asText()).isEqualTo(number(told, "in"));
        assertThat(device.get("bytesOut").asText()).isEqualTo(number(told, "out"));
        assertThat(runtime.get("budgets").get(0).get("usedBytes").asText())
                .isEqualTo(number(told, "host"));
        assertThat(runtime.get("openBuffers").asText()).isEqualTo(number(told, "buffers"));
    }

    @Test
    void json_tellsWhatTheProgramTellsOfItself() throws IOException {
        long pid = child().pid();
        step("open");
        String told = step("move");
        JsonNode json = Cli.run("top", pid, "--json").succeeds().json();
        assertThat(json.get("pid").asLong()).isEqualTo(pid);
        assertThat(json.get("runtimes")).hasSize(1);
        JsonNode runtime = json.get("runtimes").get(0);
        shows(runtime, told);
        JsonNode tiers = runtime.get("buffers").get(0).get("tiers");
        assertThat(tiers.get(0).get("bytes").asLong()).isEqualTo(8 * MIB);
        assertThat(tiers.get(1).get("bytes").asLong()).isEqualTo(2 * MIB);
        assertThat(tiers.get(1).get("cleanBytes").asLong()).isEqualTo(2 * MIB);
        JsonNode holder = runtime.get("holders").get(0);
        assertThat(holder.get("owner").asText()).isEqualTo("receive ring");
        assertThat(holder.get("ageNanos").asLong()).isPositive();
        String more = step("move");
        assertThat(more).isNotEqualTo(told);
        shows(Cli.run("top", pid, "--json").succeeds().json().get("runtimes").get(0), more);
    }

    @Test
    void table_isInBlocksOf80Columns_withoutEscapes() throws IOException {
        long pid = child().pid();
        step("open");
        step("move");
        String out =
                Cli.run("top", pid, "--count", 2, "--interval", 0.1).succeeds().out();
        assertThat(out)
                .contains(
                        "highpage-1 of process " + pid + ": 1 buffer, open holders: 1 pin\n",
                        "TIER",
                        "home                   8 MiB   unlimited\n",
                        "host-private           8 MiB      64 MiB",
                        "1              8 MiB      4 KiB  home 8 MiB,"
                                + " host-private 2 MiB (2 MiB clean)\n",
                        " pin     READ_WRITE        1       4 KiB  receive ring\n")
                .doesNotContain("\u001b", "u001b");
        assertThat(out.split("TIER", -1)).hasSize(3);
        assertThat(out.lines()).allMatch(line -> line.length() <= 80);
    }

    @Test
    void holderOfAThreadWithoutAName_isToldOf() throws IOException {
        long pid = child().pid();
        step("open");
        step("byAThreadWithoutAName");
        assertThat(Cli.run("top", pid, "--count", 1).succeeds().out())
                .contains(" hold    READ_WRITE        1       8 MiB  a thread without a name\n");
    }

    @Test
    void withoutAProcess_thoseWithHighpageAreListed() throws IOException {
        long pid = child().pid();
        step("open");
        assertThat(Cli.run("top").succeeds().out()).containsPattern("(?m)^" + pid + " .*TopChild");
        assertThat(Cli.run("top", "--json").succeeds().json().get("processes"))
                .anyMatch(found -> found.get("pid").asLong() == pid);
    }

    @Test
    void whatIsNoProcess_isAUsageError() {
        for (String pid : List.of("abc", "0", "12x", "99999999999")) {
            Cli.run("top", pid).fails(2, "'" + pid + "' is not the number of a process");
        }
        Cli.run("top", "--interval", "0").fails(2, "--interval 0.0 is not above 0");
        Cli.run("top", "--count", "0").fails(2, "--count 0 is below 1");
    }

    @Test
    void processThatIsGone_isNamed() throws Exception {
        Process gone = start(new ProcessBuilder("true"));
        gone.waitFor();
        Cli.run("top", gone.pid()).fails(1, "there is no process " + gone.pid());
    }

    @Test
    void itself_isRefused() {
        long self = ProcessHandle.current().pid();
        Cli.run("top", self).fails(1, "process " + self + " is this command itself");
    }

    /** It would be ended by the signal that attaching sends. */
    @Test
    void processThatIsNoJvm_isLeftAlone() throws IOException {
        Process sleeps = start(new ProcessBuilder("sleep", "600"));
        Cli.run("top", sleeps.pid(), "--json").fails(1, "process " + sleeps.pid() + " is no JVM");
        assertThat(sleeps.isAlive()).isTrue();
    }

    @Test
    void jvmWithoutHighpage_isToldFromOneWithoutARuntime() throws IOException {
        long pid = child().pid();
        Cli.run("top", pid).fails(1, "process " + pid + " is a JVM without Highpage");
        step("open");
        step("close");
        Cli.run("top", pid).fails(1, "process " + pid + " has Highpage, but no runtime is open");
    }

    @Test
    void jvmThatRefuses_isNamed() throws IOException {
        long pid = child("-XX:+DisableAttachMechanism").pid();
        Cli.run("top", pid).fails(1, "process " + pid + " cannot be attached to", "DisableAttach");
    }

    @Test
    void programThatClosesItsRuntime_andOpensAnother_isFollowed() throws Exception {
        Process child = child();
        step("open");
        Process top = start(
                new ProcessBuilder(CliProcess.command("top", child.pid(), "--interval", "0.05"))
                        .redirectErrorStream(true));
        BufferedReader shown = top.inputReader();
        assertThat(shown.readLine()).startsWith("highpage-1 of process " + child.pid());
        step("close");
        assertThat(lineWith(shown, "no runtime"))
                .isEqualTo("process " + child.pid() + " has no runtime open now");
        step("open");
        assertThat(lineWith(shown, "highpage-2"))
                .startsWith("highpage-2 of process " + child.pid() + ": 1 buffer");
        child.destroyForcibly().waitFor();
        assertThat(shown.lines().reduce("", (last, line) -> line))
                .isEqualTo("highpage: process " + child.pid() + " has ended");
        assertThat(top.waitFor()).isEqualTo(1);
    }

    private static String lineWith(BufferedReader lines, String text) {
        return lines.lines().filter(line -> line.contains(text)).findFirst().orElse("the end");
    }

    @Test
    void programThatEndsMeanwhile_endsTheTable() throws Exception {
        Process child = child();
        step("open");
        Process top = start(
                new ProcessBuilder(CliProcess.command("top", child.pid(), "--interval", "0.05"))
                        .redirectErrorStream(true));
        BufferedReader shown = top.inputReader();
        assertThat(shown.readLine()).startsWith("highpage-1 of process " + child.pid());
        child.destroyForcibly().waitFor();
        assertThat(shown.lines().reduce("", (last, line) -> line))
                .isEqualTo("highpage: process " + child.pid() + " has ended");
        assertThat(top.waitFor()).isEqualTo(1);
    }

    /** Its number is there until its parent asks for its exit code, and that may never happen. */
    @Test
    void programThatEnded_butWhoseParentDoesNotAsk_hasEnded() throws Exception {
        ProcessBuilder program = JavaProcess.of(List.of(NATIVE, "-Xmx64m"), TopChild.class);
        program.command()
                .addAll(0, List.of("sh", "-c", "exec 3<&0; \"$@\" <&3 & exec sleep 600", "sh"));
        Process parent = start(program);
        said = parent.inputReader();
        steps = parent.outputWriter();
        assertThat(said.readLine()).isEqualTo("started");
        ProcessHandle child = parent.children().findFirst().orElseThrow();
        step("open");
        Process top = start(
                new ProcessBuilder(CliProcess.command("top", child.pid(), "--interval", "0.05"))
                        .redirectErrorStream(true));
        BufferedReader shown = top.inputReader();
        assertThat(shown.readLine()).startsWith("highpage-1 of process " + child.pid());
        child.destroyForcibly();
        assertThat(shown.lines().reduce("", (last, line) -> line))
                .isEqualTo("highpage: process " + child.pid() + " has ended");
        assertThat(top.waitFor()).isEqualTo(1);
    }

    @Test
    void jvmOfAnotherUser_isForThatUserAndForRoot() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can be two users");
        assumeTrue(Files.exists(Path.of("/usr/bin/setpriv")), "no setpriv");
        assertThat(folder.toFile().setExecutable(true, false)).isTrue();
        assertThat(folder.toFile().setReadable(true, false)).isTrue();
        Path program = Files.writeString(
                folder.resolve("Sleeps.java"),
                "void main() throws Exception { IO.println(1); Thread.sleep(600_000); }");
        Process nobodys = start(asNobody(List.of(java(), program.toString())));
        assertThat(nobodys.inputReader().readLine()).isEqualTo("1");
        Cli.run("top", nobodys.pid())
                .fails(1, "process " + nobodys.pid() + " is a JVM without Highpage");
        long self = ProcessHandle.current().pid();
        List<String> command = new ArrayList<>(CliProcess.command("top", self));
        command.set(command.indexOf("-p") + 1, copied(System.getProperty("jdk.module.path")));
        assertThat(JavaProcess.fail(asNobody(command)))
                .isEqualTo("highpage: process " + self
                        + " belongs to user root: look into it as that user, or as root\n");
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static ProcessBuilder asNobody(List<String> command) {
        List<String> words = new ArrayList<>(
                List.of("/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        words.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().remove("LD_PRELOAD");
        return builder;
    }

    /** {@return a module path where everybody can read it} */
    private String copied(String path) throws IOException {
        List<String> copies = new ArrayList<>();
        for (String entry : path.split(File.pathSeparator)) {
            Path from = Path.of(entry);
            Path own = Files.createDirectory(folder.resolve("path" + copies.size()));
            Path to = own.resolve(from.getFileName()); // which may name a module
            try (Stream<Path> files = Files.walk(from)) {
                for (Path file : files.toList()) {
                    Path copy = to.resolve(from.relativize(file).toString());
                    Files.copy(file, file.equals(from) ? to : copy);
                }
            }
            copies.add(to.toString());
        }
        return String.join(File.pathSeparator, copies);
    }
}
