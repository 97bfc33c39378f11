// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import io.highpage.outcome.AccessMode;

import java.util.HashMap;
import java.util.Map;

/** Uses of spans, in order, as {@code highpage bench policy} reads them. Confined to one thread. */
public final class AccessText {
    private static final String HEADER = "highpage-accesses 1";
    private static final int USES_A_LINE = 16;

    private final Map<Object, Long> firstSpans = new HashMap<>();
    private final StringBuilder lines = new StringBuilder();
    private long spans;
    private String lastVerb = "";
    private int usesInLine;

    /**
     * A buffer in spans.
     *
     * @param key what it is, and no other buffer
     * @param byteSize its length in bytes
     * @param pageBytes the length of its pages
     * @param spanBytes the length of its spans
     */
    public record Spans(Object key, long byteSize, long pageBytes, long spanBytes) {}

    /**
     * Takes note that spans are used.
     *
     * @param buffer the buffer that they are of
     * @param offset the first byte that is used
     * @param byteSize how many are, at least one
     * @param mode what for
     */
    public void used(Spans buffer, long offset, long byteSize, AccessMode mode) {
        Long declared = firstSpans.get(buffer.key());
        long first = declared == null ? declare(buffer) : declared;
        String verb = switch (mode) {
            case READ -> "read";
            case WRITE -> "write";
            case READ_WRITE -> "modify";
        };
        long last = (offset + byteSize - 1) / buffer.spanBytes();
        for (long span = offset / buffer.spanBytes(); span <= last; span++) {
            if (!verb.equals(lastVerb) || usesInLine == USES_A_LINE) {
                line(verb);
                lastVerb = verb;
                usesInLine = 0;
            }
            lines.append(' ').append(first + span);
            usesInLine++;
        }
    }

    /** Tells how long the spans of a buffer are. {@return the number of its first} */
    private long declare(Spans buffer) {
        long whole = buffer.byteSize() / buffer.spanBytes();
        long rest = buffer.byteSize() % buffer.spanBytes();
        if (whole > 0) {
            line("spans " + whole + " " + buffer.spanBytes());
        }
        if (rest > 0) {
            line("spans 1 " + Math.ceilDiv(rest, buffer.pageBytes()) * buffer.pageBytes());
        }
        lastVerb = "";
        long first = spans;
        spans += whole + (rest > 0 ? 1 : 0);
        firstSpans.put(buffer.key(), first);
        return first;
    }

    private void line(String text) {
        lines.append('\n').append(text);
    }

    /**
     * {@return all of it}
     *
     * @param memoryBytes the device memory that spans compete for
     */
    public String text(long memoryBytes) {
        return HEADER + "\nmemory " + memoryBytes + lines + "\n";
    }
}
