// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.replay;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a program did, step by step, with what came of it. Immutable.
 *
 * @param name what the program's runtime was called, or anything else that tells it from others
 * @param devices its devices; the first is number 1
 * @param steps what it did, in order
 */
public record ProgramTrace(String name, List<DeviceOf> devices, List<ProgramStep> steps) {
    static final String WORD = "PROGRAM";

    /** The version of the form. */
    static final int VERSION = 1;

    /**
     * A device of the program.
     *
     * @param name its name in the runtime
     * @param memoryBytes how much of it there was; {@link Long#MAX_VALUE} if that is not known, or
     *     there was no limit
     */
    public record DeviceOf(String name, long memoryBytes) {}

    /** Keeps what it is given. */
    public ProgramTrace {
        devices = List.copyOf(devices);
        steps = List.copyOf(steps);
    }

    /** {@return the trace as a file has it, line by line} */
    public Stream<String> lines() {
        Stream<String> head = Stream.of(WORD + " version=" + VERSION + " name="
                + ProgramStep.encoded(name) + " devices=" + devices.size());
        Stream<String> places = IntStream.rangeClosed(1, devices.size())
                .mapToObj(number -> "device " + number + " memory="
                        + (devices.get(number - 1).memoryBytes() == Long.MAX_VALUE
                                ? "-"
                                : devices.get(number - 1).memoryBytes())
                        + " name="
                        + ProgramStep.encoded(devices.get(number - 1).name()));
        Stream<String> body = IntStream.range(0, steps.size())
                .mapToObj(number -> number + " " + steps.get(number).text());
        return Stream.of(head, places, body, Stream.of("END")).flatMap(lines -> lines);
    }

    /** {@return the most bytes that buffers have at once} */
    public long peakBytes() {
        Map<Long, Long> open = new HashMap<>();
        long now = 0;
        long peak = 0;
        for (ProgramStep step : steps) {
            if (step instanceof ProgramStep.Open it) {
                open.put(it.buffer(), it.byteSize());
                now += it.byteSize();
                peak = Math.max(peak, now);
            } else if (step instanceof ProgramStep.Close it) {
                now -= open.getOrDefault(it.buffer(), 0L);
            }
        }
        return peak;
    }

    /**
     * {@return the same with pages, spans and devices that are so many times smaller: each page
     * stays the page that it is}
     *
     * @param times a power of two
     * @param pageBytesMin the smallest page that there can be
     * @param spanBytesMin the smallest span that there can be in a buffer of several
     * @throws IllegalArgumentException if a page or a span would be smaller; it names the buffer
     */
    public ProgramTrace scaledDown(long times, long pageBytesMin, long spanBytesMin) {
        List<ProgramStep> smaller = new ArrayList<>(steps.size());
        for (ProgramStep step : steps) {
            smaller.add(
                    step instanceof ProgramStep.Open it
                            ? scaledDown(it, times, pageBytesMin, spanBytesMin)
                            : step);
        }
        return new ProgramTrace(
                name,
                devices.stream()
                        .map(device -> new DeviceOf(
                                device.name(),
                                device.memoryBytes() == Long.MAX_VALUE
                                        ? Long.MAX_VALUE
                                        : device.memoryBytes() / times))
                        .toList(),
                smaller);
    }

    private static ProgramStep.Open scaledDown(
            ProgramStep.Open open, long times, long pageBytesMin, long spanBytesMin) {
        boolean spans = open.spanBytes() < open.byteSize();
        if (open.pageBytes() / times < pageBytesMin
                || spans && open.spanBytes() / times < spanBytesMin) {
            long most = open.pageBytes() / pageBytesMin;
            if (spans) {
                most = Math.min(most, open.spanBytes() / spanBytesMin);
            }
            throw new IllegalArgumentException("buffer " + open.buffer() + " has pages of "
                    + open.pageBytes() + " bytes"
                    + (spans ? " and spans of " + open.spanBytes() + " bytes" : "")
                    + ", which can be " + most + " times smaller at most");
        }
        return new ProgramStep.Open(
                open.buffer(),
                Math.ceilDiv(open.byteSize(), times),
                open.pageBytes() / times,
                open.spanBytes() / times);
    }
}
