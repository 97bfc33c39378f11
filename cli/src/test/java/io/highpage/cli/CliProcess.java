// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import io.highpage.testkit.JavaProcess;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The command line in a JVM of its own. */
final class CliProcess {
    /** The modules that may call native code, as the launcher and the README have them. */
    static final String MODULES = "io.highpage,io.highpage.bindings,io.highpage.opencl,jocl";

    private CliProcess() {}

    /** {@return the words that start a command} */
    static List<String> command(Object... arguments) {
        return command(List.of("--enable-native-access=" + MODULES), arguments);
    }

    /** {@return the words that start a command with these options of Java and no others} */
    static List<String> command(List<String> options, Object... arguments) {
        return JavaProcess.ofModule(options, "io.highpage.cli/io.highpage.cli.Main", arguments)
                .command();
    }

    /**
     * Runs a command with other OpenCL drivers than this JVM's.
     *
     * @param folder for what it prints
     * @param environment added to the environment, in which there is no setting of the driver for
     *     tests
     */
    static Cli run(Path folder, Map<String, String> environment, Object... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(command(arguments));
        command.addAll(
                1,
                List.of(
                        "-Dhighpage.opencl.copy=straight", // a likeness has settings that count
                        "-XX:-CreateCoredumpOnCrash",
                        "-XX:ErrorFile=/dev/null"));
        Path out = folder.resolve("stdout");
        Path err = folder.resolve("stderr");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("SHIM_"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
        }
        return new Cli(process.waitFor(), Files.readString(out), Files.readString(err));
    }
}
