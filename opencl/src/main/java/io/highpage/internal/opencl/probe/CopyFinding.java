// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.probe;

import io.highpage.internal.opencl.CopyPlan;
import io.highpage.internal.opencl.CopyWay;
import io.highpage.outcome.DeviceException;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What is known of the ways in which a device copies. Immutable. What is read and planned when a
 * program starts is done in plain loops, whose code is there without being made first.
 *
 * @param ways what was found, of each way; none if it could not be found out
 * @param unknown why it could not, else empty
 */
public record CopyFinding(List<WayFinding> ways, String unknown) {
    /**
     * What a way must be faster by than straight copies, which need no memory and no calls that
     * block: less is noise.
     */
    private static final double MARGIN = 0.8;

    private static final String FIRST_LINE = "highpage copies 2";
    private static final String LAST_LINE = "end";

    static CopyFinding of(List<WayFinding> ways) {
        return new CopyFinding(List.copyOf(ways), "");
    }

    static CopyFinding unknown(String why) {
        return new CopyFinding(List.of(), why);
    }

    private Optional<WayFinding> right(CopyWay way) {
        for (WayFinding found : ways) {
            if (found.way() == way && found.isRight()) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }

    /**
     * {@return what to do: the fastest way that was right, straight copies if nothing is known}
     *
     * @throws DeviceException if no way was right
     */
    CopyPlan plan(String device) {
        if (ways.isEmpty()) {
            return CopyPlan.only(CopyWay.STRAIGHT);
        }
        WayFinding best = best().orElseThrow(() -> new DeviceException(
                "device " + device + " does not copy right in any way: "
                        + ways.stream().map(WayFinding::words).collect(Collectors.joining("; "))
                        + "; -D" + CopyWay.PROPERTY + "=" + CopyWay.STRAIGHT.word()
                        + " uses it all the same",
                null));
        CopyWay instead = right(CopyWay.STRAIGHT)
                .or(() -> right(CopyWay.BLOCKING))
                .map(WayFinding::way)
                .orElse(null);
        return new CopyPlan(best.way(), instead);
    }

    boolean isUsable() {
        return best().isPresent();
    }

    private Optional<WayFinding> best() {
        WayFinding fastest = null;
        for (WayFinding found : ways) {
            if (found.isRight() && (fastest == null || found.cost() < fastest.cost())) {
                fastest = found;
            }
        }
        Optional<WayFinding> straight = right(CopyWay.STRAIGHT);
        return fastest != null
                        && straight.isPresent()
                        && fastest.cost() > MARGIN * straight.get().cost()
                ? straight
                : Optional.ofNullable(fastest);
    }

    /** {@return what was chosen, measured, and why, in words} */
    public String words() {
        if (ways.isEmpty()) {
            return "straight: " + unknown;
        }
        Optional<WayFinding> best = best();
        if (best.isEmpty()) {
            return "no way is right: " + all(ways);
        }
        List<WayFinding> others = new ArrayList<>(ways);
        others.remove(best.get());
        return best.get().words() + ", " + why(best.get()) + "; " + all(others);
    }

    private static String all(List<WayFinding> ways) {
        return ways.stream().map(WayFinding::words).collect(Collectors.joining("; "));
    }

    private String why(WayFinding best) {
        if (best.way() == CopyWay.STRAIGHT) {
            return "chosen: none is faster by a fifth";
        }
        return right(CopyWay.STRAIGHT)
                .map(straight -> String.format(
                        Locale.ROOT,
                        "chosen: %.1f times as fast as straight",
                        straight.cost() / best.cost()))
                .orElse("chosen: the fastest that is right");
    }

    // The file

    /** {@return the text of a file} */
    String text(String key) {
        return FIRST_LINE + "\n" + key + "\n"
                + ways.stream().map(way -> way.line() + "\n").collect(Collectors.joining())
                + LAST_LINE + "\n";
    }

    /** {@return what the text of a file says, empty if it is garbage or of something else} */
    static Optional<CopyFinding> parse(String text, String key) {
        String[] lines = text.split("\n", -1); // nothing is behind the last end of a line
        int count = CopyWay.values().length;
        if (lines.length != count + 4
                || !lines[0].equals(FIRST_LINE)
                || !lines[1].equals(key)
                || !lines[count + 2].equals(LAST_LINE)
                || !lines[count + 3].isEmpty()) {
            return Optional.empty();
        }
        Map<CopyWay, WayFinding> ways = new EnumMap<>(CopyWay.class);
        for (int i = 2; i < count + 2; i++) {
            WayFinding.parse(lines[i]).ifPresent(found -> ways.put(found.way(), found));
        }
        return ways.size() == count
                ? Optional.of(of(List.copyOf(ways.values())))
                : Optional.empty();
    }
}
