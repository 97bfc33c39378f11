// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.replay;

import io.highpage.cli.replay.ProgramStep.Kind;
import io.highpage.cli.replay.ProgramStep.Pages;
import io.highpage.cli.replay.ProgramStep.Result;
import io.highpage.cli.replay.ProgramStep.TakeTerms;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.PageOutcome;

import org.jspecify.annotations.Nullable;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads the traces of programs among the lines of a file, for {@link TraceParser}. As strict as it
 * is.
 */
final class ProgramParser {
    private static final String A_HEADER =
            "a line such as '" + ProgramTrace.WORD + " version=1 name=highpage-1 devices=1'";
    private static final String A_DEVICE = "a line such as 'device 1 memory=67108864 name=host'";
    private static final String A_STEP = "a step of a program, as docs/record.md has them, or END";
    private static final String NAME = "[A-Za-z0-9.*_+%-]*";
    private static final Pattern HEADER = Pattern.compile(
            ProgramTrace.WORD + " version=(\\d{1,9}) name=(" + NAME + ") devices=(\\d{1,2})");
    private static final Pattern DEVICE =
            Pattern.compile("device (\\d{1,2}) memory=(-|\\d{1,18}) name=(" + NAME + ")");
    private static final String PAGES = " buffer=(?<b>\\d{1,18}) (?<p>\\d{1,18}) (?<n>\\d{1,18})";
    private static final Pattern OPEN = Pattern.compile(
            "open buffer=(\\d{1,18}) bytes=(\\d{1,18}) page=(\\d{1,18}) span=(\\d{1,18})");
    private static final Pattern CLOSE = Pattern.compile("close buffer=(\\d{1,18})");
    private static final Pattern WRITE = Pattern.compile("cpu_write" + PAGES);
    private static final Pattern MOVE = Pattern.compile("(?:to_dev" + PAGES
            + " device=(?<d>\\d{1,2})|to_sys"
            + PAGES.replace("(?<", "(?<h")
            + ") moved=(?<moved>\\d{1,18})(?<overlaps> overlaps)?");
    private static final Pattern TAKE = Pattern.compile("(?<kind>pin_long|get|access)" + PAGES
            + "(?: device=(?<d>\\d{1,2}))? hold=(?<hold>\\d{1,9})"
            + " mode=(?<mode>read|write|read_write) owner=(?<owner>"
            + NAME
            + ") ret=(?:0(?: copied=(?<copied>\\d{1,18}))?|(?<why>"
            + Arrays.stream(PageOutcome.values()).map(Enum::name).collect(Collectors.joining("|"))
            + ") at=(?<at>\\d{1,18}))(?<overlaps> overlaps)?");
    private static final Pattern RELEASE = Pattern.compile("release hold=(\\d{1,9})");

    /** Has the lines and makes the errors. */
    interface Lines {
        /** {@return the next line} */
        String next(String expected);

        /** {@return the error of the line that was read last} */
        TraceFormatException error(String expected, String found);
    }

    /** What a step looks like, and how it is made of that. */
    private record Form(Pattern pattern, Function<Matcher, ProgramStep> step) {}

    private final List<Form> forms = List.of(
            new Form(OPEN, this::open),
            new Form(CLOSE, this::close),
            new Form(WRITE, found -> new ProgramStep.Write(pages(found, ""))),
            new Form(MOVE, this::move),
            new Form(TAKE, this::take),
            new Form(RELEASE, this::release));

    private final Lines lines;
    private final Map<Long, Long> pages = new HashMap<>();
    private final Set<Integer> taken = new HashSet<>();
    private int devices;

    ProgramParser(Lines lines) {
        this.lines = lines;
    }

    static boolean begins(String line) {
        return line.startsWith(ProgramTrace.WORD + " ");
    }

    ProgramTrace read(String first) {
        Matcher header = match(HEADER, first, A_HEADER);
        if (Long.parseLong(header.group(1)) != ProgramTrace.VERSION) {
            throw lines.error("version=" + ProgramTrace.VERSION, "version=" + header.group(1));
        }
        devices = Integer.parseInt(header.group(3));
        List<ProgramTrace.DeviceOf> found = new ArrayList<>();
        for (int number = 1; number <= devices; number++) {
            found.add(deviceOf(number));
        }
        List<ProgramStep> steps = new ArrayList<>();
        for (String line = lines.next(A_STEP); !line.equals("END"); line = lines.next(A_STEP)) {
            if (!line.startsWith("#")) {
                steps.add(step(line, steps.size() + " "));
            }
        }
        return new ProgramTrace(name(header.group(2)), found, steps);
    }

    private ProgramTrace.DeviceOf deviceOf(int number) {
        Matcher device = match(DEVICE, lines.next(A_DEVICE), A_DEVICE);
        if (Integer.parseInt(device.group(1)) != number) {
            throw lines.error("device " + number, "device " + device.group(1));
        }
        String memory = device.group(2);
        return new ProgramTrace.DeviceOf(
                name(device.group(3)),
                memory.equals("-") ? Long.MAX_VALUE : Long.parseLong(memory));
    }

    private ProgramStep step(String line, String number) {
        if (!line.startsWith(number)) {
            throw lines.error(A_STEP + ", with number " + number.strip(), quoted(line));
        }
        String text = line.substring(number.length());
        for (Form form : forms) {
            Matcher found = form.pattern().matcher(text);
            if (found.matches()) {
                return form.step().apply(found);
            }
        }
        throw lines.error(A_STEP, quoted(line));
    }

    private ProgramStep close(Matcher found) {
        long buffer = number(found.group(1));
        known(buffer);
        pages.remove(buffer);
        return new ProgramStep.Close(buffer);
    }

    private ProgramStep move(Matcher found) {
        boolean home = found.group("d") == null;
        return new ProgramStep.Move(
                pages(found, home ? "h" : ""),
                home ? 0 : device(found.group("d")),
                number(found.group("moved")),
                found.group("overlaps") != null);
    }

    private ProgramStep release(Matcher found) {
        int hold = Integer.parseInt(found.group(1));
        if (!taken.remove(hold)) {
            throw lines.error("release of a slot that is taken", "hold=" + hold);
        }
        return new ProgramStep.Release(hold);
    }

    private ProgramStep open(Matcher found) {
        ProgramStep.Open open = new ProgramStep.Open(
                number(found.group(1)),
                number(found.group(2)),
                number(found.group(3)),
                number(found.group(4)));
        if (open.byteSize() == 0 || Long.bitCount(open.pageBytes()) != 1 || open.spanBytes() == 0) {
            throw lines.error(
                    "a length above 0, pages of a power of two bytes, and spans", open.text());
        }
        if (pages.putIfAbsent(open.buffer(), Math.ceilDiv(open.byteSize(), open.pageBytes()))
                != null) {
            throw lines.error("a buffer that is not open", "buffer=" + open.buffer());
        }
        return open;
    }

    private ProgramStep take(Matcher found) {
        Kind kind = Arrays.stream(Kind.values())
                .filter(each -> each.word().equals(found.group("kind")))
                .findFirst()
                .orElseThrow();
        @Nullable String device = found.group("d");
        if ((device != null) != (kind == Kind.ACCESS)) {
            throw lines.error("device= for an access, and for nothing else", quoted(found.group()));
        }
        Result result = result(found);
        int hold = Integer.parseInt(found.group("hold"));
        if (result.isGranted() && !taken.add(hold)) {
            throw lines.error("a slot that is free", "hold=" + hold);
        }
        return new ProgramStep.Take(
                kind,
                pages(found, ""),
                device == null ? 0 : device(device),
                hold,
                new TakeTerms(
                        AccessMode.valueOf(found.group("mode").toUpperCase(Locale.ROOT)),
                        name(found.group("owner"))),
                result);
    }

    private static Result result(Matcher found) {
        @Nullable String why = found.group("why");
        @Nullable String copied = found.group("copied");
        return new Result(
                why == null ? "" : why,
                why == null ? 0 : number(found.group("at")),
                copied == null ? OptionalLong.empty() : OptionalLong.of(number(copied)),
                found.group("overlaps") != null);
    }

    private Pages pages(Matcher found, String prefix) {
        Pages range = new Pages(
                number(found.group(prefix + "b")),
                number(found.group(prefix + "p")),
                number(found.group(prefix + "n")));
        long all = known(range.buffer());
        if (range.count() == 0 || range.count() > all - range.page()) {
            throw lines.error("a range within the buffer's " + all + " pages", range.toString());
        }
        return range;
    }

    private long known(long buffer) {
        Long all = pages.get(buffer);
        if (all == null) {
            throw lines.error("a buffer that is open", "buffer=" + buffer);
        }
        return all;
    }

    private int device(String digits) {
        int device = Integer.parseInt(digits);
        if (device < 1 || device > devices) {
            throw lines.error("one of " + devices + " devices", "device=" + digits);
        }
        return device;
    }

    private static long number(String digits) {
        return Long.parseLong(digits); // of at most 18 digits
    }

    private String name(String encoded) {
        try {
            return URLDecoder.decode(encoded, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw lines.error("a name in the form of URLs", quoted(encoded));
        }
    }

    private Matcher match(Pattern pattern, String line, String expected) {
        Matcher match = pattern.matcher(line);
        if (!match.matches()) {
            throw lines.error(expected, quoted(line));
        }
        return match;
    }

    private static String quoted(String text) {
        return TraceParser.quoted(text);
    }
}
