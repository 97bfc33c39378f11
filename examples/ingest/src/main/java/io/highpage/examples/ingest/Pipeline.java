// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import io.highpage.Device;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.Terms;
import io.highpage.uring.Ring;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;

/**
 * The job with Highpage: while this thread reads a piece, others are filtered on the device, and
 * one is written by a second thread.
 */
final class Pipeline {
    /** What is read at once, and one span of a buffer. */
    static final int PIECE = 4 << 20;

    /** Others have the pages for the moment only that a piece takes. */
    static final Terms TERMS = Terms.defaults().deadline(Duration.ofSeconds(30));

    /** One is read, two are on the device, one is written. */
    private static final int SLOTS = 4;

    private static final long PAGE = 64 << 10;
    private static final int RECORDS = PIECE / Records.BYTES;

    private final Job job;
    private final Filter filter;
    private final LongConsumer progress;

    /** {@code progress} is told of the bytes that are read, by the thread that runs this. */
    Pipeline(Job job, Filter filter, LongConsumer progress) {
        this.job = job;
        this.filter = filter;
        this.progress = progress;
    }

    /** How many pieces fit in the memory given. */
    private int slots() {
        long each = 2L * PIECE + PAGE; // records, results, and where they go
        int slots = (int) Math.min(SLOTS, job.memory() / each);
        if (slots == 0) {
            throw new IllegalArgumentException("--memory " + job.memory()
                    + " is too little: a piece of the file and its results take " + each);
        }
        return slots;
    }

    /**
     * Runs it.
     *
     * @param output an empty file, which is written
     * @return what was done
     * @throws InterruptedIOException if the thread was interrupted, which it then stays
     */
    Result run(Path output) throws IOException {
        int slots = slots();
        long start = System.nanoTime();
        try (Highpage highpage = Highpage.builder()
                        .device(filter.memory())
                        .deviceMemory(job.memory())
                        .hostMemory(job.memory())
                        .open();
                PageBuffer records = pieces(highpage, slots);
                PageBuffer places = highpage.allocate(slots * PAGE, PAGE);
                PageBuffer results = pieces(highpage, slots);
                Transfer transfer = transfer(records, output, results);
                ExecutorService writer = Executors.newSingleThreadExecutor()) {
            Device device = highpage.device();
            results.prefetchAsync(device); // room on the device, by the time that there are some
            List<Slot> all = new ArrayList<>();
            for (int slot = 0; slot < slots; slot++) {
                all.add(new Slot(
                        device,
                        filter,
                        records.range((long) slot * PIECE, PIECE),
                        places.range(slot * PAGE, PAGE),
                        results.range((long) slot * PIECE, PIECE)));
            }
            long read = Files.size(job.input()) / Records.BYTES;
            long kept = new Run(transfer, writer, all).run(read);
            return new Result(read, kept, System.nanoTime() - start, transfer.description());
        }
    }

    private static PageBuffer pieces(Highpage highpage, int count) {
        return highpage.allocate(
                (long) count * PIECE, Allocation.defaults().pageBytes(PAGE).spanBytes(PIECE));
    }

    private Transfer transfer(PageBuffer records, Path output, PageBuffer results)
            throws IOException {
        Optional<String> missing =
                job.ring() ? Ring.unavailable() : Optional.of("as --no-uring says");
        if (missing.isEmpty()) {
            try {
                return new RingTransfer(job.input(), records, output, results);
            } catch (OutOfPageMemoryException tooLow) { // the memlock limit
                missing = Optional.of(tooLow.getMessage());
            }
        }
        return new ChannelTransfer(job.input(), output, missing.get());
    }

    /** How far a stage has come: a value, or why there is none. */
    private record Step<T>(T value, Throwable failure) {}

    /** One run over all pieces. */
    private final class Run {
        private final Transfer transfer;
        private final ExecutorService writer;
        private final List<Slot> slots;
        /** For each slot: when its last piece is written, how many records are by then. */
        private final List<CompletableFuture<Long>> written = new ArrayList<>();

        private volatile boolean stopped;

        Run(Transfer transfer, ExecutorService writer, List<Slot> slots) {
            this.transfer = transfer;
            this.writer = writer;
            this.slots = slots;
            slots.forEach(slot -> written.add(CompletableFuture.completedFuture(0L)));
        }

        /** {@return how many records are kept} */
        long run(long records) throws IOException {
            CompletableFuture<Long> end = written.getFirst();
            try {
                for (long piece = 0; piece * RECORDS < records; piece++) {
                    int turn = (int) (piece % slots.size());
                    int count = (int) Math.min(RECORDS, records - piece * RECORDS);
                    await(written.get(turn));
                    read(slots.get(turn), piece, count);
                    end = written(end, slots.get(turn).filter(count));
                    written.set(turn, end);
                }
                return await(end);
            } finally {
                stopped = true;
                end.handle((any, failed) -> any).join(); // then nothing is open, whatever failed
            }
        }

        private void read(Slot slot, long piece, int count) throws IOException {
            long bytes = (long) count * Records.BYTES;
            try {
                transfer.read(piece * PIECE, slot.records(bytes));
            } catch (IOException failed) {
                throw Ingest.failed("cannot read " + job.input(), failed);
            }
            progress.accept(piece * PIECE + bytes);
        }

        /** {@return when a piece is written, behind those before it} */
        private CompletableFuture<Long> written(
                CompletableFuture<Long> before, CompletableFuture<Optional<Pin>> results) {
            return before.handle(Step::new)
                    .thenCombineAsync(results.handle(Step::new), this::write, writer);
        }

        /** Closes the pin in any case. */
        private long write(Step<Long> before, Step<Optional<Pin>> results) {
            if (results.failure() != null) {
                throw new IllegalStateException(results.failure());
            }
            if (results.value().isEmpty()) {
                return before.value();
            }
            try (Pin pin = results.value().get()) {
                if (before.failure() != null || stopped) {
                    throw new IllegalStateException("stopped", before.failure());
                }
                transfer.write(before.value() * Records.BYTES, pin);
                return before.value() + pin.byteSize() / Records.BYTES;
            } catch (IOException failed) {
                throw new UncheckedIOException(Ingest.failed(
                        "cannot write " + job.output() + " beyond byte "
                                + before.value() * Records.BYTES,
                        failed));
            }
        }

        private long await(CompletableFuture<Long> piece) throws IOException {
            try {
                return piece.get();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            } catch (ExecutionException failed) {
                Throwable cause = failed.getCause();
                while (cause.getCause() != null && !(cause instanceof IOException)) {
                    cause = cause.getCause();
                }
                throw cause instanceof IOException known
                        ? known
                        : new IOException(cause.toString(), cause);
            }
        }
    }
}
