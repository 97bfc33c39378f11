// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The launcher {@code ./highpage} in a checkout, with a JDK and a Maven, that are made up of a few
 * lines of shell.
 */
class LauncherTest {
    private static final Path REAL = Path.of("..", "highpage");

    /** All that the launcher calls, but for flock. */
    private static final List<String> TOOLS = List.of(
            "basename",
            "cat",
            "date",
            "dirname",
            "find",
            "git",
            "head",
            "kill",
            "mkdir",
            "mv",
            "readlink",
            "rm",
            "rmdir",
            "sed",
            "sh",
            "sleep",
            "touch",
            "env");

    @TempDir
    private Path folder;

    private Path checkout;
    private Path bin;
    private Path jdk;

    @BeforeEach
    void checkout() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        checkout = Files.createDirectory(folder.resolve("a checkout"));
        Files.copy(REAL, checkout.resolve("highpage"));
        Files.writeString(checkout.resolve("pom.xml"), "");
        for (String module : List.of("cli", "bench", "spark", "sparkbench")) {
            Files.createDirectories(checkout.resolve(module + "/src"));
            Files.writeString(checkout.resolve(module + "/pom.xml"), "");
        }
        bin = Files.createDirectory(folder.resolve("bin"));
        for (String tool : TOOLS) {
            for (String place : List.of("/usr/bin", "/bin")) {
                Path path = Path.of(place, tool);
                if (Files.exists(path) && !Files.exists(bin.resolve(tool))) {
                    tool(path);
                }
            }
        }
        // Two builds at once find the folder of the other.
        script(bin.resolve("mvn"), """
                for word; do
                    case $word in cli | bench | spark | sparkbench) module=$word ;; esac
                done
                mkdir busy || exit 1
                sleep 0.5
                mkdir -p $module/target/lib
                touch $module/target/highpage-$module-1.jar
                echo /m2/spark.jar:/m2/scala.jar >$module/target/spark.classpath
                echo built $module >>builds
                rmdir busy
                """);
        jdk = Files.createDirectories(folder.resolve("jdk/bin")).getParent();
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
        script(jdk.resolve("bin/javac"), "");
        java("echo \"ran $*\"");
    }

    static Stream<String> shells() {
        return Stream.of("dash", "bash")
                .filter(shell -> Files.isExecutable(Path.of("/bin", shell)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void commandsAtOnceOnStaleSourcesBuildOneAfterTheOther(boolean flock) throws Exception {
        if (flock) {
            assumeTrue(Files.exists(Path.of("/usr/bin/flock")), "no flock");
            tool(Path.of("/usr/bin/flock"));
        }
        List<Process> processes = new ArrayList<>();
        for (String command : List.of("devices", "bench", "doctor", "bench")) {
            processes.add(start("sh", command));
        }
        for (Process process : processes) {
            assertThat(end(process)).as(words()).isZero();
        }
        assertThat(Files.readAllLines(checkout.resolve("builds")))
                .containsExactlyInAnyOrder("built cli", "built bench");
        // Nothing is left that could hold the next one up.
        Files.delete(checkout.resolve("cli/target/launcher.stamp"));
        assertThat(end(start("sh", "devices"))).isZero();
    }

    @ParameterizedTest
    @MethodSource("shells")
    void theDemoOfSparkRunsOnItsJarsWhereMavenHasThem(String shell) throws Exception {
        java("printf '%s\\n' \"$@\" \"libjsig: $LD_PRELOAD\"; exit 3");
        Files.createDirectories(jdk.resolve("lib"));
        Files.createFile(jdk.resolve("lib/libjsig.so"));
        for (boolean fetched : List.of(false, true)) {
            ProcessBuilder builder = builder(List.of("/bin/" + shell), "spark-demo", "--help");
            builder.environment().put("HOME", folder.toString());
            assertThat(end(builder.start())).as(words()).isEqualTo(3);
            assertThat(words())
                    .contains(
                            checkout + "/spark/target/highpage-spark-1.jar:" + checkout
                                    + "/spark/target/lib/*:/m2/spark.jar:/m2/scala.jar\n",
                            "io.highpage.spark.demo.SparkDemo\n--help\n",
                            "libjsig: " + jdk + "/lib/libjsig.so")
                    .doesNotContain("spark-demo", "AOTCache");
            assertThat(words().contains("fetches the jars of Apache Spark first, about 280 MB"))
                    .isEqualTo(!fetched);
            Files.createDirectories(
                    folder.resolve(".m2/repository/org/apache/spark/spark-core_2.13"));
            Files.deleteIfExists(checkout.resolve("spark/target/launcher.stamp"));
        }
    }

    @ParameterizedTest
    @MethodSource("shells")
    void theBenchOnSparkIsAModuleOfItsOwn(String shell) throws Exception {
        java("printf '%s\\n' \"$@\"; exit 3");
        assertThat(end(start(shell, "bench", "spark", "--quick"))).as(words()).isEqualTo(3);
        assertThat(words())
                .contains(
                        checkout + "/sparkbench/target/highpage-sparkbench-1.jar:" + checkout
                                + "/sparkbench/target/lib/*:/m2/spark.jar:/m2/scala.jar\n",
                        "io.highpage.bench.spark.SparkBench\n--quick\n")
                .doesNotContain("\nspark\n", "AOTCache");
    }

    @Test
    void aLockWhoseOwnerWasKilledIsTakenOver() throws Exception {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        Path lock = Files.createDirectories(checkout.resolve("target/launcher.lock.d"));
        Files.writeString(lock.resolve("pid"), Long.toString(ended.pid()));
        assertThat(end(start("sh", "devices"))).as(words()).isZero();
        assertThat(checkout.resolve("builds")).content().isEqualTo("built cli\n");
        assertThat(lock).doesNotExist();
    }

    @Test
    void aLockThatIsHeldIsToldWithTheWayOut() throws Exception {
        Path lock = Files.createDirectories(checkout.resolve("target/launcher.lock.d"));
        Files.writeString(
                lock.resolve("pid"), Long.toString(ProcessHandle.current().pid()));
        Process waiting = start("sh", "devices");
        while (!words().contains("\n")) {
            Thread.sleep(20);
        }
        assertThat(words())
                .contains("waiting for another build in " + checkout, "rm -r ")
                .doesNotContain("ran");
        Files.delete(lock.resolve("pid"));
        Files.delete(lock);
        assertThat(end(waiting)).as(words()).isZero();
    }

    @Test
    void aCheckoutThatCannotBeWrittenRunsWhatWasBuiltOrSaysWhy() throws Exception {
        assertThat(end(startAsNobody("devices"))).isEqualTo(1);
        assertThat(words())
                .contains(
                        "was not built yet, and this user cannot write there", "cp -a " + checkout);

        assertThat(end(start("sh", "devices"))).as(words()).isZero();
        assertThat(end(startAsNobody("devices"))).as(words()).isZero();
        assertThat(words()).doesNotContain("cannot write");

        Files.setLastModifiedTime(
                checkout.resolve("cli/src"),
                FileTime.fromMillis(System.currentTimeMillis() + 5_000));
        assertThat(end(startAsNobody("devices"))).as(words()).isZero();
        assertThat(words())
                .contains(
                        "sources are newer",
                        "cannot write to " + checkout,
                        "Running what was built",
                        "ran ");
    }

    @ParameterizedTest
    @MethodSource("shells")
    void inputOutputAndExitCodeAreJavas(String shell) throws Exception {
        java("cat; echo \"words: $*\" >&2; exit 7");
        Path input = Files.writeString(folder.resolve("input"), "some input\n");
        ProcessBuilder builder = builder(List.of("/bin/" + shell), "run", "with space", "*");
        Process process = builder.redirectInput(input.toFile()).start();
        assertThat(end(process)).isEqualTo(7);
        assertThat(words())
                .contains(
                        "some input\n",
                        "-m io.highpage.cli/io.highpage.cli.Main run with space *\n")
                .doesNotContain("died");
    }

    @Test
    void namesAreUtf8WhereThereIsNoLanguage() throws Exception {
        java("echo \"$LC_ALL\"");
        for (String language : List.of("", "C", "POSIX", "de_DE.ISO-8859-1")) {
            ProcessBuilder builder = builder(List.of("/bin/sh"), "devices");
            builder.environment().keySet().removeIf(name -> name.startsWith("LC_"));
            builder.environment().put("LANG", language);
            assertThat(end(builder.start())).as(words()).isZero();
            assertThat(words()).matches(language.startsWith("de") ? "\n" : "(?s).*C.UTF-8\n");
        }
    }

    @ParameterizedTest
    @MethodSource("shells")
    void descriptorsAreTheCallersOrClosedAsTheCallerHasThem(String shell) throws Exception {
        java("if : <&0; then cat; fi 2>/dev/null; echo to 9 >&9; echo to 8 >&8");
        Path nine = folder.resolve("nine");
        String redirected = "\"$0\" \"$@\" 9>" + nine + " 8>&9";
        assertThat(end(builder(
                                List.of(
                                        "/bin/sh",
                                        "-c",
                                        "echo input | " + redirected,
                                        "/bin/" + shell),
                                "run")
                        .start()))
                .as(words())
                .isZero();
        assertThat(nine).content().isEqualTo("to 9\nto 8\n");
        assertThat(words()).endsWith("input\n");

        assertThat(end(builder(
                                List.of("/bin/sh", "-c", redirected + " <&-", "/bin/" + shell),
                                "run")
                        .start()))
                .as(words())
                .isZero();
        assertThat(nine).content().isEqualTo("to 9\nto 8\n");
    }

    @Test
    void onlyOneJarIsRunAfterTheVersionHasChanged() throws Exception {
        assertThat(end(start("sh", "devices"))).as(words()).isZero();
        Files.move(
                checkout.resolve("cli/target/highpage-cli-1.jar"),
                checkout.resolve("cli/target/highpage-cli-0.jar"));
        Files.setLastModifiedTime(
                checkout.resolve("cli/src"),
                FileTime.fromMillis(System.currentTimeMillis() + 5_000));
        assertThat(end(start("sh", "devices"))).as(words()).isZero();
        assertThat(words()).contains("-p " + checkout + "/cli/target/highpage-cli-1.jar:");
    }

    @Test
    void aCacheIsMadeWithEachBuildAndUsedFromThenOn() throws Exception {
        java("echo made >>" + folder + "/made; touch \"${1#*=}\"; exit", "echo \"ran $*\"");
        Path cache = checkout.resolve("cli/target/launcher.aot");
        for (int i = 0; i < 2; i++) {
            assertThat(end(start("sh", "devices"))).as(words()).isZero();
            assertThat(words()).contains(" -XX:AOTCache=" + cache + " ");
        }
        assertThat(folder.resolve("made")).content().isEqualTo("made\n");
        Files.delete(checkout.resolve("cli/target/launcher.stamp"));
        assertThat(end(start("sh", "devices"))).as(words()).isZero();
        assertThat(folder.resolve("made")).content().isEqualTo("made\nmade\n");
    }

    @Test
    void aCacheThatCannotBeMadeIsDoneWithoutAndNothingIsSaid() throws Exception {
        java("touch \"${1#*=}\"; echo driver >&2; cat; kill -s SEGV $$", "cat; echo \"ran $*\"");
        Path input = Files.writeString(folder.resolve("input"), "some input\n");
        assertThat(end(builder(List.of("/bin/sh"), "devices")
                        .redirectInput(input.toFile())
                        .start()))
                .as(words())
                .isZero();
        assertThat(words())
                .contains("some input\nran ")
                .doesNotContain("AOTCache", "driver", "SIG", "fault");
        assertThat(checkout.resolve("cli/target/launcher.aot")).doesNotExist();
        assertThat(checkout.resolve("cli/target/launcher.aot.new")).doesNotExist();
    }

    @Test
    void aCacheThatDoesNotFitIsDoneWithoutAndNothingIsSaid() throws Exception {
        Path cache = Files.writeString(folder.resolve("cache"), "none");
        ProcessBuilder builder = new ProcessBuilder(CliProcess.command(
                        List.of("-XX:AOTCache=" + cache, "-Xlog:aot=off", "-Xlog:cds=off"),
                        "--version"))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("words").toFile());
        assertThat(end(builder.start())).as(words()).isZero();
        assertThat(words()).matches("highpage .*\\R" + "Java .*\\R");
    }

    @ParameterizedTest
    @MethodSource("shells")
    void signalsArePassedOnAndEndTheLauncherToo(String shell) throws Exception {
        for (String signal : List.of("INT", "TERM", "HUP")) {
            Path got = folder.resolve("got");
            Files.deleteIfExists(got);
            // As Java does it: orderly, with the signal's number.
            java("trap 'echo TERM >" + got + "; exit 143' TERM\ntrap 'echo HUP >" + got
                    + "; exit 129' HUP\n" + "echo waiting\nwhile :; do sleep 0.05; done");
            Process process = start(shell, "run");
            while (!words().contains("waiting")) {
                Thread.sleep(20);
            }
            assertThat(new ProcessBuilder("kill", "-s", signal, Long.toString(process.pid()))
                            .start()
                            .waitFor())
                    .isZero();
            int number = switch (signal) {
                case "INT" -> 2;
                case "HUP" -> 1;
                default -> 15;
            };
            assertThat(end(process)).as(signal + words()).isEqualTo(128 + number);
            assertThat(got).content().isEqualTo(signal.equals("HUP") ? "HUP\n" : "TERM\n");
        }
    }

    @ParameterizedTest
    @MethodSource("shells")
    void aJavaThatDiedIsToldFromAnErrorOfItsOwn(String shell) throws Exception {
        java("kill -s SEGV $$");
        assertThat(end(start(shell, "run"))).isEqualTo(139);
        assertThat(words())
                .contains(
                        "highpage: Java died of SIGSEGV (exit code 139)",
                        "beyond its buffers",
                        "oclgrind");
        java("kill -s KILL $$");
        assertThat(end(start(shell, "run"))).isEqualTo(137);
        assertThat(words())
                .contains("highpage: Java died of SIGKILL", "want of memory")
                .doesNotContain("kernel");
        // Its exit code is the recorded command's, which is said to nobody else.
        java("exit 137");
        assertThat(end(start(shell, "record"))).isEqualTo(137);
        assertThat(words()).doesNotContain("died");
        java("exit 1");
        assertThat(end(start(shell, "run"))).isEqualTo(1);
        assertThat(words()).doesNotContain("died");
    }

    @Test
    void aKernelThatFaultsIsNamedAsTheLikelyCause() throws Exception {
        Cli.assumeOpenCl();
        Path kernel = Files.writeString(
                folder.resolve("fault.cl"),
                "kernel void fault(global const int *in, global int *out) {"
                        + " out[get_global_id(0) + (1UL << 40)] = 1; }");
        Path data = Files.write(folder.resolve("data"), new byte[4096]);
        Path out = Files.writeString(folder.resolve("out"), "old");
        // The command line as it is tested here, in place of the one that was "built".
        java("while [ \"$1\" != -m ]; do shift; done\nshift 2\nexec "
                + String.join(" ", CliProcess.command()) + " \"$@\"");
        Process process = start(
                "sh",
                "run",
                kernel.toString(),
                "--kernel",
                "fault",
                "--in",
                data.toString(),
                "--out",
                out.toString());
        assertThat(end(process)).isGreaterThan(128);
        assertThat(words())
                .contains("highpage: Java died of SIG", "Outputs are as they were before.");
        assertThat(out).hasContent("old");
        try (var files = Files.list(folder)) {
            assertThat(files.map(Path::toString)).noneMatch(name -> name.endsWith(".part"));
        }
    }

    private void tool(Path path) throws IOException {
        script(bin.resolve(path.getFileName()), "exec " + path + " \"$@\"");
    }

    /** What commands run; a cache is not made. */
    private void java(String script) throws IOException {
        java("exit 1", script);
    }

    private void java(String cache, String script) throws IOException {
        script(
                jdk.resolve("bin/java"),
                "case $1 in -XX:AOTCacheOutput=*)\n" + cache + "\n;; esac\n" + script);
    }

    private static void script(Path path, String text) throws IOException {
        Files.writeString(path, "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Process start(String shell, String... arguments) throws IOException {
        return builder(List.of("/bin/" + shell), arguments).start();
    }

    private Process startAsNobody(String... arguments) throws IOException {
        assumeTrue(
                System.getProperty("user.name").equals("root"),
                "only root can become somebody else");
        assumeTrue(Files.exists(Path.of("/usr/bin/setpriv")), "no setpriv");
        return builder(
                        List.of(
                                "/usr/bin/setpriv",
                                "--reuid=65534",
                                "--regid=65534",
                                "--clear-groups",
                                "/bin/sh"),
                        arguments)
                .start();
    }

    private ProcessBuilder builder(List<String> shell, String... arguments) throws IOException {
        Files.deleteIfExists(folder.resolve("words"));
        List<String> command = new ArrayList<>(List.of("/usr/bin/env", "--default-signal"));
        command.addAll(shell);
        command.add(checkout.resolve("highpage").toString());
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(new File(folder.toFile(), "words")));
        builder.environment().put("PATH", bin.toString());
        builder.environment().put("JAVA_HOME", jdk.toString());
        return builder;
    }

    private static int end(Process process) throws InterruptedException {
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }

    private String words() throws IOException {
        Path words = folder.resolve("words");
        return Files.exists(words) ? Files.readString(words) : "";
    }
}
