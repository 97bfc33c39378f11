// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import io.highpage.pipe.PipeShape;

import java.io.Serializable;
import java.time.Duration;

/** How a job runs. Immutable; each method with an argument returns a changed copy. Thread-safe. */
public final class JobOptions implements Serializable {
    private static final long serialVersionUID = 1;

    /** Pieces are whole base pages of every system that is known. */
    static final long UNIT = 64L << 10;

    private static final JobOptions DEFAULTS =
            new JobOptions(4L << 20, 256L << 10, Duration.ofMinutes(10), false);

    private final long pieceBytes;
    private final long leastPieceBytes;
    private final Duration roomDeadline;
    private final boolean sameBits;

    private JobOptions(
            long pieceBytes, long leastPieceBytes, Duration roomDeadline, boolean sameBits) {
        this.pieceBytes = pieceBytes;
        this.leastPieceBytes = leastPieceBytes;
        this.roomDeadline = roomDeadline;
        this.sameBits = sameBits;
    }

    /**
     * {@return the defaults}: pieces of 4 MiB, which become as small as 256 KiB where there is no
     * room for more, ten minutes for room, and whatever bits a device comes to.
     */
    public static JobOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Says how much of a range is on the device at a time. Larger pieces take more memory of each
     * task, smaller ones more launches. The least piece becomes no larger than this.
     *
     * @param bytes a multiple of 64 KiB, from 64 KiB to 256 TiB
     * @return the changed options
     * @throws IllegalArgumentException if it is none
     */
    public JobOptions pieceBytes(long bytes) {
        checkPiece(bytes);
        return new JobOptions(bytes, Math.min(leastPieceBytes, bytes), roomDeadline, sameBits);
    }

    /**
     * Says how small pieces may become. They are halved until a task of them fits into what the
     * executor has of the device; if none does, the job fails.
     *
     * @param bytes a multiple of 64 KiB, from 64 KiB to {@link #pieceBytes()}
     * @return the changed options
     * @throws IllegalArgumentException if it is none
     */
    public JobOptions leastPieceBytes(long bytes) {
        checkPiece(bytes);
        if (bytes > pieceBytes) {
            throw new IllegalArgumentException("pieces of at least " + bytes
                    + " bytes are more than the " + pieceBytes + " that a piece has");
        }
        return new JobOptions(pieceBytes, bytes, roomDeadline, sameBits);
    }

    /**
     * Says how long a task waits for device memory that other tasks of its executor have. Then it
     * fails, says who has it, and Spark tries it again.
     *
     * @param limit more than zero
     * @return the changed options
     * @throws IllegalArgumentException if it is zero or negative
     */
    public JobOptions roomDeadline(Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException(
                    "a task has to wait for room for more than " + limit);
        }
        return new JobOptions(pieceBytes, leastPieceBytes, limit, sameBits);
    }

    /**
     * Says whether every output has to come to the bits that any other executor would come to: the
     * kernel is compiled without contraction of multiplications and additions, and all outputs of
     * the job are made by one model of device with one version of its driver. A task that Spark
     * puts elsewhere fails the job. Functions that are not correctly rounded, such as {@code exp},
     * still differ from Java's.
     *
     * @param wanted whether they have to
     * @return the changed options
     */
    public JobOptions sameBits(boolean wanted) {
        return new JobOptions(pieceBytes, leastPieceBytes, roomDeadline, wanted);
    }

    /** {@return how much of a range is on the device at a time, in bytes} */
    public long pieceBytes() {
        return pieceBytes;
    }

    /** {@return how small pieces may become, in bytes} */
    public long leastPieceBytes() {
        return leastPieceBytes;
    }

    /** {@return how long a task waits for device memory} */
    public Duration roomDeadline() {
        return roomDeadline;
    }

    /** {@return whether all outputs come of one model of device, without contraction} */
    public boolean sameBits() {
        return sameBits;
    }

    private static void checkPiece(long bytes) {
        if (bytes < UNIT || bytes > PipeShape.PIECE_BYTES_MAX || bytes % UNIT != 0) {
            throw new IllegalArgumentException("a piece of " + bytes + " bytes: it is a multiple"
                    + " of " + UNIT + " bytes, at least that and at most "
                    + PipeShape.PIECE_BYTES_MAX);
        }
    }
}
