// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.Devices;
import io.highpage.opencl.OpenClDevice;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Question: how do round trips compare with JOCL's and LWJGL's, whatever else the machine does? Not
 * JMH: all ways take turns in one JVM. Where a driver wakes threads, how long a call takes changes
 * from one process to the next by more than the ways differ.
 *
 * <p>Hypothesis: at no size, beside no load, is any way of the others faster. Refuted by the
 * medians.
 */
public final class PeerTurns {
    private static final String OURS = "highpage";
    private static final String LARGER = "highpageLargerPages";
    private static final long PAGE_BYTES = 4096;
    private static final long LARGER_PAGE_BYTES = 64 << 10;

    /** So long is a turn, of at least one round trip. */
    private static final long TURN_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    private static final int LEAST_TURNS = 25;
    private static final int LEAST_TURNS_TO_WARM = 3;
    private static final int LEAST_TRIPS = 20;

    /**
     * After so many the compiler has seen all that a round trip runs. Where each takes 0.4 ms,
     * those of two seconds are interpreted, which is 0.1 ms more a trip.
     */
    private static final int TRIPS_TO_COMPILE = 20_000;

    /** So many times as long as it is measured may that take: large trips are mostly copies. */
    private static final int LONGEST_WARM_UP = 5;

    private PeerTurns() {}

    /**
     * {@return how many times as fast the library is as the fastest of the others, by medians; the
     * name of each ends with its bytes, and the note has pages of 64 KiB too}
     *
     * @param name what names begin with
     * @param device an OpenCL device, as {@code highpage devices} names it
     * @param sizes bytes of the round trips
     * @param nanos how long each size is measured
     */
    public static List<Quantity> measure(
            String name, String device, List<Integer> sizes, long nanos) {
        return sizes.stream().map(bytes -> measured(name, device, bytes, nanos)).toList();
    }

    private static Quantity measured(String name, String device, int bytes, long nanos) {
        OpenClSvm svm = OpenClSvm.of(device);
        try (OpenClDevice theirs = (OpenClDevice) Devices.named(device).open();
                Peer jocl = new JoclPeer(theirs, bytes, svm == OpenClSvm.FINE);
                Peer lwjgl = new LwjglPeer(theirs, bytes, svm != OpenClSvm.NONE);
                Highpage hp =
                        Highpage.builder().device(Devices.named(device).open()).open()) {
            Map<String, Runnable> ways = new LinkedHashMap<>();
            ways.put(OURS, trip(hp, bytes, PAGE_BYTES));
            if (bytes > LARGER_PAGE_BYTES) {
                ways.put(LARGER, trip(hp, bytes, LARGER_PAGE_BYTES));
            }
            add(ways, "jocl", jocl, svm == OpenClSvm.FINE);
            add(ways, "lwjgl", lwjgl, svm != OpenClSvm.NONE);
            warmUp(ways.get(OURS), nanos); // peers are C but for a few lines
            byTurns(ways, nanos / 2, LEAST_TURNS_TO_WARM);
            return quantity(name + "." + bytes, byTurns(ways, nanos, LEAST_TURNS));
        }
    }

    private static Runnable trip(Highpage hp, long bytes, long pageBytes) {
        PageBuffer buffer = Buffers.atHome(hp, bytes, pageBytes);
        return () -> {
            Buffers.toDevice(buffer, hp);
            buffer.pin(Pin.longTerm()).close();
        };
    }

    private static void add(Map<String, Runnable> ways, String name, Peer peer, boolean svm) {
        ways.put(name + "WriteAndRead", peer::writeAndRead);
        ways.put(name + "MapAndCopy", peer::mapAndCopy);
        if (svm) {
            ways.put(name + "SvmMemcpy", peer::svmMemcpy);
        }
    }

    /** {@return nanoseconds of a round trip, in each turn of each way} */
    private static Map<String, List<Double>> byTurns(
            Map<String, Runnable> ways, long nanos, int leastTurns) {
        Map<String, List<Double>> times = new LinkedHashMap<>();
        ways.keySet().forEach(way -> times.put(way, new ArrayList<>()));
        List<String> order = new ArrayList<>(ways.keySet());
        Random random = new Random(1);
        for (long start = System.nanoTime();
                System.nanoTime() - start < nanos || times.get(OURS).size() < leastTurns; ) {
            Collections.shuffle(order, random); // so that none always comes behind the same one
            for (String way : order) {
                times.get(way).add(turn(ways.get(way)));
            }
        }
        return times;
    }

    /** Few large trips take that long before the JVM has compiled any. */
    private static void warmUp(Runnable way, long nanos) {
        long start = System.nanoTime();
        long now = start;
        for (int trip = 0;
                trip < LEAST_TRIPS
                        || now - start < nanos
                        || (trip < TRIPS_TO_COMPILE && now - start < LONGEST_WARM_UP * nanos);
                trip++) {
            way.run();
            now = System.nanoTime();
        }
    }

    private static double turn(Runnable way) {
        way.run(); // a library's ways share memory, which one may find in the caches by another
        long start = System.nanoTime();
        long now;
        int trips = 0;
        do {
            way.run();
            trips++;
            now = System.nanoTime();
        } while (now - start < TURN_NANOS);
        return (double) (now - start) / trips;
    }

    private static Quantity quantity(String name, Map<String, List<Double>> times) {
        Map<String, double[]> sorted = new LinkedHashMap<>();
        times.forEach((way, each) -> {
            double[] nanos = each.stream().mapToDouble(Double::doubleValue).toArray();
            Arrays.sort(nanos);
            sorted.put(way, nanos);
        });
        double[] ours = sorted.remove(OURS);
        double[] larger = sorted.remove(LARGER);
        String best = sorted.keySet().stream()
                .min((one, other) ->
                        Double.compare(middle(sorted.get(one)), middle(sorted.get(other))))
                .orElseThrow();
        double[] theirs = sorted.get(best);
        String note = String.format(
                Locale.ROOT,
                "%s against %s by %s, the best of %d; lowest tenth %s, %d turns",
                Numbers.time(middle(ours)),
                Numbers.time(middle(theirs)),
                best,
                sorted.size(),
                Numbers.text(theirs[theirs.length / 10] / ours[ours.length / 10]),
                ours.length);
        if (larger != null) {
            note += "; " + Numbers.text(middle(theirs) / middle(larger)) + " with pages of 64 KiB";
        }
        return new Quantity(
                name, middle(theirs) / middle(ours), "times as fast as the best of them", note);
    }

    private static double middle(double[] sorted) {
        return sorted[sorted.length / 2];
    }
}
