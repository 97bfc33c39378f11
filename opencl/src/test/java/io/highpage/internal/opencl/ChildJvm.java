// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.testkit.JavaProcess;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs a class of the test tree in a JVM of its own: for what a process can do only once, or only
 * without libjsig.
 */
public final class ChildJvm {
    private ChildJvm() {}

    /**
     * Runs a main class without {@code LD_PRELOAD}.
     *
     * @param environment added to the environment
     * @return what it printed
     */
    public static String run(Class<?> main, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile("child", ".log");
        ProcessBuilder builder = JavaProcess.of(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:-CreateCoredumpOnCrash",
                        "-XX:ErrorFile=/dev/null"),
                main,
                arguments);
        builder.environment().remove("LD_PRELOAD");
        if (environment.containsKey("OCL_ICD_VENDORS")) { // another driver than this JVM's
            builder.environment().keySet().removeIf(name -> name.startsWith("SHIM_"));
        }
        builder.environment().putAll(environment);
        Process process = builder.redirectOutput(output.toFile()).start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        String text = Files.readString(output, StandardCharsets.UTF_8);
        Files.delete(output);
        return text + "exit " + process.waitFor();
    }
}
