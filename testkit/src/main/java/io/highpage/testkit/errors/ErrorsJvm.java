// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit.errors;

import io.highpage.testkit.JavaProcess;
import io.highpage.testkit.errors.ErrorsAnywhere.Mode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A JVM whose stack and heap are small and behave alike each time, with all that this one has on
 * the class path.
 */
public final class ErrorsJvm {
    private static final List<String> ALWAYS = List.of(
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:-UsePerfData",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:ErrorFile=/dev/null",
            // A server of beans a second later is memory and a descriptor that no step has.
            "-Dhighpage.mxbean=false");

    private ErrorsJvm() {}

    /**
     * Runs a main class that uses {@link ErrorsAnywhere}.
     *
     * @return what it printed; its last line is "leaks in all: 0" if all is well
     */
    public static String run(Class<?> main, Mode mode, String... arguments)
            throws IOException, InterruptedException {
        return run(main, mode, Map.of(), arguments);
    }

    /**
     * Runs one with more in its environment.
     *
     * @return as above
     */
    public static String run(
            Class<?> main, Mode mode, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        ProcessBuilder builder = JavaProcess.of(options(mode), main, (Object[]) arguments);
        builder.environment().putAll(environment);
        builder.environment().put(ErrorsAnywhere.MODE, mode.name());
        Path said = Files.createTempFile("errors", ".txt"); // a pipe's reader is not interrupted
        try {
            Process child = builder.redirectOutput(said.toFile()).start();
            try {
                int ignored = child.waitFor();
            } finally {
                child.destroyForcibly().onExit().join();
            }
            String output = Files.readString(said);
            return output.endsWith("\n") ? output : output + "\n";
        } finally {
            Files.delete(said);
        }
    }

    private static List<String> options(Mode mode) {
        List<String> options = new ArrayList<>();
        options.addAll(ALWAYS);
        options.addAll(List.of(
                "-Xmx" + (mode.isStack() ? "64m" : "12m"),
                "-XX:-UseTLAB",
                "-XX:+UseCompressedOops"));
        if (mode.isCompiled()) {
            options.addAll(List.of("-Xbatch", "-XX:CompileThresholdScaling=0.02"));
            options.add("-XX:CompileCommand=quiet");
            options.add("-XX:CompileCommand=exclude," + ErrorsAnywhere.class.getName() + "::down*");
        } else {
            options.add("-Xint");
        }
        return options;
    }
}
