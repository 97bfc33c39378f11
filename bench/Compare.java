// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Compares two builds: runs the same benchmarks with the jars of two checkouts in turn, so that
 * whatever else the machine does meets both alike, and prints for each the ratio new to old of the
 * fastest iterations with its 95 % interval (Student's t of the logarithms of the pairs).
 * <em>Worse</em> means that the interval lies wholly beyond {@value #WORSE}. Ends with 1 if
 * anything is worse.
 *
 * <p>{@code java bench/Compare.java OLD-CHECKOUT NEW-CHECKOUT [ROUNDS] [REGEX...]}; both were built
 * with {@code mvn -pl bench -am -Dmaven.test.skip=true package}.
 */
final class Compare {
    private static final double WORSE = 1.03;

    /**
     * What has a row in docs/performance.md, in the shortest form that keeps its meaning: JMH's
     * arguments.
     */
    private static final List<String> ROWS = List.of(
            "\\.PinBenchmark\\. -p pageBytes=4096 -p pages=64",
            "\\.PinRangeBenchmark\\. -p pages=65536",
            "\\.TableBenchmark\\. -p pages=16384",
            "\\.ThreadsBenchmark\\.",
            "\\.PinHomeBenchmark\\. -p pageBytes=4096",
            "\\.MigrateBenchmark\\. -p pageBytes=4096 -p bufferBytes=65536,16777216",
            "\\.PeersBenchmark\\.highpage -p bufferBytes=4096,65536,1048576,16777216");

    private static final List<String> SHORT =
            List.of("-f", "1", "-wi", "4", "-w", "150ms", "-i", "8", "-r", "100ms");

    /** Two-sided 97.5 % of Student's t, by degrees of freedom from 1. */
    private static final double[] T = {
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
        2.145, 2.131
    };

    private static final Pattern RESULT = Pattern.compile(
            "\"benchmark\" : \"(?:\\w+\\.)*(\\w+\\.\\w+)\".*?(?:\"params\" :"
                    + " \\{(.*?)\\}.*?)?\"primaryMetric\" : \\{\\s*"
                    + ".*?\"rawData\" : \\[\\s*\\[(.*?)\\]",
            Pattern.DOTALL);

    private Compare() {}

    public static void main(String[] args) throws Exception {
        if (args.length < 2) {
            System.err.println("Usage: java bench/Compare.java OLD-CHECKOUT NEW-CHECKOUT [ROUNDS]"
                    + " [JMH-ARGUMENTS...]");
            System.exit(2);
        }
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 10;
        List<String> rows = args.length > 3 ? List.of(args).subList(3, args.length) : ROWS;
        Map<String, List<Double>> before = new LinkedHashMap<>();
        Map<String, List<Double>> after = new LinkedHashMap<>();
        for (int round = 1; round <= rounds; round++) {
            for (String row : rows) {
                boolean oldFirst = round % 2 == 0;
                run(Path.of(args[oldFirst ? 0 : 1]), row, oldFirst ? before : after);
                run(Path.of(args[oldFirst ? 1 : 0]), row, oldFirst ? after : before);
            }
            System.err.println("round " + round + " of " + rounds);
        }
        System.exit(print(before, after, System.out) ? 1 : 0);
    }

    private static void run(Path checkout, String row, Map<String, List<Double>> scores)
            throws Exception {
        Path target = checkout.resolve("bench/target");
        String jar;
        try (Stream<Path> jars = Files.list(target)) {
            jar = jars.filter(each -> each.getFileName()
                            .toString()
                            .matches("highpage-bench-[^s]*(-SNAPSHOT)?\\.jar"))
                    .findFirst()
                    .orElseThrow(() -> new IOException(target + " has no jar: build it first"))
                    .toString();
        }
        Path json = Files.createTempFile("compare", ".json");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                jar + ":" + target.resolve("lib") + "/*",
                "org.openjdk.jmh.Main"));
        command.addAll(List.of(row.split(" ")));
        command.addAll(SHORT);
        command.addAll(List.of("-rf", "json", "-rff", json.toString()));
        Path log = Files.createTempFile("compare", ".log");
        int status = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        String text = Files.readString(json);
        if (status != 0 || text.isBlank()) {
            throw new IOException(
                    "JMH failed in " + checkout + " with " + row + ":\n" + Files.readString(log));
        }
        for (Matcher found = RESULT.matcher(text); found.find(); ) {
            String params = found.group(2) == null
                    ? ""
                    : found.group(2).replaceAll("[\\s\"]+", " ").strip();
            // The name that it has in 0.1.
            String name = found.group(1).replace("prefetchThenPin", "roundTrip");
            scores.computeIfAbsent(name + " " + params, key -> new ArrayList<>())
                    .add(fastest(found.group(3)));
        }
        Files.delete(json);
        Files.delete(log);
    }

    /** Whatever else a machine does only adds. */
    private static double fastest(String iterations) {
        return Stream.of(iterations.split(","))
                .mapToDouble(Double::parseDouble)
                .min()
                .orElseThrow();
    }

    /** {@return whether anything is worse} */
    private static boolean print(
            Map<String, List<Double>> before, Map<String, List<Double>> after, PrintStream out) {
        boolean anyWorse = false;
        out.println("| benchmark | new / old | 95 % interval | |");
        out.println("| --- | --- | --- | --- |");
        for (String name : before.keySet()) {
            List<Double> old = before.get(name);
            List<Double> now = after.getOrDefault(name, List.of());
            int pairs = Math.min(old.size(), now.size());
            if (pairs < 2) {
                out.printf("| %s | | | not in both |%n", name);
                continue;
            }
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < pairs; i++) {
                double log = Math.log(now.get(i) / old.get(i));
                sum += log;
                squares += log * log;
            }
            double mean = sum / pairs;
            double deviation = Math.sqrt(Math.max(0, squares - pairs * mean * mean) / (pairs - 1));
            double half = T[Math.min(pairs - 2, T.length - 1)] * deviation / Math.sqrt(pairs);
            double low = Math.exp(mean - half);
            boolean worse = low > WORSE;
            anyWorse |= worse;
            out.printf(
                    Locale.ROOT,
                    "| %s | %.3f | %.3f to %.3f | %s |%n",
                    name,
                    Math.exp(mean),
                    low,
                    Math.exp(mean + half),
                    worse ? "worse" : "");
        }
        return anyWorse;
    }
}
