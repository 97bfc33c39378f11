// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Another JVM, with everything that this one has on the class path: for what a process can do only
 * once, or only under a limit, or what kills it.
 */
public final class JavaProcess {
    /** More than any of them needs on a busy machine; what hangs must not hang the build. */
    private static final long SECONDS = 600;

    private JavaProcess() {}

    /** {@return a program about to be started, its error output joined to its output} */
    public static ProcessBuilder of(List<String> options, Class<?> main, Object... arguments) {
        List<String> all = new ArrayList<>(List.of("-cp", classPath()));
        all.addAll(options);
        all.add(main.getName());
        return java(all, arguments);
    }

    /**
     * {@return the same on the module path}
     *
     * @param main the module and its main class, with a slash between
     */
    public static ProcessBuilder ofModule(List<String> options, String main, Object... arguments) {
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of("-p", System.getProperty("jdk.module.path"), "-m", main));
        return java(all, arguments);
    }

    /**
     * {@return a program with a small heap, under other commands such as {@code prlimit}}
     *
     * @param options more for Java; with none of native access it is given
     */
    public static ProcessBuilder small(
            List<String> under, List<String> options, Class<?> main, Object... arguments) {
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

    /**
     * {@return a program without {@code LD_PRELOAD}, which leaves nothing behind when it dies}
     *
     * @param environment added to the environment
     */
    public static ProcessBuilder mortal(
            Class<?> main, Map<String, String> environment, Object... arguments) {
        ProcessBuilder program = of(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        // A likeness has the name of the driver behind it, and settings that count.
                        "-Dhighpage.opencl.copy=straight",
                        "-XX:-CreateCoredumpOnCrash",
                        "-XX:ErrorFile=/dev/null"),
                main,
                arguments);
        program.environment().remove("LD_PRELOAD");
        if (environment.containsKey("OCL_ICD_VENDORS")) { // another driver than this JVM's
            program.environment().keySet().removeIf(name -> name.startsWith("SHIM_"));
        }
        program.environment().putAll(environment);
        return program;
    }

    private static ProcessBuilder java(List<String> words, Object... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        String cache = System.getProperty("highpage.cache");
        if (cache != null) { // not the user's
            command.add("-Dhighpage.cache=" + cache);
        }
        command.addAll(words);
        Arrays.stream(arguments).map(Object::toString).forEach(command::add);
        return new ProcessBuilder(command).redirectErrorStream(true);
    }

    /** Runs a program to its end. {@return what it printed} */
    public static String run(ProcessBuilder program) throws IOException {
        return run(program, 0);
    }

    /** Runs a program that fails. {@return what it printed} */
    public static String fail(ProcessBuilder program) throws IOException {
        return run(program, 1);
    }

    private static String run(ProcessBuilder program, int status) throws IOException {
        String end = "exit " + status + "\n";
        String outcome = outcome(program);
        assertThat(outcome).endsWith(end);
        return outcome.substring(0, outcome.length() - end.length());
    }

    /**
     * Runs a program to whatever end it comes to; one that hangs is killed.
     *
     * @return what it printed, and a line with its status, such as {@code exit 0}
     */
    public static String outcome(ProcessBuilder program) throws IOException {
        Process child = program.start();
        Executor late = CompletableFuture.delayedExecutor(SECONDS, TimeUnit.SECONDS);
        CompletableFuture<Void> end = CompletableFuture.runAsync(child::destroyForcibly, late);
        try {
            String text = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return text + "exit " + child.onExit().join().exitValue() + "\n";
        } finally {
            end.cancel(true);
            child.destroyForcibly().onExit().join();
        }
    }

    /** {@return where a JVM finds all classes that this one has, the tests' too} */
    public static String classPath() {
        return Stream.of(
                        System.getProperty("jdk.module.path"),
                        System.getProperty("java.class.path"),
                        Path.of("target", "test-classes").toAbsolutePath().toString())
                .filter(Objects::nonNull)
                .collect(Collectors.joining(File.pathSeparator));
    }
}
