// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.Device;
import io.highpage.cli.console.SystemMemory;
import io.highpage.cli.console.Units;
import io.highpage.cli.console.UserError;
import io.highpage.outcome.Allocation;

import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How much of the files a device has room for at the same time.
 *
 * @param device the device
 * @param limited whether the user set its limit
 */
record Room(Device device, boolean limited) {
    /** Larger spans make no copy faster, and fewer of them share the device. */
    private static final long LARGEST_SPAN = 64L << 20;

    /** Two for the kernels that run and wait, and some that may stay. */
    private static final int SPANS = 4;

    /**
     * Cuts the files of an element-wise kernel into spans, if they do not fit as they are.
     *
     * @param files the files in one piece
     * @return the files, in one piece or in spans of which at least one of each file fits
     * @throws UserError if not even that fits
     */
    JobFiles inSpans(JobFiles files) {
        if (obstacle(files).isEmpty()) {
            return files;
        }
        long smallest = Math.max(Allocation.SPAN_BYTES_MIN, powerOfTwoFrom(files.elementBytes()));
        long fair = Math.min(
                Math.min(device.limitBytes() / files.count() / SPANS, device.maxBufferBytes()),
                LARGEST_SPAN);
        JobFiles spans = files.inSpans(Math.max(smallest, Long.highestOneBit(Math.max(fair, 1))));
        obstacle(spans).ifPresent(why -> {
            throw UserError.failed(files.largest() + " does not fit on device " + device.name()
                    + ", nor does a span of it, which has at least " + Units.bytes(smallest) + ": "
                    + why + "; " + (limited ? "give more --device-memory, or " : "")
                    + "--chunk SIZE feeds the files in smaller pieces");
        });
        return spans;
    }

    /**
     * Looks whether a piece of each file fits.
     *
     * @param files the files, cut
     * @param cut how
     * @throws UserError if it does not, with need, limit and option
     */
    void check(JobFiles files, Cut cut) {
        obstacle(files).ifPresent(why -> {
            String what = files.pieces() > 1
                    ? "--chunk " + Units.bytes(files.pieceBytes())
                    : files.largest();
            throw UserError.failed(what + " does not fit on device " + device.name() + ": " + why
                    + "; " + advice(files, cut));
        });
    }

    private String advice(JobFiles files, Cut cut) {
        if (cut.chunk().isPresent()) {
            return "give a smaller --chunk";
        }
        return files.hasCounted()
                ? "files are not cut where an output has a length of its own (--out FILE:COUNT):"
                        + " give shorter ones" + (limited ? ", or more --device-memory" : "")
                : "if the kernel works on each element by itself, --elementwise runs it over a"
                        + " span at a time, and --chunk SIZE feeds the files in pieces";
    }

    /**
     * {@return how many pieces of each file fit at the same time, at least 1}
     *
     * @param files the files, cut so that one piece fits
     * @param atMost how many are asked for
     */
    int pieces(JobFiles files, int atMost) {
        long fit = device.limitBytes() / files.count() / files.stride();
        if (!files.inSpans()) { // all of them are in one piece of device memory
            fit = Math.min(fit, device.maxBufferBytes() / files.stride());
        }
        return (int) Math.max(1, Math.min(fit, Math.min(atMost, files.pieces())));
    }

    private Optional<String> obstacle(JobFiles files) {
        long bytes =
                IntStream.range(0, files.count()).mapToLong(files::room).max().orElseThrow();
        long need = IntStream.range(0, files.count()).mapToLong(files::room).sum();
        // A limit that ends within a page ends a buffer there too.
        long page = SystemMemory.basePageBytes();
        if (bytes > device.maxBufferBytes()
                && device.maxBufferBytes() < device.limitBytes() / page * page) {
            return Optional.of("one buffer there ends at " + Units.bytes(device.maxBufferBytes())
                    + ", the driver's largest allocation");
        }
        if (need > device.limitBytes()) {
            return Optional.of(Units.count(files.count(), "buffer")
                    + (files.hasCounted() ? "" : " of " + Units.bytes(bytes)) + " need "
                    + Units.bytes(need) + " there, but "
                    + (limited ? "--device-memory is " : "its memory is ")
                    + Units.bytes(device.limitBytes()));
        }
        return Optional.empty();
    }

    private static long powerOfTwoFrom(long bytes) {
        return Long.highestOneBit(Math.max(1, bytes - 1)) << 1;
    }
}
