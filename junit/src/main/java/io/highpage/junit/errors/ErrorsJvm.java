// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit.errors;

import io.highpage.junit.errors.ErrorsAnywhere.Mode;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A JVM whose stack and heap are small and behave alike each time, with all that this one has on
 * the class path.
 */
public final class ErrorsJvm {
    private ErrorsJvm() {}

    /**
     * Runs a main class that uses {@link ErrorsAnywhere}.
     *
     * @return what it printed; its last line is "leaks in all: 0" if all is well
     */
    public static String run(Class<?> main, Mode mode, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of(
                "-XX:-UsePerfData", "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null"));
        command.addAll(List.of(
                "-Xmx" + (mode.isStack() ? "64m" : "12m"),
                "-XX:-UseTLAB",
                "-XX:+UseCompressedOops"));
        if (mode.isCompiled()) {
            command.addAll(List.of("-Xbatch", "-XX:CompileThresholdScaling=0.02"));
            command.add("-XX:CompileCommand=quiet");
            command.add(
                    "-XX:CompileCommand=exclude,io.highpage.junit.errors.ErrorsAnywhere::down*");
        } else {
            command.add("-Xint");
        }
        command.addAll(List.of("-cp", classPath(), main.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put(ErrorsAnywhere.MODE, mode.name());
        Process child = builder.start();
        try {
            String output =
                    new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return output.endsWith("\n") ? output : output + "\n";
        } finally {
            child.destroyForcibly().onExit().join();
        }
    }

    private static String classPath() {
        return Stream.of(
                        System.getProperty("jdk.module.path"),
                        System.getProperty("java.class.path"),
                        Path.of("target", "test-classes").toString())
                .filter(Objects::nonNull)
                .collect(Collectors.joining(File.pathSeparator));
    }
}
