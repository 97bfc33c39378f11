// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.demo;

import io.highpage.Device;
import io.highpage.cli.console.SystemMemory;
import io.highpage.cli.console.Units;
import io.highpage.cli.console.UserError;

import java.util.ArrayList;
import java.util.List;

/**
 * How a file is cut: into pieces that are each a buffer, and rounds of as many pieces as the device
 * and the host have room for at the same time.
 *
 * @param fileBytes the length of the file
 * @param pageBytes the size of the pages
 * @param rounds the pieces, in order
 */
record DemoPlan(long fileBytes, long pageBytes, List<List<Piece>> rounds) {
    /**
     * The host has room for a window and, where the device lives in host memory too, for the
     * device's copy.
     */
    private static final int HOST_SHARES = 3;

    /**
     * A part of the file that is one buffer.
     *
     * @param position where it starts in the file; a multiple of the page size
     * @param bytes its length
     */
    record Piece(long position, long bytes) {
        /** {@return the length of the buffer: whole words} */
        long bufferBytes() {
            return Math.ceilDiv(bytes, Integer.BYTES) * Integer.BYTES;
        }
    }

    static DemoPlan of(long fileBytes, long pageBytes, Device device) {
        long host = SystemMemory.availableBytes().orElse(Long.MAX_VALUE) / HOST_SHARES;
        return of(
                fileBytes,
                pageBytes,
                device.name(),
                device.maxBufferBytes(),
                Math.min(device.limitBytes(), host));
    }

    static DemoPlan of(
            long fileBytes, long pageBytes, String device, long bufferLimit, long roundLimit) {
        long largest = Math.min(bufferLimit, roundLimit) / pageBytes * pageBytes;
        if (largest < pageBytes) {
            throw UserError.failed("not even one page fits: --page-size is "
                    + Units.bytes(pageBytes) + ", but device "
                    + device + " has room for "
                    + (roundLimit < pageBytes
                            ? Units.bytes(roundLimit) + " (--device-memory, or all that it has)"
                            : Units.bytes(bufferLimit) + " in one buffer"));
        }
        List<List<Piece>> rounds = new ArrayList<>();
        long room = 0;
        for (long position = 0; position < fileBytes; position += largest) {
            long bytes = Math.min(largest, fileBytes - position);
            long pages = Math.ceilDiv(bytes, pageBytes) * pageBytes;
            if (pages > room) {
                rounds.add(new ArrayList<>());
                room = roundLimit;
            }
            rounds.getLast().add(new Piece(position, bytes));
            room -= pages;
        }
        return new DemoPlan(fileBytes, pageBytes, rounds);
    }

    /** {@return the number of buffers} */
    long pieceCount() {
        return rounds.stream().mapToLong(List::size).sum();
    }

    /** {@return the number of pages of all buffers} */
    long pageCount() {
        return rounds.stream()
                .flatMap(List::stream)
                .mapToLong(piece -> Math.ceilDiv(piece.bufferBytes(), pageBytes))
                .sum();
    }
}
