// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.Devices;
import io.highpage.testkit.JavaProcess;

import jdk.jfr.consumer.RecordingFile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

class RecordCommandTest {
    @TempDir
    private Path folder;

    /** Is recorded. */
    static final class Program {
        private Program() {}

        /** Says what it was given and reads a byte; with a second word it waits to be ended. */
        public static void main(String[] arguments) throws Exception {
            if (arguments[0].equals("works")) {
                work();
            }
            System.out.println("got " + arguments[0] + " " + System.getProperty("of.the.user"));
            if (arguments.length > 1) {
                Thread.sleep(600_000);
            }
            System.exit(System.in.read());
        }

        private static void work() {
            try (Highpage runtime = Highpage.builder()
                            .device(Devices.named("host-private").open())
                            .open();
                    PageBuffer buffer = runtime.allocate(64 * 4096, 4096)) {
                buffer.fill((byte) 1);
                buffer.range(0, 32 * 4096).prefetch(runtime.device());
                try (Pin pin = buffer.range(4096, 4096).pin(Pin.longTerm().owner("the test"))) {
                    buffer.evict();
                }
            }
        }
    }

    private static List<String> program(String... words) {
        return JavaProcess.of(
                        List.of(
                                "-Xmx64m",
                                "-XX:+UseSerialGC",
                                "--enable-native-access=ALL-UNNAMED"),
                        Program.class,
                        (Object[]) words)
                .command();
    }

    private ProcessBuilder record(List<String> options, List<String> command) {
        List<String> words = new ArrayList<>(List.of("record"));
        words.addAll(options);
        words.add("--");
        words.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(CliProcess.command(words.toArray()))
                .directory(folder.toFile())
                .redirectError(folder.resolve("err").toFile())
                .redirectOutput(folder.resolve("out").toFile());
        builder.environment().put("JDK_JAVA_OPTIONS", "-Dof.the.user=kept");
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

    private String err() throws IOException {
        return Files.readString(folder.resolve("err"));
    }

    private List<String> recordings() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".jfr") || name.startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    private static void isWhole(Path recording) throws IOException {
        assertThat(RecordingFile.readAllEvents(recording)).isNotEmpty();
    }

    @Test
    void inputOutputAndExitCodeAreTheCommands() throws Exception {
        Process process = record(List.of("-o", "a.jfr", "--max-size=10M"), program("x y"))
                .redirectInput(Files.write(folder.resolve("in"), new byte[] {7}).toFile())
                .start();
        assertThat(end(process)).as(err()).isEqualTo(7);
        assertThat(folder.resolve("out")).hasContent("got x y kept\n");
        assertThat(err())
                .contains("highpage: wrote a.jfr (", "highpage timeline a.jfr -o a.html\n")
                .doesNotContain("\tat ");
        assertThat(recordings()).containsExactly("a.jfr");
        isWhole(folder.resolve("a.jfr"));
    }

    @Test
    void eachProcessHasARecordingOfItsOwn() throws Exception {
        List<String> two = new ArrayList<>(List.of("sh", "-c", "\"$@\"; \"$@\"; exit 3", "sh"));
        two.addAll(program("x"));
        Process process = record(List.of("-o", "of a, b.jfr", "--settings=profile"), two)
                .redirectInput(Path.of("/dev/null").toFile())
                .start();
        assertThat(end(process)).as(err()).isEqualTo(3);
        assertThat(recordings()).hasSize(2).allMatch(name -> name.matches("of a, b-\\d+\\.jfr"));
        assertThat(err()).contains("highpage timeline 'of a, b-");
        for (String each : recordings()) {
            isWhole(folder.resolve(each));
        }
    }

    @Test
    void aSignalEndsTheCommandAndTheRecordingIsWritten() throws Exception {
        Process process = record(List.of("-o", "%p.jfr"), program("x", "waits")).start();
        while (!Files.readString(folder.resolve("out")).contains("got")) {
            assertThat(process.isAlive()).as(err()).isTrue();
            Thread.sleep(20);
        }
        process.destroy();
        assertThat(end(process)).as(err()).isEqualTo(143);
        assertThat(err()).contains("highpage: wrote ");
        assertThat(recordings()).hasSize(1).allMatch(name -> name.matches("\\d+\\.jfr"));
        isWhole(folder.resolve(recordings().getFirst()));
    }

    @Test
    void aProcessThatWasKilledIsToldByItsNumber() throws Exception {
        List<String> killed = new ArrayList<>(List.of(
                "sh",
                "-c",
                "\"$@\" >&3 & while ! grep -q got said; do sleep 0.1; done;"
                        + " kill -9 $!; wait $!"));
        killed.set(2, "exec 3>said; " + killed.get(2));
        killed.add("sh");
        killed.addAll(program("x", "waits"));
        assertThat(end(record(List.of("-o", "a.jfr"), killed).start())).isEqualTo(137);
        assertThat(err()).containsPattern("highpage: Java process \\d+ wrote no recording");
        assertThat(recordings()).isEmpty();
    }

    /** As where the disk was full. */
    @Test
    void aRecordingThatIsNotWholeIsTold() throws Exception {
        List<String> half = new ArrayList<>(List.of(
                "sh",
                "-c",
                "\"$@\"; for f in .highpage-record-*/*.jfr;"
                        + " do head -c 5000 $f > x; cat x > $f; done",
                "sh"));
        half.addAll(program("x"));
        Process process = record(List.of("-o", "a.jfr"), half)
                .redirectInput(Path.of("/dev/null").toFile())
                .start();
        assertThat(end(process)).as(err()).isZero();
        assertThat(err()).contains("highpage: wrote a.jfr (", "a.jfr: it was cut off after 5000");
    }

    @Test
    void whatIsRecordedCanBeReplayed() throws Exception {
        Process process = record(List.of("-o", "a.jfr", "--settings=profile"), program("works"))
                .redirectInput(Path.of("/dev/null").toFile())
                .start();
        end(process);
        Path recording = folder.resolve("a.jfr");
        Cli result = Cli.run("replay", "--from", recording, "--steps");
        assertThat(result.exitCode()).as("%s", result).isZero();
        assertThat(result.out()).contains("owner=the+test ret=0 copied=", " 0 different, ");
    }

    @Test
    void aCommandWithoutJavaIsTold() {
        Cli result = Cli.run("record", "-o", folder.resolve("a.jfr"), "sh", "-c", "exit 5");
        assertThat(result.exitCode()).isEqualTo(5);
        assertThat(result.err())
                .isEqualToNormalizingNewlines("highpage: no recording was written: sh started no"
                        + " Java process by the java command of JDK 25 or newer\n");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void whatCannotBeDoneIsToldBeforeTheCommandStarts() throws Exception {
        Path there = Files.writeString(folder.resolve("there.jfr"), "old");
        Path text = Files.writeString(folder.resolve("text.jfc"), "no settings");
        Path made = folder.resolve("made");
        Path quotes = Files.createDirectories(folder.resolve("q'x"));
        Map<List<Object>, String> errors = Map.of(
                List.of("-o", there), "there is such a file",
                List.of("-o", folder.resolve("no/a.jfr")), "no such file or folder",
                List.of("-o", folder.resolve("a.txt")), "does not end in .jfr",
                List.of("-o", quotes.resolve("a.jfr")), "cannot have quotes",
                List.of("--settings", "fast"), "is none of continuous, profile, and no file",
                List.of("--settings", folder.resolve("no.jfc")), "no such file or folder",
                List.of("--settings", text), "has no settings of the flight recorder",
                List.of("--max-size", "0"), "below 1 byte");
        errors.forEach((options, message) -> {
            List<Object> words = new ArrayList<>(List.of("record"));
            words.addAll(options);
            if (!options.contains("-o")) {
                words.addAll(List.of("-o", folder.resolve("a.jfr")));
            }
            words.addAll(List.of("--", "touch", made));
            Cli result = Cli.run(words.toArray());
            result.fails(result.exitCode() == 2 ? 2 : 1, message);
        });
        Cli.run("record", "-o", folder.resolve("a.jfr"), "--", folder.resolve("no"))
                .fails(1, "cannot start " + folder.resolve("no") + ": no such command");
        Cli.run("record", "-o", folder.resolve("a.jfr"), "--", folder)
                .fails(1, "permission denied");
        Cli.run("record").fails(2, "COMMAND");
        assertThat(there).hasContent("old");
        assertThat(made).doesNotExist();
        assertThat(recordings()).containsExactly("there.jfr");
    }
}
