// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.timeline;

import io.highpage.cli.console.Printable;
import io.highpage.cli.console.Units;

/**
 * A cell of a table.
 *
 * @param text what is read
 * @param kind the class that it has in the page
 * @param value the number that the text tells, in bytes, nanoseconds or pieces; below 0 if it is
 *     none
 */
record Cell(String text, String kind, long value) {
    /** Names are as long as programs make them. */
    private static final int TEXT_MAX = 200;

    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000_000_000;

    static Cell text(String text) {
        return new Cell(shown(text), "text", -1);
    }

    /** {@return a cell by which a search finds its row} */
    static Cell owner(String name) {
        return new Cell(name.isEmpty() ? "(no name)" : shown(name), "owner", -1);
    }

    static Cell count(long count) {
        return new Cell(Units.count(count), "number", count);
    }

    static Cell bytes(long bytes) {
        return new Cell(Units.bytes(bytes), "number", bytes);
    }

    static Cell time(long nanos) {
        return new Cell(nanos(nanos), "number", nanos);
    }

    static Cell none() {
        return new Cell("", "text", -1);
    }

    /** {@return any text in one line that shows all of its letters, and is not endless} */
    static String shown(String text) {
        boolean whole = text.length() <= TEXT_MAX;
        return Printable.line(whole ? text : text.substring(0, TEXT_MAX)) + (whole ? "" : "…");
    }

    /** {@return a time in words} */
    static String nanos(long nanos) {
        if (nanos < MICRO) {
            return nanos + " ns";
        }
        if (nanos < MILLI) {
            return Units.format("%.1f µs", (double) nanos / MICRO);
        }
        if (nanos < SECOND) {
            return Units.format("%.1f ms", (double) nanos / MILLI);
        }
        long minutes = nanos / (60 * SECOND);
        String seconds = Units.format("%.2f s", (double) (nanos - minutes * 60 * SECOND) / SECOND);
        return minutes == 0 ? seconds : minutes + " min " + seconds;
    }

    /** {@return the cell in the page} */
    String html() {
        String number = value < 0 ? "" : " data-value=\"" + value + '"';
        // Its direction is its own: a name from right to left must not turn the line.
        String inner = kind.equals("number") ? escaped(text) : "<bdi>" + escaped(text) + "</bdi>";
        return "<td class=\"" + kind + '"' + number + '>' + inner + "</td>";
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
