// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.recording;

import io.highpage.cli.console.UserError;

import jdk.jfr.consumer.RecordingFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A recording, of which whole chunks are read and what Highpage recorded is given, in order of
 * time. Never all of it is in memory. Confined to one thread.
 */
public final class Recording {
    private static final String HOW = "record a program that uses Highpage by 'highpage record --"
            + " COMMAND', or start Java with -XX:StartFlightRecording:filename=FILE.jfr";

    private final Path path;
    private final Chunks chunks;
    private final long fileBytes;

    private Recording(Path path, Chunks chunks, long fileBytes) {
        this.path = path;
        this.chunks = chunks;
        this.fileBytes = fileBytes;
    }

    /**
     * Looks at a recording.
     *
     * @param path the file
     * @return the recording
     * @throws UserError if it cannot be read, is no recording, or has nothing that is whole
     */
    public static Recording of(Path path) {
        String file = "cannot read RECORDING " + path;
        if (Files.isDirectory(path)) {
            throw UserError.failed(file + ": it is a folder");
        }
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw UserError.failed(file + ": it is not a regular file");
        }
        try (FileChannel channel = FileChannel.open(path)) {
            long bytes = channel.size();
            if (bytes == 0) {
                throw UserError.failed(file + ": it is empty; the program may not have ended yet,"
                        + " or was killed: jcmd PID JFR.dump writes what a running one has");
            }
            Chunks chunks = Chunks.of(channel);
            if (chunks.starts().isEmpty()) {
                throw UserError.failed(file + ": it was cut off after " + bytes + " bytes, in the"
                        + " first of its chunks, so that nothing of it can be read; copy it again,"
                        + " or record again");
            }
            return new Recording(path, chunks, bytes);
        } catch (IOException e) {
            throw UserError.io(file, e);
        }
    }

    /** {@return the file} */
    public Path path() {
        return path;
    }

    /** {@return when it begins} */
    public Instant start() {
        return Instant.EPOCH.plusNanos(chunks.starts().getFirst());
    }

    /** {@return how long it is, in nanoseconds} */
    public long nanos() {
        return Math.max(1, chunks.end() - chunks.starts().getFirst());
    }

    /** {@return what is missing at its end, in words; empty if it is whole} */
    public Optional<String> cut() {
        long missing = fileBytes - chunks.bytes();
        String end = chunks.unfinished()
                ? "the program ended before the recording did, so that its last second may be"
                        + " missing"
                : "it was cut off: the last " + missing + " bytes are a part of a chunk, which"
                        + " cannot be read";
        return missing > 0 || chunks.unfinished() ? Optional.of(end) : Optional.empty();
    }

    /**
     * Reads all that Highpage recorded, in the order in which it ended; what ended at a border of
     * two chunks may come a little later.
     *
     * @param visitor is given each
     * @throws UserError if the file cannot be read, has nothing of Highpage, or of another version
     *     of it
     */
    public void read(Consumer<? super Recorded> visitor) {
        Path readable = path;
        try {
            readable = cut().isPresent() ? whole() : path;
            read(readable, new EventReader(path, start()), new Ordered(visitor));
        } catch (IOException e) {
            throw damaged(e);
        } finally {
            remove(readable);
        }
    }

    private void read(Path readable, EventReader reader, Ordered ordered) throws IOException {
        boolean known;
        try (RecordingFile file = parsed(() -> new RecordingFile(readable))) {
            while (file.hasMoreEvents()) {
                parsed(() -> reader.read(file.readEvent())).ifPresent(ordered::add);
            }
            known = reader.hasRead() || parsed(() -> reader.knows(file.readEventTypes()));
        }
        ordered.finish();
        if (!reader.hasRead()) {
            throw nothing(known);
        }
    }

    /** A step of the JDK's parser. */
    @FunctionalInterface
    private interface Step<T> {
        T take() throws IOException;
    }

    /** In a file that was damaged the parser may fail in any way. */
    private <T> T parsed(Step<T> step) throws IOException {
        try {
            return step.take();
        } catch (UserError inWords) {
            throw inWords;
        } catch (RuntimeException e) {
            throw damaged(e);
        }
    }

    private UserError damaged(Exception e) {
        return UserError.failed(
                "cannot read RECORDING " + path + ": it is damaged: " + e.getMessage(), e);
    }

    private UserError nothing(boolean known) {
        return UserError.failed("RECORDING " + path
                + (known
                        ? " is of a program with Highpage, but nothing that it did was"
                                + " recorded; "
                        : " has nothing of Highpage: the program did not use it; ")
                + HOW);
    }

    /** The whole chunks in a file of their own: the JDK's reader fails at the first that is not. */
    private Path whole() throws IOException {
        Path copy = Files.createTempFile("highpage", ".jfr");
        try (FileChannel from = FileChannel.open(path);
                FileChannel to = FileChannel.open(copy, StandardOpenOption.WRITE)) {
            for (long at = 0; at < chunks.bytes(); ) {
                at += from.transferTo(at, chunks.bytes() - at, to);
            }
            if (chunks.unfinished()) {
                to.write(ByteBuffer.allocate(1), chunks.lastAt() + Chunks.STATE_AT);
            }
        }
        return copy;
    }

    private void remove(Path readable) {
        try {
            if (!readable.equals(path)) {
                Files.delete(readable);
            }
        } catch (IOException e) {
            throw UserError.io("cannot remove the temporary file " + readable, e);
        }
    }

    /** Puts what is read in order: of a chunk each thread's events come one behind the other. */
    private final class Ordered {
        private final Consumer<? super Recorded> visitor;
        private final List<Recorded> waiting = new ArrayList<>();
        private int chunk = 1;

        Ordered(Consumer<? super Recorded> visitor) {
            this.visitor = visitor;
        }

        void add(Recorded recorded) {
            List<Long> starts = chunks.starts();
            while (chunk < starts.size()
                    && recorded.when().end() > starts.get(chunk) - starts.getFirst()) {
                chunk++;
                finish();
            }
            waiting.add(recorded);
        }

        void finish() {
            waiting.sort(Comparator.comparingLong(recorded -> recorded.when().end()));
            waiting.forEach(visitor);
            waiting.clear();
        }
    }
}
