// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.demo;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.cli.console.OutputFile;
import io.highpage.cli.console.Progress;
import io.highpage.cli.console.Traffic;
import io.highpage.cli.console.Units;
import io.highpage.cli.demo.DemoPlan.Round;
import io.highpage.internal.pipe.FileBytes;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.DeviceTraffic;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.Residency;
import io.highpage.outcome.Terms;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * The way of one buffer of spans from the file to the device, home and back. The device may have
 * room for a part of it only. One thread.
 */
final class DemoRound implements AutoCloseable {
    private final Round round;
    private final Workplace place;
    private final Device device;
    private final Consumer<DemoStep> report;
    private final boolean quiet;
    private final PageBuffer buffer;
    private final PageRange file;
    private final List<PageRange> spans = new ArrayList<>();

    /** Of each span, as the host counts it. */
    private final List<Integer> sums = new ArrayList<>();

    private long checksum;

    /** What had moved when the last step ended. */
    private DeviceTraffic traffic;

    DemoRound(
            DemoPlan plan, Round round, Workplace place, Consumer<DemoStep> report, boolean quiet) {
        this.round = round;
        this.place = place;
        this.device = place.device();
        this.traffic = device.traffic();
        this.report = report;
        this.quiet = quiet;
        this.buffer = place.runtime()
                .allocate(
                        round.bufferBytes(),
                        Allocation.defaults()
                                .pageBytes(plan.pageBytes())
                                .spanBytes(plan.spanBytes()));
        this.file = buffer.range(0, round.bytes());
        for (long at = 0; at < buffer.byteSize(); at += buffer.spanBytes()) {
            spans.add(buffer.range(at, Math.min(buffer.spanBytes(), buffer.byteSize() - at)));
        }
    }

    /**
     * Goes all the way.
     *
     * @param path the file
     * @param channel the same, to check against
     * @param out takes what the device made of it
     * @return whether every byte was right, at home and after the way back
     * @throws IOException if the file cannot be read
     */
    boolean run(Path path, FileChannel channel, OutputFile out) throws IOException {
        load(path);
        move("move to the device");
        mix();
        boolean right = pin(channel, out);
        move("send it back");
        right &= sum();
        return checkAgain() && right;
    }

    /** Gives all memory back. */
    @Override
    public void close() {
        buffer.close();
    }

    private void load(Path path) throws IOException {
        long start = System.nanoTime();
        try (Progress progress = Progress.ofBytes("loading", round.bytes(), quiet)) {
            place.files().read(path, round.position(), file, progress::add);
        }
        report("load the file", buffer.pageCount(), round.bytes(), start, "");
    }

    private void move(String name) {
        long start = System.nanoTime();
        MoveReport move = buffer.prefetch(device);
        String left = move.complete()
                ? ""
                : "left at home until it is used: " + move.outcomes()
                        + move.failure()
                                .map(why -> " (" + why.getMessage() + ")")
                                .orElse("");
        report(name, move.movedPages(), bytesOf(move.movedPages()), start, left);
    }

    private void mix() {
        long start = System.nanoTime();
        try (Progress progress = Progress.ofBytes("working", round.bytes(), quiet)) {
            for (PageRange span : spans) {
                try (DeviceAccess access = access(span, AccessMode.READ_WRITE)) {
                    place.work().mix(access, (round.position() + span.offset()) / Integer.BYTES);
                }
                progress.add(span.byteSize());
            }
        }
        report(
                "work on the device",
                buffer.pageCount(),
                round.bytes(),
                start,
                place.work().description() + ", "
                        + Units.count(buffer.byteSize() / Integer.BYTES, "word"));
    }

    private DeviceAccess access(PageRange span, AccessMode mode) {
        place.trace().used(span, device, mode);
        return span.access(device, mode);
    }

    /** {@return whether the pin is what it says, every page at home, and every byte right} */
    private boolean pin(FileChannel channel, OutputFile out) throws IOException {
        String before = picture();
        long onDevice = count(Residency.DEVICE);
        long start = System.nanoTime();
        boolean right;
        try (Pin pin = buffer.pin(Pin.longTerm().owner("demo"))) {
            long home = onDevice - count(Residency.DEVICE);
            right = count(Residency.HOST) == buffer.pageCount() && pin.verify().isConfirmed();
            report(
                    "long-term pin",
                    home,
                    bytesOf(home),
                    start,
                    "came home from [" + before + "]; the pin "
                            + (right ? "verified" : "FAILED to verify"));
            right &= check(channel, pin.segment());
            write(out);
            start = System.nanoTime();
        }
        report("release the pin", buffer.pageCount(), 0, start, "");
        return right;
    }

    private boolean check(FileChannel channel, MemorySegment pinned) throws IOException {
        long start = System.nanoTime();
        Expectation expectation = new Expectation(channel);
        CRC32C crc = new CRC32C();
        long at;
        try (Progress progress = Progress.ofBytes("checking", round.bytes(), quiet)) {
            at = expectation.firstDifference(
                    round.position(), pinned.asSlice(0, round.bytes()), crc, progress::add);
        }
        checksum = crc.getValue();
        for (PageRange span : spans) {
            sums.add(DeviceWork.sum(pinned.asSlice(span.offset(), span.byteSize())));
        }
        report(
                "check the bytes",
                buffer.pageCount(),
                round.bytes(),
                start,
                at < 0
                        ? "all bytes as computed from the file"
                        : "WRONG from byte " + (round.position() + at) + " of the file on");
        return at < 0;
    }

    private void write(OutputFile out) {
        long start = System.nanoTime();
        try (Progress progress = Progress.ofBytes("writing", round.bytes(), quiet)) {
            place.files().write(file, out, progress::add);
        }
        report("write it out", buffer.pageCount(), round.bytes(), start, "to " + out);
    }

    /** Only reads, so that what has to make room for what comes need not be copied home again. */
    private boolean sum() {
        long start = System.nanoTime();
        boolean right = true;
        try (Progress progress = Progress.ofBytes("summing", round.bytes(), quiet)) {
            for (int i = 0; i < spans.size(); i++) {
                PageRange span = spans.get(i);
                try (DeviceAccess access = access(span, AccessMode.READ)) {
                    right &= place.work().sum(access) == sums.get(i);
                }
                progress.add(span.byteSize());
            }
        }
        report(
                "read on the device",
                buffer.pageCount(),
                round.bytes(),
                start,
                right ? "the same sums" : "WRONG sums");
        return right;
    }

    // What went back is read where it is on a coherent device, and comes home to be read on a
    // private one.
    private boolean checkAgain() {
        long start = System.nanoTime();
        CRC32C crc = new CRC32C();
        try (Progress progress = Progress.ofBytes("checking", round.bytes(), quiet);
                Hold hold = file.hold(Terms.defaults().mode(AccessMode.READ))) {
            Hold.Pieces parts = hold.pieces();
            while (parts.next()) {
                MemorySegment part = parts.slice();
                for (long done = 0; done < part.byteSize(); ) {
                    ByteBuffer piece = FileBytes.piece(part, done);
                    done += piece.remaining();
                    progress.add(piece.remaining());
                    crc.update(piece);
                }
            }
        }
        boolean right = crc.getValue() == checksum;
        report(
                "check what went back",
                buffer.pageCount(),
                round.bytes(),
                start,
                right ? "the same bytes" : "WRONG bytes");
        return right;
    }

    private void report(String name, long pages, long bytes, long start, String note) {
        long nanos = System.nanoTime() - start;
        Traffic moved = new Traffic(traffic, device.traffic());
        traffic = moved.after();
        report.accept(new DemoStep(
                name, new DemoStep.Amount(pages, bytes), nanos, picture(), note, moved));
    }

    /** {@return where the spans are, or, if that is long, shares of the pages} */
    private String picture() {
        StringBuilder letters = new StringBuilder();
        spans.forEach(span -> letters.append(span.residency().picture(1)));
        String map = SpanMap.of(letters);
        return map.isEmpty() ? buffer.residency().picture(SpanMap.WIDTH) : map;
    }

    private long count(Residency residency) {
        return buffer.residency().count(residency);
    }

    private long bytesOf(long pages) {
        return Math.min(pages * buffer.pageBytes(), round.bytes());
    }
}
