// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Work on data of many spans: threads go over them pass by pass, each over its own. Of eight uses
 * by a kernel seven read a span and one changes a quarter of it. After every fourth a piece is
 * pinned, read, sometimes changed, and stays pinned during the next two uses. So it is known what
 * comes out, whoever has the data where.
 */
abstract class ScarceMix implements AutoCloseable {
    static final int THREADS = 2;
    /** Bytes of a span. */
    public static final long SPAN_BYTES = 2 << 20;

    /** Bytes of what a kernel changes. */
    public static final long PART_BYTES = SPAN_BYTES / 4;

    /** Bytes of what is pinned. */
    static final long PIECE_BYTES = 64 << 10;

    private static final int TURN = 4;

    private final int spans;

    ScarceMix(int spans) {
        this.spans = spans;
    }

    /** {@return the sum of a span's words, found by a kernel} */
    abstract int sum(int thread, long offset);

    /** Has a kernel change a part of a span. */
    abstract void mix(int thread, long offset);

    /**
     * Pins a piece until {@link #unpin}.
     *
     * @param change whether to add 1 to its first word
     * @return the sum of its words, found by the CPU before
     */
    abstract int pin(int thread, long offset, boolean change);

    /** Ends the thread's pin, if there is one. */
    abstract void unpin(int thread);

    @Override
    public abstract void close();

    /**
     * Goes over all spans.
     *
     * @param passes how often; threads wait for each other after each
     * @return a number that depends on every byte read
     */
    long run(int passes) {
        long found = 0;
        try (ExecutorService executor = Executors.newFixedThreadPool(THREADS)) {
            for (int pass = 0; pass < passes; pass++) {
                for (Future<Long> each : start(executor, pass)) {
                    found = 31 * found + each.get();
                }
            }
            return found;
        } catch (ExecutionException failed) {
            throw new IllegalStateException(failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    private List<Future<Long>> start(ExecutorService executor, int pass) {
        List<Future<Long>> running = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            int number = thread;
            running.add(executor.submit(() -> pass(number, pass)));
        }
        return running;
    }

    private long pass(int thread, int pass) {
        long found = 0;
        int turn = 0;
        for (int span = thread; span < spans; span += THREADS) {
            int random = random(pass, span);
            long offset = span * SPAN_BYTES;
            if (turn == TURN / 2) {
                unpin(thread);
            }
            if ((random & 7) == 0) {
                mix(thread, offset + (random >>> 3 & 3) * PART_BYTES);
            } else {
                found = 31 * found + sum(thread, offset);
            }
            if (++turn == TURN) {
                long piece = (random >>> 5) % (SPAN_BYTES / PIECE_BYTES) * PIECE_BYTES;
                boolean change = (random >>> 16 & 7) == 0;
                found = 31 * found + pin(thread, offset + piece, change);
                turn = 0;
            }
        }
        unpin(thread);
        return found;
    }

    private static int random(int pass, int span) {
        int mixed = (pass * 0x632be5ab + span + 1) * 0x9e3779b9;
        mixed = (mixed ^ mixed >>> 15) * 0x85ebca6b;
        return mixed ^ mixed >>> 13;
    }
}
