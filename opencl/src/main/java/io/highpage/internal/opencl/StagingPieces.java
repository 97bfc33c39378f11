// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.internal.close.Closes;
import io.highpage.outcome.DeviceException;

import org.jspecify.annotations.Nullable;

import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The staging memory of a context, at most 24 MiB: pieces that are made when they are first needed,
 * and given back when nothing uses the context any more. A copy takes some and gives them back; no
 * lock is held meanwhile. Thread-safe.
 */
final class StagingPieces {
    /** For two large copies at once, such as one in each direction. */
    private static final int PIECES = 6;

    /** A copy that has a piece is in the driver for milliseconds, unless the driver hangs. */
    private static final long PATIENCE_SECONDS = 60;

    private final ClContext context;
    private final boolean wrapped;
    private final Semaphore free = new Semaphore(PIECES, true);
    private final Queue<StagingPiece> idle = new ArrayBlockingQueue<>(PIECES);
    private final Queue<StagingPiece> all = new ArrayBlockingQueue<>(PIECES);

    StagingPieces(ClContext context, boolean wrapped) {
        this.context = context;
        this.wrapped = wrapped;
    }

    /**
     * {@return a piece, which {@link #giveBack} takes; null if none is free now}
     *
     * @throws DeviceException if the driver refuses it
     */
    @Nullable
    StagingPiece tryTake() {
        return free.tryAcquire() ? taken() : null;
    }

    /**
     * {@return a piece, when there is one}
     *
     * @throws DeviceException if none becomes free, or the driver refuses it
     */
    StagingPiece take() {
        boolean interrupted = false;
        try {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (true) {
                try {
                    if (free.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                        return taken();
                    }
                    throw new DeviceException(
                            "no memory to stage a copy in became free for " + PATIENCE_SECONDS
                                    + " s: the copies that have it do not end",
                            null);
                } catch (InterruptedException later) {
                    interrupted = true; // a copy in the driver cannot be interrupted either
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private StagingPiece taken() {
        try {
            StagingPiece piece = idle.poll();
            if (piece == null) {
                piece = StagingPiece.make(context, wrapped);
                all.add(piece);
            }
            return piece;
        } catch (Throwable failure) {
            free.release();
            throw failure;
        }
    }

    /** Takes a piece back. One that the device may still use is nobody's any more. */
    void giveBack(StagingPiece piece) {
        if (!context.isAbandoned()) {
            idle.add(piece);
        }
        free.release();
    }

    void close() {
        Closes.each(all, StagingPiece::close);
    }
}
