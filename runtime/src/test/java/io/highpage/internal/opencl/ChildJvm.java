// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.bindings.opencl.opencl_h;
import io.highpage.internal.opencl.discovery.OpenClProvider;
import io.highpage.natives.NativeLibraryResource;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
        String classPath = String.join(
                ":",
                place(OpenClProvider.class),
                place(opencl_h.class),
                place(NativeLibraryResource.class),
                testClasses());
        Path output = Files.createTempFile("child", ".log");
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=/dev/null",
                "-cp",
                classPath,
                main.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove("LD_PRELOAD");
        if (environment.containsKey("OCL_ICD_VENDORS")) { // another driver than this JVM's
            builder.environment().keySet().removeIf(name -> name.startsWith("SHIM_"));
        }
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        String text = Files.readString(output, StandardCharsets.UTF_8);
        Files.delete(output);
        return text + "exit " + process.waitFor();
    }

    private static String place(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Classes patched into a module have the module's place, not their own. */
    private static String testClasses() {
        return System.getProperty(
                "highpage.test.classes", Path.of("target", "test-classes").toString());
    }
}
