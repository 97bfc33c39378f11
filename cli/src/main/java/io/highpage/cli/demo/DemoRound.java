// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.demo;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.cli.console.FileBytes;
import io.highpage.cli.console.FileTransfer;
import io.highpage.cli.console.OutputFile;
import io.highpage.cli.console.Progress;
import io.highpage.cli.console.Units;
import io.highpage.cli.demo.DemoPlan.Piece;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.Residency;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * The way of as many buffers as fit at the same time, from the file to the device, home and back.
 * One thread.
 */
final class DemoRound implements AutoCloseable {
    private static final int PICTURE_WIDTH = 32;

    private final List<Piece> pieces;
    private final DeviceWork work;
    private final FileTransfer files;
    private final Device device;
    private final Consumer<DemoStep> report;
    private final boolean quiet;
    private final List<PageBuffer> buffers = new ArrayList<>();
    private final List<Pin> pins = new ArrayList<>();
    private final List<Long> checksums = new ArrayList<>();
    private final long bytes;
    private final long pages;

    DemoRound(
            List<Piece> pieces,
            long pageBytes,
            Highpage runtime,
            DeviceWork work,
            FileTransfer files,
            Consumer<DemoStep> report,
            boolean quiet) {
        this.pieces = pieces;
        this.work = work;
        this.files = files;
        this.device = runtime.device();
        this.report = report;
        this.quiet = quiet;
        for (Piece piece : pieces) {
            buffers.add(runtime.allocate(piece.bufferBytes(), pageBytes));
        }
        this.bytes = pieces.stream().mapToLong(Piece::bytes).sum();
        this.pages = buffers.stream().mapToLong(PageBuffer::pageCount).sum();
    }

    /**
     * Goes all the way.
     *
     * @param file the file
     * @param channel the same, to check against
     * @param out takes what the device made of it
     * @return whether every byte was right, at home and after the way back
     * @throws IOException if the file cannot be read
     */
    boolean run(Path file, FileChannel channel, OutputFile out) throws IOException {
        load(file);
        move("move to the device");
        mix();
        boolean right = pin();
        right &= check(channel);
        write(out);
        release();
        move("send it back");
        return checkAgain() && right;
    }

    /** Gives all memory back. */
    @Override
    public void close() {
        pins.forEach(Pin::close);
        buffers.forEach(PageBuffer::close);
    }

    private void load(Path file) throws IOException {
        long start = System.nanoTime();
        try (Progress progress = Progress.ofBytes("loading", bytes, quiet)) {
            for (int i = 0; i < buffers.size(); i++) {
                Piece piece = pieces.get(i);
                files.read(file, piece.position(), buffers.get(i), piece.bytes(), progress::add);
            }
        }
        report("load the file", pages, bytes, start, "");
    }

    private void move(String name) {
        long start = System.nanoTime();
        long moved = 0;
        long movedBytes = 0;
        StringJoiner left = new StringJoiner("; ");
        try (Progress progress = Progress.ofBytes(name, bytes, quiet)) {
            for (PageBuffer buffer : buffers) {
                MoveReport move = buffer.prefetch(device);
                moved += move.movedPages();
                movedBytes += Math.min(move.movedPages() * buffer.pageBytes(), buffer.byteSize());
                if (!move.complete()) {
                    left.add("left behind in buffer " + buffer.id() + ": " + move.outcomes()
                            + move.failure()
                                    .map(why -> " (" + why.getMessage() + ")")
                                    .orElse(""));
                }
                progress.add(buffer.byteSize());
            }
        }
        report(name, moved, movedBytes, start, left.toString());
    }

    private void mix() {
        long start = System.nanoTime();
        try (Progress progress = Progress.ofBytes("working", bytes, quiet)) {
            for (int i = 0; i < buffers.size(); i++) {
                try (DeviceAccess access = buffers.get(i).access(device, AccessMode.READ_WRITE)) {
                    work.mix(access, pieces.get(i).position() / Integer.BYTES);
                }
                progress.add(pieces.get(i).bytes());
            }
        }
        report(
                "work on the device",
                pages,
                bytes,
                start,
                work.description() + ", "
                        + Units.count(Math.ceilDiv(bytes, Integer.BYTES), "word"));
    }

    /** {@return whether every pin is what it says, and every page at home} */
    private boolean pin() {
        String before = picture();
        long onDevice = count(Residency.DEVICE);
        long start = System.nanoTime();
        try (Progress progress = Progress.ofBytes("coming home", bytes, quiet)) {
            for (PageBuffer buffer : buffers) {
                pins.add(buffer.pin(Pin.longTerm().owner("demo")));
                progress.add(buffer.byteSize());
            }
        }
        long home = onDevice - count(Residency.DEVICE);
        boolean right = count(Residency.HOST) == pages
                && pins.stream().allMatch(pin -> pin.verify().isConfirmed());
        report(
                "long-term pin",
                home,
                home == pages ? bytes : home * pageBytes(),
                start,
                "came home from [" + before + "]; every pin "
                        + (right ? "verified" : "FAILED to verify"));
        return right;
    }

    private boolean check(FileChannel file) throws IOException {
        long start = System.nanoTime();
        Expectation expectation = new Expectation(file);
        String note = "all bytes as computed from the file";
        boolean right = true;
        try (Progress progress = Progress.ofBytes("checking", bytes, quiet)) {
            for (int i = 0; i < pins.size(); i++) {
                Piece piece = pieces.get(i);
                CRC32C checksum = new CRC32C();
                long at = expectation.firstDifference(
                        piece.position(),
                        pins.get(i).segment().asSlice(0, piece.bytes()),
                        checksum,
                        progress::add);
                checksums.add(checksum.getValue());
                if (at >= 0) {
                    right = false;
                    note = "WRONG from byte " + (piece.position() + at) + " of the file on";
                }
            }
        }
        report("check the bytes", pages, bytes, start, note);
        return right;
    }

    private void write(OutputFile out) {
        long start = System.nanoTime();
        try (Progress progress = Progress.ofBytes("writing", bytes, quiet)) {
            for (int i = 0; i < pins.size(); i++) {
                files.write(buffers.get(i), pieces.get(i).bytes(), out, progress::add);
            }
        }
        report("write it out", pages, bytes, start, "to " + out);
    }

    private void release() {
        long start = System.nanoTime();
        pins.forEach(Pin::close);
        pins.clear();
        report("release the pins", pages, 0, start, "");
    }

    // What went back is read where it is on a coherent device, and comes home to be read on a
    // private one.
    private boolean checkAgain() {
        long start = System.nanoTime();
        boolean right = true;
        try (Progress progress = Progress.ofBytes("checking", bytes, quiet)) {
            for (int i = 0; i < buffers.size(); i++) {
                right &= checksum(buffers.get(i), pieces.get(i).bytes()) == checksums.get(i);
                progress.add(pieces.get(i).bytes());
            }
        }
        report(
                "check what went back",
                pages,
                bytes,
                start,
                right ? "the same bytes" : "WRONG bytes");
        return right;
    }

    private static long checksum(PageBuffer buffer, long bytes) {
        CRC32C checksum = new CRC32C();
        try (Hold hold = buffer.range(0, bytes).hold()) {
            Hold.Pieces parts = hold.pieces();
            while (parts.next()) {
                MemorySegment part = parts.slice();
                for (long done = 0; done < part.byteSize(); ) {
                    ByteBuffer piece = FileBytes.piece(part, done);
                    done += piece.remaining();
                    checksum.update(piece);
                }
            }
        }
        return checksum.getValue();
    }

    private void report(String name, long stepPages, long stepBytes, long start, String note) {
        long nanos = System.nanoTime() - start;
        report.accept(new DemoStep(name, stepPages, stepBytes, nanos, picture(), note));
    }

    private String picture() {
        StringJoiner pictures = new StringJoiner("|");
        int width = Math.max(1, PICTURE_WIDTH / buffers.size());
        buffers.forEach(buffer -> pictures.add(buffer.residency().picture(width)));
        return pictures.toString();
    }

    private long count(Residency residency) {
        return buffers.stream()
                .mapToLong(buffer -> buffer.residency().count(residency))
                .sum();
    }

    private long pageBytes() {
        return buffers.getFirst().pageBytes();
    }
}
