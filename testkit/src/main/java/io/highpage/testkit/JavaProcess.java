// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Another JVM, with everything that this one has on the class path. */
public final class JavaProcess {
    private JavaProcess() {}

    /** {@return a program about to be started, its error output joined to its output} */
    public static ProcessBuilder of(List<String> options, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.add("-cp");
        command.add(classPath());
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true);
    }

    /**
     * {@return a program about to be started with a small heap, under other commands such as
     * {@code prlimit}, its error output joined to its output}
     */
    public static ProcessBuilder small(
            List<String> under, List<String> options, Class<?> main, String... arguments) {
        List<String> all = new ArrayList<>(
                List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:ReservedCodeCacheSize=32m"));
        all.add("-XX:CompressedClassSpaceSize=32m");
        if (options.stream().noneMatch(option -> option.startsWith("--enable-native-access"))) {
            all.add("--enable-native-access=ALL-UNNAMED");
        }
        all.addAll(options);
        ProcessBuilder program = of(all, main, arguments);
        program.command().addAll(0, under);
        return program;
    }

    /** Runs a program to its end. {@return what it printed} */
    public static String run(ProcessBuilder program) throws IOException, InterruptedException {
        Process process = program.start();
        String output = outputOf(process);
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }

    /** Runs a program that fails. {@return what it printed} */
    public static String fail(ProcessBuilder program) throws IOException, InterruptedException {
        Process process = program.start();
        String output = outputOf(process);
        assertThat(process.exitValue()).as(output).isEqualTo(1);
        return output;
    }

    /** Its output ends with it; the build's own time limit is the only one. */
    private static String outputOf(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes());
        process.waitFor();
        return output;
    }

    private static String classPath() {
        return Stream.of(
                        System.getProperty("jdk.module.path"),
                        System.getProperty("java.class.path"),
                        "target/test-classes")
                .filter(Objects::nonNull)
                .collect(Collectors.joining(File.pathSeparator));
    }
}
