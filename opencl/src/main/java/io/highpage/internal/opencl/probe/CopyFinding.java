// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.probe;

import io.highpage.internal.opencl.CopyPlan;
import io.highpage.internal.opencl.CopyWay;
import io.highpage.outcome.DeviceException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What is known of the ways in which a device copies. Immutable. What is read and planned when a
 * program starts is done in plain loops, whose code is there without being made first.
 *
 * @param ways what was found, of each way; none if it could not be found out
 * @param unknown why it could not, else empty
 * @param times by how many processes, one after the other
 * @param busy whether other programs had the processors that the last one would have shared on
 */
public record CopyFinding(List<WayFinding> ways, String unknown, int times, boolean busy) {
    /** Beside programs that are always there it is measured no more often: that is how it is. */
    static final int TIMES_MAX = 3;

    /**
     * What a way must be faster by to be taken in place of another: less is noise. Straight copies
     * are taken first, which need no memory and no calls that block. Short copies take as long as
     * threads take to wake up.
     */
    private static final double MARGIN = 0.8;

    private static final double MARGIN_OF_LONG = 0.9;

    /** From here on a run takes so long that the threads which it wakes are next to nothing. */
    private static final long LONG_BYTES = 8L << 20;

    /**
     * How much longer several straight runs may take, in what is known of one of them, than if each
     * is waited for: what is not known is how much of them overlaps.
     */
    private static final double TOGETHER = 1.5;

    /**
     * The shortest copies that ways are chosen by: with shorter ones they differ less than runs.
     */
    private static final int SHORTEST = 1;

    /** Copies of a page, and how much of the time mapping may take for them. */
    private static final int PAGE = 0;

    private static final double MARGIN_OF_PAGES = 0.5;

    private static final String FIRST_LINE = "highpage copies 8";
    private static final int FIRST_WAY = 3; // lines before it
    private static final String LAST_LINE = "end";

    static CopyFinding of(List<WayFinding> ways, int times, boolean busy) {
        return new CopyFinding(List.copyOf(ways), "", times, busy);
    }

    static CopyFinding unknown(String why) {
        return new CopyFinding(List.of(), why, 0, false);
    }

    /** {@return whether it is not to be measured once more when the device is next opened} */
    boolean isSettled() {
        boolean lacking = false;
        for (WayFinding found : ways) {
            lacking |= found.momentary();
        }
        return !busy && !lacking || times >= TIMES_MAX;
    }

    /**
     * {@return why nothing was found out, though direct copies are not known to be wrong; else
     * empty}
     */
    Optional<String> lacks() {
        boolean wrong = wrong().stream().anyMatch(found -> found.way() == CopyWay.BLOCKING);
        return isUsable() || wrong
                ? Optional.empty()
                : ways.stream()
                        .filter(found -> found.way() == CopyWay.STRAIGHT && found.momentary())
                        .map(WayFinding::fault)
                        .findFirst();
    }

    /** {@return the ways that are not to be tried again} */
    List<WayFinding> wrong() {
        return ways.stream()
                .filter(found -> !found.isRight() && !found.momentary())
                .toList();
    }

    /**
     * {@return this with what was found later: the shortest times, by which what others did
     * meanwhile counts least; a way that was wrong once is. If nothing could be found out, what
     * this says, measured once more; what was found later, if no way was right both times}
     */
    CopyFinding and(CopyFinding later) {
        List<WayFinding> both = new ArrayList<>();
        for (WayFinding found : ways) {
            WayFinding merged = found;
            for (WayFinding again : later.ways) {
                merged = again.way() == found.way() ? found.and(again) : merged;
            }
            both.add(merged);
        }
        if (later.ways.isEmpty()) {
            return of(both, times + 1, busy);
        }
        CopyFinding merged = of(both, times + later.times, later.busy);
        return merged.isUsable() ? merged : of(later.ways, merged.times, later.busy);
    }

    private Optional<WayFinding> right(CopyWay way) {
        for (WayFinding found : ways) {
            if (found.way() == way && found.isRight()) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }

    /** {@return the way that needs nothing but a call, if one is right} */
    private Optional<WayFinding> direct() {
        return right(CopyWay.STRAIGHT).or(() -> right(CopyWay.BLOCKING));
    }

    /** A way that was chosen for copies of some sizes, the last of which tells how fast it is. */
    private record Choice(WayFinding found, int first, int last) {
        long fromBytes() {
            return first == PAGE ? 0 : WayFinding.SIZES[first];
        }

        String from() {
            return new CopyPlan.Step(fromBytes(), found.way()).from();
        }
    }

    /**
     * {@return what to do: for each size the fastest way that was right, straight copies if nothing
     * is known}
     *
     * @throws DeviceException if no way was right
     */
    CopyPlan plan(String device) {
        if (ways.isEmpty()) {
            return CopyPlan.only(CopyWay.STRAIGHT);
        }
        if (!isUsable()) {
            throw new DeviceException(
                    "device " + device + " does not copy right in any way: " + all(ways) + "; -D"
                            + CopyWay.PROPERTY + "=" + CopyWay.STRAIGHT.word()
                            + " uses it in spite of that",
                    null);
        }
        CopyWay instead = direct().map(WayFinding::way).orElse(null);
        List<CopyPlan.Step> steps = new ArrayList<>();
        for (Choice choice : choices()) {
            if (steps.isEmpty() && choice.first() > PAGE && instead != null) {
                steps.add(new CopyPlan.Step(0, instead));
            }
            addSteps(steps, choice);
        }
        return new CopyPlan(steps, instead);
    }

    private void addSteps(List<CopyPlan.Step> steps, Choice choice) {
        CopyWay way = choice.found().way();
        CopyWay before = null;
        for (int size = choice.first(); size <= choice.last(); size++) {
            CopyWay several = areTogether(choice.found(), size) ? CopyWay.STRAIGHT : way;
            if (several != before) {
                long from = before == null ? choice.fromBytes() : WayFinding.SIZES[size];
                steps.add(new CopyPlan.Step(from, way, several));
                before = several;
            }
        }
    }

    /**
     * {@return whether several runs of a size go straight, where all are begun before the first is
     * waited for, and not this way, in which each is} The first takes what one takes; another one
     * no longer than its bytes take in longer copies.
     */
    private boolean areTogether(WayFinding found, int size) {
        WayFinding straight = right(CopyWay.STRAIGHT).orElse(null);
        if (straight == null || !found.way().waits() || WayFinding.SIZES[size] >= LONG_BYTES) {
            return false;
        }
        double another = straight.nanos(size);
        for (int longer = size + 1; longer < sizes(); longer++) {
            double part = (double) WayFinding.SIZES[size] / WayFinding.SIZES[longer];
            another = Math.min(another, straight.nanos(longer) * part);
        }
        return straight.nanos(size) + another <= TOGETHER * 2 * found.nanos(size);
    }

    boolean isUsable() {
        for (WayFinding found : ways) {
            if (found.isRight()) {
                return true;
            }
        }
        return false;
    }

    /** {@return what is chosen, by size, where something was right} */
    private List<Choice> choices() {
        List<Choice> choices = new ArrayList<>();
        int longest = sizes() - 1;
        WayFinding usual = fastest(right(CopyWay.STRAIGHT).orElse(null), SHORTEST, longest);
        for (int size = SHORTEST; size <= longest; size++) {
            WayFinding best = fastest(usual, size, size);
            Choice before = choices.isEmpty() ? null : choices.getLast();
            if (before != null && before.found().equals(best)) {
                choices.removeLast();
                choices.add(new Choice(best, before.first(), size));
            } else {
                boolean shorterToo = size == SHORTEST && isForPages(best);
                choices.add(new Choice(best, shorterToo ? PAGE : size, size));
            }
        }
        return choices;
    }

    /** {@return how many sizes all ways that are right have copied} */
    private int sizes() {
        int sizes = WayFinding.SIZES.length;
        for (WayFinding found : ways) {
            sizes = found.isRight() ? Math.min(sizes, found.sizes()) : sizes;
        }
        return sizes;
    }

    /**
     * {@return whether copies that are shorter than any that count go this way, too}: unless it
     * maps them, which takes two commands, and is seen not to be free.
     */
    private boolean isForPages(WayFinding found) {
        WayFinding direct = direct().orElse(null);
        return found.way() != CopyWay.MAPPED
                || direct == null
                || found.nanos(PAGE) <= MARGIN_OF_PAGES * direct.nanos(PAGE);
    }

    /** {@return the fastest that is right, but the usual one where it is about as fast} */
    private WayFinding fastest(@Nullable WayFinding usual, int first, int last) {
        WayFinding fastest = null;
        for (WayFinding found : ways) {
            if (found.isRight()
                    && (fastest == null || found.cost(first, last) < fastest.cost(first, last))) {
                fastest = found;
            }
        }
        WayFinding best = Objects.requireNonNull(fastest);
        double margin = WayFinding.SIZES[first] < LONG_BYTES ? MARGIN : MARGIN_OF_LONG;
        return usual != null && best.cost(first, last) > margin * usual.cost(first, last)
                ? usual
                : best;
    }

    /** {@return what was chosen, measured, and why, in words} */
    public String words() {
        if (ways.isEmpty()) {
            return "straight: " + unknown;
        }
        if (!isUsable()) {
            return "no way is right: " + all(ways);
        }
        List<WayFinding> others = new ArrayList<>(ways);
        List<Choice> choices = choices();
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < choices.size(); i++) {
            Choice choice = choices.get(i);
            others.remove(choice.found());
            words.append(choice.found().words(choice.last()))
                    .append(", chosen")
                    .append(choice.first() > PAGE ? " from " + choice.from() : "")
                    .append(
                            i == 0 && choices.size() > 1
                                    ? " below " + choices.get(1).from()
                                    : "")
                    .append(": ")
                    .append(why(choice))
                    .append("; ");
        }
        return words.append(all(others))
                .append(isSettled() ? "" : "; " + again() + ", so it is measured again")
                .toString();
    }

    private String again() {
        return busy ? "beside busy processors" : "not all could be tried";
    }

    /** All at one size, so that they can be compared. */
    private String all(List<WayFinding> some) {
        int longest = sizes() - 1;
        return some.stream().map(found -> found.words(longest)).collect(Collectors.joining("; "));
    }

    private String why(Choice choice) {
        if (choice.found().way() == CopyWay.STRAIGHT) {
            return "none is clearly faster";
        }
        return right(CopyWay.STRAIGHT)
                .map(straight -> String.format(
                        Locale.ROOT,
                        "%.1f times as fast as straight",
                        straight.cost(choice.last(), choice.last())
                                / choice.found().cost(choice.last(), choice.last())))
                .orElse("the fastest that is right");
    }

    // The file

    /** {@return the text of a file} */
    String text(String key) {
        return FIRST_LINE + "\n" + key + "\n" + measured() + "\n"
                + ways.stream().map(way -> way.line() + "\n").collect(Collectors.joining())
                + LAST_LINE + "\n";
    }

    /** {@return what the text of a file says, empty if it is garbage or of something else} */
    static Optional<CopyFinding> parse(String text, String key) {
        String[] lines = text.split("\n", -1); // nothing is behind the last end of a line
        int count = CopyWay.values().length;
        int end = FIRST_WAY + count;
        if (lines.length != end + 2
                || !lines[0].equals(FIRST_LINE)
                || !lines[1].equals(key)
                || !lines[end].equals(LAST_LINE)
                || !lines[end + 1].isEmpty()) {
            return Optional.empty();
        }
        Map<CopyWay, WayFinding> ways = new EnumMap<>(CopyWay.class);
        for (int i = FIRST_WAY; i < end; i++) {
            WayFinding.parse(lines[i]).ifPresent(found -> ways.put(found.way(), found));
        }
        return ways.size() == count
                ? measured(lines[2], List.copyOf(ways.values()))
                : Optional.empty();
    }

    private static Optional<CopyFinding> measured(String line, List<WayFinding> ways) {
        for (int times = 1; times <= TIMES_MAX; times++) {
            for (boolean busy : new boolean[] {false, true}) {
                CopyFinding finding = of(ways, times, busy);
                if (line.equals(finding.measured())) {
                    return Optional.of(finding);
                }
            }
        }
        return Optional.empty();
    }

    private String measured() {
        return "measured " + times + (busy ? " busy" : " calm");
    }
}
