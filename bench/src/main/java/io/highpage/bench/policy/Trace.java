// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.policy;

import io.highpage.outcome.AccessMode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * A sequence of uses of spans, with the device memory that they compete for. Its form as text is in
 * {@code docs/eviction.md}.
 *
 * @param name the file's, without its ending
 * @param memoryBytes the bytes of device memory
 * @param limit how much Highpage's policy may move
 * @param spanBytes the length of each span
 * @param spans the span of each use
 * @param modes what each use does with the bytes; {@link AccessMode#WRITE} copies nothing in
 */
public record Trace(
        String name,
        long memoryBytes,
        Limit limit,
        List<Long> spanBytes,
        List<Integer> spans,
        List<AccessMode> modes) {
    static final String HEADER = "highpage-accesses 1";
    static final String ENDING = ".trace";
    private static final int COLUMNS = 100;
    private static final int MOST_SPANS = 1 << 20;

    /** What a limit is of. */
    public enum Than {
        /** What no policy can do without. */
        OPTIMUM,
        /** What the best of the other policies moves. */
        BEST,
        /** There is no limit: the ratios are only stated. */
        NONE
    }

    /**
     * The limit that stands beside a trace.
     *
     * @param times how many times as much Highpage's policy may move
     * @param than as what
     */
    public record Limit(double times, Than than) {
        /** None. */
        static final Limit NONE = new Limit(0, Than.NONE);

        @Override
        public String toString() {
            return than == Than.NONE ? "-" : times + " " + than.name().toLowerCase(Locale.ROOT);
        }
    }

    /** {@return the bytes of all spans} */
    long dataBytes() {
        return spanBytes.stream().mapToLong(Long::longValue).sum();
    }

    // ---- as text ----

    /**
     * {@return a trace from a file}
     *
     * @throws IllegalArgumentException if it is none
     */
    public static Trace read(Path file) throws IOException {
        return new Reader(file).read(Files.readAllLines(file));
    }

    /**
     * {@return it as text}
     *
     * @param comment a line that says what it is
     */
    String text(String comment) {
        StringBuilder text = new StringBuilder(HEADER + "\n# " + comment + "\n");
        text.append("memory ").append(memoryBytes).append('\n');
        if (limit.than() != Than.NONE) {
            text.append("limit ").append(limit).append('\n');
        }
        for (int from = 0; from < spanBytes.size(); ) {
            int to = from;
            while (to < spanBytes.size() && spanBytes.get(to).equals(spanBytes.get(from))) {
                to++;
            }
            text.append("spans " + (to - from) + " " + spanBytes.get(from) + "\n");
            from = to;
        }
        for (int from = 0, to; from < spans.size(); from = to) {
            StringBuilder line = new StringBuilder(word(modes.get(from)));
            to = from;
            while (to < spans.size() && modes.get(to) == modes.get(from)) {
                int end = runEnd(to);
                line.append(' ').append(spans.get(to));
                if (end - to > 2) {
                    line.append('-').append(spans.get(end - 1));
                    to = end;
                } else {
                    to++;
                }
                if (line.length() > COLUMNS - 16) {
                    break;
                }
            }
            text.append(line).append('\n');
        }
        return text.toString();
    }

    /** {@return the end of the uses from one on that go up, or down, by one span each} */
    private int runEnd(int from) {
        int end = from + 1;
        while (end < spans.size()
                && modes.get(end) == modes.get(from)
                && Math.abs(spans.get(end) - spans.get(end - 1)) == 1
                && spans.get(end) - spans.get(end - 1) == spans.get(from + 1) - spans.get(from)) {
            end++;
        }
        return end;
    }

    private static String word(AccessMode mode) {
        return switch (mode) {
            case READ -> "read";
            case WRITE -> "write";
            case READ_WRITE -> "modify";
        };
    }

    /** Reads the lines of one file. */
    private static final class Reader {
        private final Path file;
        private final List<Long> spanBytes = new ArrayList<>();
        private final List<Integer> spans = new ArrayList<>();
        private final List<AccessMode> modes = new ArrayList<>();
        private long memoryBytes;
        private Limit limit = Limit.NONE;
        private int number = 1;

        Reader(Path file) {
            this.file = file;
        }

        Trace read(List<String> lines) {
            if (lines.isEmpty() || !lines.getFirst().equals(HEADER)) {
                throw wrong("a trace of accesses begins with '" + HEADER + "'");
            }
            for (String line : lines.subList(1, lines.size())) {
                number++;
                if (!line.isBlank() && !line.startsWith("#")) {
                    try {
                        read(line.strip().split("\\s+"));
                    } catch (NumberFormatException | ArrayIndexOutOfBoundsException malformed) {
                        throw wrong("'" + line + "' lacks a number");
                    }
                }
            }
            if (spans.isEmpty()) {
                throw wrong("no span is used");
            }
            String name = file.getFileName().toString().replaceFirst("\\" + ENDING + "$", "");
            return new Trace(
                    name,
                    memoryBytes,
                    limit,
                    List.copyOf(spanBytes),
                    List.copyOf(spans),
                    List.copyOf(modes));
        }

        private void read(String[] words) {
            switch (words[0]) {
                case "memory" -> memoryBytes = positive(words[1]);
                case "limit" ->
                    limit = new Limit(
                            Double.parseDouble(words[1]),
                            switch (words[2]) {
                                case "optimum" -> Than.OPTIMUM;
                                case "best" -> Than.BEST;
                                default ->
                                    throw wrong("a limit is of optimum or best, not of '" + words[2]
                                            + "'");
                            });
                case "spans" -> {
                    long more = positive(words[1]);
                    if (more > MOST_SPANS - spanBytes.size()) {
                        throw wrong("more than " + MOST_SPANS + " spans");
                    }
                    spanBytes.addAll(Collections.nCopies((int) more, positive(words[2])));
                }
                case "read" -> uses(AccessMode.READ, words);
                case "write" -> uses(AccessMode.WRITE, words);
                case "modify" -> uses(AccessMode.READ_WRITE, words);
                default ->
                    throw wrong("'" + words[0]
                            + "' is none of memory, limit, spans, read, write, modify");
            }
        }

        private long positive(String number) {
            long value = Long.parseLong(number);
            if (value < 1) {
                throw wrong(number + " is not positive");
            }
            return value;
        }

        private void uses(AccessMode mode, String[] words) {
            for (int i = 1; i < words.length; i++) {
                String[] ends = words[i].split("-");
                int from = Integer.parseInt(ends[0]);
                int to = Integer.parseInt(ends[ends.length - 1]);
                for (int span = from; span != to; span += from < to ? 1 : -1) {
                    use(mode, span);
                }
                use(mode, to);
            }
        }

        private void use(AccessMode mode, int span) {
            if (span >= spanBytes.size()) {
                throw wrong("there are " + spanBytes.size() + " spans, and none is " + span);
            }
            if (spanBytes.get(span) > memoryBytes) {
                throw wrong("span " + span + " has " + spanBytes.get(span) + " bytes, memory "
                        + memoryBytes);
            }
            spans.add(span);
            modes.add(mode);
        }

        private IllegalArgumentException wrong(String what) {
            return new IllegalArgumentException(file + ", line " + number + ": " + what);
        }
    }
}
