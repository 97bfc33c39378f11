// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import io.highpage.bench.BusyCores;
import io.highpage.bench.PeerTurns;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Measures round trips by turns with those of other libraries, in JVMs of their own: one for each
 * condition and device.
 */
public final class PeersRun {
    /**
     * Few new objects at a time: the first touch of each page of a heap takes as long as some round
     * trips, and a large heap is touched for the first time for seconds.
     */
    private static final List<String> OPTIONS = List.of("-Xmn32m");

    private PeersRun() {}

    /** {@return the name of what is measured, without the bytes} */
    static String quantity(Condition condition, String device) {
        return "turns." + device.replaceFirst(":.*", "") + "." + condition.id();
    }

    /**
     * The other JVM's side.
     *
     * @param arguments condition, device, milliseconds, bytes of each round trip
     */
    public static void main(String[] arguments) throws IOException {
        Condition condition = Condition.valueOf(arguments[0]);
        String device = arguments[1];
        long nanos = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(arguments[2]));
        List<Integer> sizes =
                Arrays.stream(arguments).skip(3).map(Integer::valueOf).toList();
        try (BusyCores others = condition.others()) {
            ChildRun.tell(PeerTurns.measure(quantity(condition, device), device, sizes, nanos));
        }
    }

    /** Adds what a JVM under a condition measured. */
    static void of(Condition condition, String device, Form form, Figures figures) {
        String[] arguments = Stream.concat(
                        Stream.of(condition.name(), device, Long.toString(form.turnsMillis())),
                        form.turnsBytes(condition).stream().map(String::valueOf))
                .toArray(String[]::new);
        ChildRun.quantities(condition.command(), OPTIONS, PeersRun.class, arguments)
                .forEach(figures::add);
    }
}
