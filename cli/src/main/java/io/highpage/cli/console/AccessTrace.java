// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import io.highpage.Device;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.outcome.AccessMode;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes down which spans kernels use, in order, as {@code highpage bench policy} reads it.
 * Confined to one thread.
 */
public final class AccessTrace implements AutoCloseable {
    private static final String HEADER = "highpage-accesses 1";
    private static final int USES_A_LINE = 16;

    /** Keeps nothing. */
    public static final AccessTrace NONE = new AccessTrace(null);

    private final @Nullable OutputFile file;
    private final Map<PageBuffer, Long> firstSpans = new IdentityHashMap<>();
    private final StringBuilder lines = new StringBuilder();
    private long memoryBytes;
    private long spans;
    private String lastVerb = "";
    private int usesInLine;

    private AccessTrace(@Nullable OutputFile file) {
        this.file = file;
    }

    /**
     * {@return a trace that goes to a file in the end, or one that is not kept}
     *
     * @param file the file, if one was asked for
     * @param others files that it must not be
     * @throws UserError if it is one of them, or cannot be written
     */
    public static AccessTrace to(Optional<Path> file, List<Path> others) {
        file.ifPresent(path -> others.stream()
                .filter(other -> SameFile.is(path, other))
                .findFirst()
                .ifPresent(other -> {
                    throw UserError.usage(
                            "--record-accesses " + path + " and " + other + " are the same file");
                }));
        return file.isPresent() ? new AccessTrace(OutputFile.create(file.get())) : NONE;
    }

    /**
     * Takes note that a kernel uses spans.
     *
     * @param range what it has an access of
     * @param device where the spans compete for memory, always the same
     * @param mode what it does there
     */
    public void used(PageRange range, Device device, AccessMode mode) {
        if (file == null) {
            return;
        }
        memoryBytes = device.limitBytes();
        PageBuffer buffer = range.buffer();
        long first = firstSpans.computeIfAbsent(buffer, this::declare);
        String verb = switch (mode) {
            case READ -> "read";
            case WRITE -> "write";
            case READ_WRITE -> "modify";
        };
        long last = (range.offset() + range.byteSize() - 1) / buffer.spanBytes();
        for (long span = range.offset() / buffer.spanBytes(); span <= last; span++) {
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
    private long declare(PageBuffer buffer) {
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
        return first;
    }

    private void line(String text) {
        lines.append('\n').append(text);
    }

    /**
     * Writes the file, if one was asked for.
     *
     * @throws UserError if it cannot be written
     */
    public void write() {
        if (file == null) {
            return;
        }
        String text = HEADER + "\nmemory " + memoryBytes + lines + "\n";
        file.append(MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8)), count -> {});
        file.complete();
    }

    /** Forgets a file that was not written to its end. */
    @Override
    public void close() {
        if (file != null) {
            file.close();
        }
    }
}
