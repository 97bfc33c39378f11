// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.device.PageRuns;
import io.highpage.internal.log.Log;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies by way of staging memory, which the CPU fills or drains while the driver copies the piece
 * before: what was asked for is cut into parts, each of which takes the next of two or three pieces
 * in turn. A copy that finds no piece free is made in the other way if the plan has one, else it
 * waits for a piece. Thread-safe.
 */
final class StagedCopying implements Copying {
    /** One is filled, one copied; a third lets neither wait for the other. */
    private static final int LANES = 3;

    /** Less is not cut: a command costs some ten microseconds. */
    private static final long PART_MIN_BYTES = 256L << 10;

    private final StagingPieces pieces;
    private final @Nullable Copying instead;
    private volatile boolean told;

    StagedCopying(StagingPieces pieces, @Nullable Copying instead) {
        this.pieces = pieces;
        this.instead = instead;
    }

    @Override
    public void copy(
            ClContext context, Transfer transfer, long base, MemorySegment window, PageRuns runs) {
        context.requireThere();
        long partBytes = Math.clamp(
                (runs.totalBytes() + LANES - 1) / LANES, PART_MIN_BYTES, StagingPiece.BYTES);
        List<StagingPiece> taken = new ArrayList<>(LANES);
        try (Arena arena = Arena.ofConfined()) {
            if (takeFirst(taken)) {
                takeMore(taken, (runs.totalBytes() - 1) / partBytes + 1);
                new StagedCopy(context, transfer, base, window, runs).run(taken, partBytes, arena);
                return;
            }
        } finally {
            for (int i = 0; i < taken.size(); i++) { // allocates nothing: they would be lost
                pieces.giveBack(taken.get(i));
            }
        }
        if (instead != null) {
            instead.copy(context, transfer, base, window, runs);
        }
    }

    /** {@return whether there is one; else there is another way} */
    private boolean takeFirst(List<StagingPiece> taken) {
        if (instead == null) {
            taken.add(pieces.take());
            return true;
        }
        try {
            StagingPiece piece = pieces.tryTake();
            return piece != null && taken.add(piece);
        } catch (DeviceLostException lost) {
            throw lost;
        } catch (DeviceException refused) {
            if (!told) {
                told = true;
                Log.warn(
                        StagedCopying.class,
                        refused.getMessage() + "; copied without, which is slower");
            }
            return false;
        }
    }

    /** One is enough, so what is refused is no failure. */
    private void takeMore(List<StagingPiece> taken, long parts) {
        while (taken.size() < Math.min(LANES, parts)) {
            StagingPiece piece;
            try {
                piece = pieces.tryTake();
            } catch (DeviceException refused) {
                piece = null;
            }
            if (piece == null) {
                return;
            }
            taken.add(piece);
        }
    }

    @Override
    public void close() {
        pieces.close();
    }
}
