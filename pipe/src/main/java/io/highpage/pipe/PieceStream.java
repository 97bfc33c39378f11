// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The results of a kernel, piece by piece, in the memory where they arrive. While the program works
 * on one piece, the kernel runs over the next, if the pipe has two sets.
 *
 * <pre>{@code
 * try (PieceStream pieces = pipe.stream(inputs, call)) {
 *     while (pieces.next()) {
 *         use(pieces.output(0)); // until the next call of next()
 *     }
 * }
 * }</pre>
 *
 * <p>Thread-safe; a close by another thread waits for the piece that is being made.
 */
public final class PieceStream implements AutoCloseable {
    private final Pipe pipe;
    private final PipeRun run;

    // Guarded by this.
    private boolean has;
    private boolean ended;

    PieceStream(Pipe pipe, PipeRun run) {
        this.pipe = pipe;
        this.run = run;
    }

    /**
     * Makes the next piece. The memory of the one before is used again.
     *
     * @return whether there is one
     * @throws IOException and others as {@link Pipe#run}; the stream has ended then
     * @throws InterruptedException if the thread is interrupted; the stream has ended then
     * @throws IllegalStateException if the stream has ended, by a close or a failure
     */
    public synchronized boolean next() throws IOException, InterruptedException {
        if (ended) {
            throw new IllegalStateException("this stream of " + pipe + " has ended");
        }
        has = false;
        try {
            has = run.next();
            return has;
        } catch (Throwable failed) {
            ended = true;
            pipe.end(run, failed);
            throw new AssertionError(failed); // it was thrown
        }
    }

    /**
     * {@return the results of one output, which stay until {@link #next} or {@link #close}}
     *
     * @param output which one, from 0
     * @throws IndexOutOfBoundsException if there is no such output
     * @throws IllegalStateException if there is no piece now
     */
    public synchronized MemorySegment output(int output) {
        Objects.checkIndex(output, pipe.shape().outputs());
        checkPiece();
        return run.output(output);
    }

    /**
     * {@return the length of the piece, in bytes}
     *
     * @throws IllegalStateException if there is no piece now
     */
    public synchronized long byteSize() {
        checkPiece();
        return run.bytes();
    }

    /**
     * {@return where the piece is in the outputs, in bytes}
     *
     * @throws IllegalStateException if there is no piece now
     */
    public synchronized long position() {
        checkPiece();
        return run.position();
    }

    private void checkPiece() {
        if (!has) {
            throw new IllegalStateException("this stream of " + pipe + " has no piece now");
        }
    }

    /** {@return what is done: all pieces, and the time in kernels until now} */
    public synchronized PipeResult result() {
        return run.result();
    }

    /**
     * Ends it, also in the middle: waits for the kernel that runs, closes the inputs, and lets the
     * pipe go, which is as good as new. A second call, or one after a failure, does nothing.
     *
     * @throws io.highpage.outcome.DeviceException if the kernel that ran has failed, or its end is
     *     not known
     * @throws UncheckedIOException if an input cannot be closed
     */
    @Override
    public synchronized void close() {
        if (ended) {
            return;
        }
        ended = true;
        has = false;
        try {
            pipe.end(run, null);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed.getMessage(), failed);
        } catch (InterruptedException meanwhile) {
            Thread.currentThread().interrupt();
        }
    }
}
