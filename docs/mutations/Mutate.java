// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Makes the mutations of README.md beside this file, one after the other, each in a copy of the
 * last commit, and runs the tests named there; with {@code --all}, of what survives those, the
 * whole module's. Prints what each came to. Ends with 1 if one survived or does not apply any more.
 * With {@code --check} it only looks whether each applies to the files as they are.
 *
 * <p>Needs git, Maven and a JDK 25: {@code java docs/mutations/Mutate.java [--check | --all]
 * [NAME...]}.
 */
final class Mutate {
    /** A mutation that makes the tests hang is caught, too. */
    private static final long LIMIT_SECONDS = 900;

    private Mutate() {}

    /**
     * One mutation.
     *
     * @param name what to call it
     * @param file the file that it changes
     * @param module the module whose tests are run, or "native"
     * @param tests Surefire's pattern
     * @param before what is there, once
     * @param after what comes in its place
     */
    record Mutation(
            String name, Path file, String module, String tests, String before, String after) {
        String applied(String source) {
            int at = source.indexOf(before);
            if (at < 0 || source.indexOf(before, at + 1) >= 0) {
                throw new IllegalStateException(
                        name + ": " + file + " does not have this exactly once:\n" + before);
            }
            return source.substring(0, at) + after + source.substring(at + before.length());
        }
    }

    /** Reads the fenced blocks of a document; see there for their form. */
    static List<Mutation> read(Path document) throws IOException {
        List<Mutation> mutations = new ArrayList<>();
        List<String> block = null;
        for (String line : Files.readAllLines(document)) {
            if (line.equals("```mutation")) {
                block = new ArrayList<>();
            } else if (line.equals("```") && block != null) {
                mutations.add(parse(block));
                block = null;
            } else if (block != null) {
                block.add(line);
            }
        }
        return mutations;
    }

    private static Mutation parse(List<String> block) {
        return new Mutation(
                value(block, "name: "),
                Path.of(value(block, "file: ")),
                value(block, "module: "),
                value(block, "tests: "),
                lines(block, '-'),
                lines(block, '+'));
    }

    private static String value(List<String> block, String key) {
        return block.stream()
                .filter(line -> line.startsWith(key))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no '" + key + "' in " + block))
                .substring(key.length());
    }

    private static String lines(List<String> block, char mark) {
        return block.stream()
                .filter(line -> !line.isEmpty() && line.charAt(0) == mark)
                .map(line -> line.substring(1))
                .collect(Collectors.joining("\n"));
    }

    public static void main(String[] args) throws Exception {
        List<String> names = new ArrayList<>(List.of(args));
        boolean all = names.remove("--all");
        boolean check = names.remove("--check");
        Path top = Path.of("").toAbsolutePath();
        while (!Files.exists(top.resolve("docs/mutations/README.md"))) {
            top = top.getParent(); // to be started in the checkout
        }
        List<Mutation> mutations = read(top.resolve("docs/mutations/README.md")).stream()
                .filter(mutation -> names.isEmpty() || names.contains(mutation.name()))
                .toList();
        if (mutations.isEmpty()) {
            throw new IllegalArgumentException("no mutation has the name " + names);
        }
        if (check) {
            for (Mutation mutation : mutations) {
                mutation.applied(Files.readString(top.resolve(mutation.file())));
            }
            System.out.println(mutations.size() + " mutations apply");
            return;
        }
        Path copy = Files.createTempDirectory("mutations").resolve("copy");
        output(top, "git", "worktree", "add", "--detach", copy.toString());
        boolean bad = false;
        try {
            for (Mutation mutation : mutations) {
                String result = result(copy, mutation, all);
                bad |= !result.startsWith("caught");
                System.out.println(mutation.name() + ": " + result);
            }
        } finally {
            output(top, "git", "worktree", "remove", "--force", copy.toString());
            Files.delete(copy.getParent());
        }
        System.exit(bad ? 1 : 0);
    }

    private static String result(Path copy, Mutation mutation, boolean all) throws Exception {
        Path file = copy.resolve(mutation.file());
        String source = Files.readString(file);
        try {
            Files.writeString(file, mutation.applied(source));
        } catch (IllegalStateException stale) {
            return "does not apply: " + stale.getMessage();
        }
        try {
            String caught = run(copy, mutation.module(), "-Dtest=" + mutation.tests());
            if (caught == null && all) {
                caught = run(copy, mutation.module(), "-Dall");
            }
            return caught == null ? "SURVIVED" : "caught by " + caught;
        } finally {
            Files.writeString(file, source);
        }
    }

    /** {@return what failed, or null if nothing did} */
    private static String run(Path copy, String module, String tests) throws Exception {
        Path log = copy.resolve("mutation.log");
        Process maven = new ProcessBuilder(
                        "mvn",
                        "-B",
                        "-ntp",
                        "test",
                        "-pl",
                        module,
                        "-am",
                        tests,
                        "-Dsurefire.failIfNoSpecifiedTests=false",
                        "-Dspotless.check.skip=true",
                        "-Dsurefire.skipAfterFailureCount=1",
                        "-Dhighpage.stress.all=true")
                .directory(copy.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = maven.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            maven.descendants().forEach(ProcessHandle::destroyForcibly);
            maven.destroyForcibly().waitFor();
            return "tests that hang";
        }
        if (maven.exitValue() == 0) {
            return null;
        }
        Set<String> failed = Files.readAllLines(log).stream()
                .filter(line -> line.contains("<<< FAILURE!") || line.contains("<<< ERROR!"))
                .filter(line -> !line.contains("Tests run:"))
                .map(line -> line.replaceFirst("^\\[ERROR\\] *", "")
                        .replaceFirst(" -- .*", "")
                        .replaceFirst(".*\\.(\\w+\\.\\w+.*)", "$1"))
                .collect(Collectors.toCollection(java.util.TreeSet::new));
        if (failed.isEmpty()) {
            return Files.readString(log).contains("COMPILATION ERROR")
                    ? "the compiler, so it says nothing"
                    : "tests that are not Java's, or a JVM that died";
        }
        return failed.stream().limit(2).collect(Collectors.joining(", "));
    }

    private static String output(Path folder, String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String text = new String(process.getInputStream().readAllBytes()).strip();
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed");
        }
        return text;
    }
}
