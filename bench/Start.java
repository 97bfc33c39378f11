// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Measures start-up: the command line's, and a program's first use of the library, with and without
 * an AOT cache, beside what Java and the OpenCL driver need by themselves. Everything runs by
 * turns, each in a process of its own, so that whatever else the machine does meets all alike; the
 * fastest and the median are printed as a Markdown table.
 *
 * <p>{@code java bench/Start.java CHECKOUT [ROUNDS]}; the checkout was built by {@code ./highpage
 * --version}.
 */
final class Start {
    /** From the first line of {@code main} on, by part; then nothing is waited for. */
    private static final String FIRST = """
            import io.highpage.*;
            import java.lang.foreign.*;
            class First {
                public static void main(String[] arguments) {
                    long start = System.nanoTime();
                    Highpage hp = Highpage.open();
                    long opened = System.nanoTime();
                    PageBuffer buffer = hp.allocate(1 << 20);
                    buffer.write(0, MemorySegment.ofArray(new byte[4096]));
                    buffer.prefetch(hp.device());
                    long used = System.nanoTime();
                    System.out.println("open " + (opened - start) + " use " + (used - opened));
                    buffer.close();
                    hp.close();
                }
            }
            """;

    /** The calls of the driver that no program can do without. */
    private static final String DRIVER = """
            import java.lang.foreign.*;
            import java.lang.invoke.*;
            import static java.lang.foreign.ValueLayout.*;
            class Driver {
                static final SymbolLookup CL =
                        SymbolLookup.libraryLookup("libOpenCL.so.1", Arena.global());
                static MethodHandle call(String name, FunctionDescriptor type) {
                    return Linker.nativeLinker().downcallHandle(CL.findOrThrow(name), type);
                }
                public static void main(String[] arguments) throws Throwable {
                    MethodHandle platforms = call("clGetPlatformIDs",
                            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
                    MethodHandle devices = call("clGetDeviceIDs", FunctionDescriptor.of(
                            JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS));
                    MethodHandle context = call("clCreateContext", FunctionDescriptor.of(
                            ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
                    MemorySegment memory = Arena.global().allocate(64, 8);
                    MemorySegment count = memory.asSlice(16);
                    long start = System.nanoTime();
                    int platform = (int) platforms.invokeExact(1, memory, count);
                    int device = (int) devices.invokeExact(
                            memory.get(ADDRESS, 0), 0xFFFFFFFFL, 1, memory.asSlice(8), count);
                    MemorySegment made = (MemorySegment) context.invokeExact(MemorySegment.NULL, 1,
                            memory.asSlice(8), MemorySegment.NULL, MemorySegment.NULL, count);
                    System.out.println("driver " + (System.nanoTime() - start));
                    Runtime.getRuntime().halt(0); // what it does at its end is not asked
                }
            }
            """;

    private static final String NOTHING = """
            class Nothing {
                public static void main(String[] arguments) {}
            }
            """;

    private final Map<String, List<String>> commands = new LinkedHashMap<>();
    private final Map<String, List<Double>> millis = new LinkedHashMap<>();

    private Start() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length < 1) {
            System.err.println("java bench/Start.java CHECKOUT [ROUNDS]");
            System.exit(2);
        }
        Path checkout = Path.of(arguments[0]).toAbsolutePath().normalize();
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 15;
        Path folder = Files.createTempDirectory("start");
        try {
            new Start().measure(checkout, folder, rounds);
        } finally {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
    }

    private void measure(Path checkout, Path folder, int rounds) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String jars = jars(checkout);
        Path jar = compile(folder, jars);
        String path = jar + ":" + jars;
        List<String> plain = List.of(java, "--enable-native-access=ALL-UNNAMED", "-cp", path);
        Path cache = folder.resolve("first.aot");
        run(with(plain, "-XX:AOTCacheOutput=" + cache, "First"));
        Path launcher = checkout.resolve("cli/target/launcher.aot");

        commands.put("java alone", with(plain, "Nothing"));
        commands.put("the driver alone, in Java", with(plain, "Driver"));
        commands.put("first use", with(plain, "First"));
        commands.put("first use, AOT cache", with(plain, "-XX:AOTCache=" + cache, "First"));
        commands.put("`./highpage --version`", List.of(checkout + "/highpage", "--version"));
        commands.put("`./highpage devices`", List.of(checkout + "/highpage", "devices"));
        for (int round = 0; round <= rounds; round++) {
            for (Map.Entry<String, List<String>> each : commands.entrySet()) {
                long start = System.nanoTime();
                String said = run(each.getValue());
                long end = System.nanoTime();
                if (round > 0) { // the first brings files into memory
                    note(each.getKey(), end - start);
                    parts(each.getKey(), said);
                }
            }
        }
        System.out.println("Start-up in ms, " + rounds + " rounds by turns; launcher with a cache: "
                + Files.exists(launcher) + "; load at the end "
                + Files.readString(Path.of("/proc/loadavg")).split(" ")[0] + " on "
                + Runtime.getRuntime().availableProcessors() + " processors; Java "
                + Runtime.version() + "\n\n| what | fastest | median |\n"
                + "| --- | --- | --- |");
        millis.forEach((name, times) -> {
            times.sort(Comparator.naturalOrder());
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %.0f | %.0f |%n",
                    name,
                    times.getFirst(),
                    times.get(times.size() / 2));
        });
    }

    private void parts(String name, String said) {
        String[] words = said.strip().split(" ");
        if (words[0].equals("open") || words[0].equals("driver")) {
            for (int i = 0; i + 1 < words.length; i += 2) {
                note(name + ": " + words[i], Long.parseLong(words[i + 1]));
            }
        }
    }

    private void note(String name, long nanos) {
        millis.computeIfAbsent(name, none -> new ArrayList<>()).add(nanos / 1e6);
    }

    private static List<String> with(List<String> command, String... more) {
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of(more));
        return all;
    }

    private static String jars(Path checkout) throws IOException {
        try (Stream<Path> jars = Files.list(checkout.resolve("cli/target/lib"))) {
            return jars.map(Path::toString)
                    .filter(jar -> jar.matches(".*/highpage-(runtime|bindings|native|opencl)-.*"))
                    .sorted()
                    .collect(Collectors.joining(":"));
        }
    }

    private static Path compile(Path folder, String jars) throws IOException {
        Path classes = folder.resolve("classes");
        List<String> words = new ArrayList<>(List.of("-d", classes.toString(), "-cp", jars));
        Map<String, String> sources = Map.of("First", FIRST, "Driver", DRIVER, "Nothing", NOTHING);
        for (Map.Entry<String, String> each : sources.entrySet()) {
            Path file = folder.resolve(each.getKey() + ".java");
            Files.writeString(file, each.getValue());
            words.add(file.toString());
        }
        tool("javac", words);
        Path jar = folder.resolve("first.jar"); // a cache is of jars, not of folders
        tool("jar", List.of("cf", jar.toString(), "-C", classes.toString(), "."));
        return jar;
    }

    private static void tool(String name, List<String> words) {
        int status = ToolProvider.findFirst(name)
                .orElseThrow()
                .run(System.err, System.err, words.toArray(String[]::new));
        if (status != 0) {
            throw new IllegalStateException(name + " failed");
        }
    }

    private static String run(List<String> command) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment()
                .put("LD_PRELOAD", System.getProperty("java.home") + "/lib/libjsig.so");
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IllegalStateException(command + " ended with " + process.exitValue());
        }
        return said;
    }
}
