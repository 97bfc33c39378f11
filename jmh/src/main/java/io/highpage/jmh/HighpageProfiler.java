// SPDX-License-Identifier: Apache-2.0
package io.highpage.jmh;

import io.highpage.jmh.Measured.Moves;

import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.profile.ProfilerException;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;
import org.openjdk.jmh.util.Version;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Tells what an operation of a benchmark moved, as secondary results: {@code -prof highpage}, or
 * {@code addProfiler(HighpageProfiler.class)}. For each device of the runtimes that are
 * {@linkplain Measured measured}:
 *
 * <ul>
 *   <li>{@code highpage.in.DEVICE} and {@code highpage.out.DEVICE}: bytes of pages that an
 *       operation copied to the device, and home;
 *   <li>{@code highpage.moves.in.DEVICE} and {@code highpage.moves.out.DEVICE}: in how many copies;
 *   <li>{@code highpage.evicted.DEVICE}: spans that left to make room for others;
 * </ul>
 *
 * <p>and {@code highpage.pins.open}, the pins that are open at the end of an iteration. Pins are
 * not counted otherwise: one in place costs two compare-and-sets, and a counter would cost as much.
 * What pins moved is among the copies home. Operations are all of an iteration, those before and
 * after the measured time too, as their moves are.
 */
public class HighpageProfiler implements InternalProfiler {
    private static final int NEEDED = 37; // of 1: older ones are not tested

    private Map<String, Moves> before = Map.of();

    /**
     * Made by JMH.
     *
     * @throws ProfilerException if JMH is older than 1.37; says which one is used
     */
    public HighpageProfiler() throws ProfilerException {
        String version;
        try {
            version = Version.getPlainVersion();
        } catch (LinkageError older) { // it cannot tell yet
            version = "1.0";
        }
        check(version);
    }

    static void check(String version) throws ProfilerException {
        String[] parts = version.split("\\D+");
        // Of a version that cannot be read nothing is known.
        boolean known = parts.length >= 2 && !parts[0].isEmpty();
        if (known && Integer.parseInt(parts[0]) == 1 && Integer.parseInt(parts[1]) < NEEDED) {
            throw new ProfilerException(
                    "highpage-jmh needs JMH 1." + NEEDED + " or newer, and this is "
                            + (parts[1].equals("0") ? "older" : version)
                            + ": give jmh-core and jmh-generator-annprocess one newer version");
        }
    }

    @Override
    public String getDescription() {
        return "Moves between host and devices an operation, of Highpage";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        before = Measured.all();
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        long operations = Math.max(1, result.getMetadata().getAllOps());
        List<Result<?>> results = new ArrayList<>();
        Measured.all().forEach((device, after) -> {
            Moves moves = after.less(before.get(device));
            results.add(each("in." + device, moves.bytesIn(), operations, "B/op"));
            results.add(each("out." + device, moves.bytesOut(), operations, "B/op"));
            results.add(each("moves.in." + device, moves.in(), operations, "#/op"));
            results.add(each("moves.out." + device, moves.out(), operations, "#/op"));
            results.add(each("evicted." + device, moves.evictions(), operations, "#/op"));
        });
        results.add(each("pins.open", Measured.openPins(), 1, "#"));
        return results;
    }

    private static ScalarResult each(String what, long count, long operations, String unit) {
        return new ScalarResult(
                "highpage." + what, (double) count / operations, unit, AggregationPolicy.AVG);
    }
}
