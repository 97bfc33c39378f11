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
import java.util.List;
import java.util.Optional;

/**
 * Writes down which spans kernels use, in order, as {@code highpage bench policy} reads it.
 * Confined to one thread.
 */
public final class AccessTrace implements AutoCloseable {
    /** Keeps nothing. */
    public static final AccessTrace NONE = new AccessTrace(null);

    private final @Nullable OutputFile file;
    private final AccessText text = new AccessText();
    private long memoryBytes;

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
        text.used(
                new AccessText.Spans(
                        buffer, buffer.byteSize(), buffer.pageBytes(), buffer.spanBytes()),
                range.offset(),
                range.byteSize(),
                mode);
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
        byte[] bytes = text.text(memoryBytes).getBytes(StandardCharsets.UTF_8);
        file.append(MemorySegment.ofArray(bytes), count -> {});
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
