// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.replay;

import io.highpage.device.DeviceKind;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads trace files: of kernels as {@code kernel-traces/README.md} describes them, of programs as
 * {@code docs/record.md} does. Strict: an unknown line is an error.
 */
public final class TraceParser {
    /** A replay has all bytes of a trace three times in memory: 768 MiB of them. */
    private static final int PAGES_MAX = 65_536;

    // Far above what that many pages need, and far below what would fill the memory.
    private static final int LINE_MAX = 1 << 20;
    private static final long FILE_MAX = 256L << 20;

    private static final Pattern HEADER = Pattern.compile(
            "TRACE kind=(coherent|private) pages=(\\d{1,6}) seed=(\\d{1,18}) populated=[01]");
    private static final Pattern STEP = Pattern.compile("\\d+ (?:"
            + "(?<write>cpu_write|dev_write) (?<ws>\\d+) (?<wn>\\d+) ret=0"
            + "|(?<move>to_dev|to_sys) (?<ms>\\d+) (?<mn>\\d+)"
            + "|(?<take>pin_long|get) (?<ts>\\d+) (?<tn>\\d+) hold=(?<th>\\d+) ret=(?<ret>0|-16)"
            + "|release hold=(?<rh>\\d+) kind=(?<rk>long|get) ret=0"
            + ") snap=(?<state>\\S+)");
    private static final String A_STEP = "a step such as '3 to_dev 1 3 snap=HDDD...' with one of "
            + Arrays.stream(TraceOperation.values())
                    .map(TraceOperation::word)
                    .collect(Collectors.joining(", "))
            + ", or END";

    private final String file;
    private final List<String> lines;
    private int next;

    private TraceParser(String file, List<String> lines) {
        this.file = file;
        this.lines = lines;
    }

    /**
     * Reads the traces of a file.
     *
     * @param file the file
     * @return its traces, at least one
     * @throws IOException if it cannot be read
     * @throws TraceFormatException if it does not have the form of a trace file
     */
    public static Traces read(Path file) throws IOException {
        String name = file.toString();
        return read(name, lines(name, file));
    }

    private static List<String> lines(String name, Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        long characters = 0;
        // Bytes that are no ASCII are found out by the patterns.
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            StringBuilder line = new StringBuilder();
            for (int letter = reader.read(); letter >= 0; letter = reader.read()) {
                if (letter == '\n') {
                    lines.add(text(line));
                    line.setLength(0);
                } else if (line.length() == LINE_MAX) {
                    throw tooLong(name, lines, "a line of at most " + LINE_MAX + " characters");
                } else {
                    line.append((char) letter);
                }
                if (++characters > FILE_MAX) {
                    throw tooLong(name, lines, "a file of at most " + FILE_MAX + " bytes");
                }
            }
            if (!line.isEmpty()) {
                lines.add(text(line));
            }
        }
        return lines;
    }

    private static TraceFormatException tooLong(String name, List<String> lines, String expected) {
        return new TraceFormatException(name, lines.size() + 1, expected, "a longer one");
    }

    /** Without the carriage return that some editors put at the end. */
    private static String text(StringBuilder line) {
        int last = line.length() - 1;
        return line.substring(0, last >= 0 && line.charAt(last) == '\r' ? last : last + 1);
    }

    /**
     * Reads traces.
     *
     * @param file where they come from, for messages
     * @param lines the lines of text
     * @return the traces, at least one
     * @throws TraceFormatException if they do not have the form of a trace file
     */
    public static Traces read(String file, List<String> lines) {
        TraceParser parser = new TraceParser(file, lines);
        List<Trace> kernel = new ArrayList<>();
        List<ProgramTrace> programs = new ArrayList<>();
        parser.skipBlank();
        do {
            if (parser.next < lines.size() && ProgramParser.begins(lines.get(parser.next))) {
                programs.add(parser.program());
            } else {
                kernel.add(parser.trace());
            }
            parser.skipBlank();
        } while (parser.next < lines.size());
        return new Traces(List.copyOf(kernel), List.copyOf(programs));
    }

    private ProgramTrace program() {
        return new ProgramParser(new ProgramParser.Lines() {
                    @Override
                    public String next(String expected) {
                        return line(expected);
                    }

                    @Override
                    public TraceFormatException error(String expected, String found) {
                        return TraceParser.this.error(expected, found);
                    }
                })
                .read(line(""));
    }

    private void skipBlank() {
        while (next < lines.size() && lines.get(next).isBlank()) {
            next++;
        }
    }

    private Trace trace() {
        int first = next + 1;
        String text = line("a line such as 'TRACE kind=coherent pages=16 seed=1 populated=1'");
        Matcher header = HEADER.matcher(text);
        if (!header.matches()) {
            throw error(
                    "a line such as 'TRACE kind=coherent pages=16 seed=1 populated=1'",
                    quoted(text));
        }
        DeviceKind kind =
                header.group(1).equals("coherent") ? DeviceKind.COHERENT : DeviceKind.PRIVATE;
        int pages = Integer.parseInt(header.group(2));
        if (pages == 0 || pages > PAGES_MAX) {
            throw error("1 to " + PAGES_MAX + " pages", "pages=" + pages);
        }
        Trace trace =
                new Trace(file, first, kind, pages, Long.parseLong(header.group(3)), List.of());
        return new Trace(file, first, kind, pages, trace.seed(), steps(trace));
    }

    private List<TraceStep> steps(Trace trace) {
        List<TraceStep> steps = new ArrayList<>();
        Slots slots = new Slots();
        while (true) {
            String text = line("END of the trace that starts in line " + trace.line());
            if (text.equals("END")) {
                return List.copyOf(steps);
            }
            TraceStep step = step(trace, text);
            slots.check(step);
            steps.add(step);
        }
    }

    private TraceStep step(Trace trace, String text) {
        Matcher match = STEP.matcher(text);
        if (!match.matches()) {
            throw error(A_STEP, quoted(text));
        }
        String state = state(trace, match.group("state"));
        String title = text.substring(0, text.lastIndexOf(" snap="));
        if (match.group("rh") != null) {
            return new TraceStep(
                    next,
                    title,
                    TraceOperation.RELEASE,
                    0,
                    0,
                    number(match.group("rh")),
                    false,
                    state);
        }
        String kind = match.group("write") != null ? "w" : match.group("move") != null ? "m" : "t";
        int page = number(match.group(kind + "s"));
        int count = number(match.group(kind + "n"));
        if (count == 0 || page + (long) count > trace.pages()) {
            throw error(
                    "a range within the trace's " + trace.pages() + " pages", page + " " + count);
        }
        int hold = kind.equals("t") ? number(match.group("th")) : -1;
        return new TraceStep(
                next,
                title,
                operation(title),
                page,
                count,
                hold,
                "-16".equals(match.group("ret")),
                state);
    }

    private static TraceOperation operation(String title) {
        String word = title.split(" ")[1];
        return Arrays.stream(TraceOperation.values())
                .filter(operation -> operation.word().equals(word))
                .findFirst()
                .orElseThrow();
    }

    private String state(Trace trace, String letters) {
        String allowed = ".H" + trace.deviceLetter();
        if (letters.length() != trace.pages()
                || letters.chars().anyMatch(letter -> allowed.indexOf(letter) < 0)) {
            throw error(
                    "snap= with " + trace.pages() + " letters out of " + allowed,
                    printable("snap=" + letters));
        }
        return letters;
    }

    private int number(String digits) {
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException tooLarge) {
            throw error("a number below 2147483648", digits);
        }
    }

    private String line(String expected) {
        if (next == lines.size()) {
            throw new TraceFormatException(file, next + 1, expected, "the end of the file");
        }
        return lines.get(next++);
    }

    private TraceFormatException error(String expected, String found) {
        return new TraceFormatException(file, next, expected, found);
    }

    static String quoted(String text) {
        return "'" + printable(text) + "'";
    }

    /** The file may be anything, the terminal may not. */
    private static String printable(String text) {
        String shown = text.length() > 120 ? text.substring(0, 120) + "..." : text;
        return shown.replaceAll("[^\\x20-\\x7e]", "?");
    }

    /** Finds slots that are taken twice or released without having been taken. */
    private final class Slots {
        private final Set<Integer> taken = new HashSet<>();

        void check(TraceStep step) {
            if (step.operation() == TraceOperation.RELEASE) {
                if (!taken.remove(step.hold())) {
                    throw error("release of a slot that is taken", "hold=" + step.hold());
                }
            } else if (step.hold() >= 0 && !step.busy()) {
                if (taken.contains(step.hold())) {
                    throw error("a slot that is free", "hold=" + step.hold());
                }
                taken.add(step.hold());
            }
        }
    }
}
