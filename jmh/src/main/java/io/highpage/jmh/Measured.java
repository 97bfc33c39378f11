// SPDX-License-Identifier: Apache-2.0
package io.highpage.jmh;

import io.highpage.Device;
import io.highpage.Highpage;
import io.highpage.outcome.DeviceTraffic;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A runtime of which {@link HighpageProfiler} tells what moved: {@link BufferState} makes one, and
 * a state of a benchmark's own that opens a runtime itself does so in its set-up.
 *
 * <pre>{@code
 * @Setup public void open() {
 *     hp = Highpage.open();
 *     measured = Measured.of(hp);
 *     measured.apart(() -> buffer = hp.allocate(1 << 20));
 * }
 * @TearDown public void close() {
 *     measured.close();
 *     hp.close();
 * }
 * }</pre>
 *
 * <p>Thread-safe. What other threads move while something is set {@linkplain #apart apart} is set
 * apart too.
 */
public final class Measured implements AutoCloseable {
    /** Guarded by this class, as all that follows. */
    private static final List<Measured> OPEN = new ArrayList<>();
    /** What those that are closed have moved. */
    private static final Map<String, Moves> CLOSED = new TreeMap<>();

    private final Highpage highpage;
    private final List<Device> devices;
    /** What is not to be told, by device. */
    private final Map<String, Moves> apart = new TreeMap<>();

    private Measured(Highpage highpage) {
        this.highpage = highpage;
        this.devices = highpage.devices();
        apart.putAll(moved());
    }

    /**
     * {@return a runtime that is measured from now on, until it is closed}
     *
     * @param highpage the runtime, which stays the caller's
     */
    public static Measured of(Highpage highpage) {
        synchronized (Measured.class) {
            Measured measured = new Measured(highpage);
            OPEN.add(measured);
            return measured;
        }
    }

    /**
     * Does something of which the moves are not told, as a set-up.
     *
     * @param setUp what to do
     */
    public void apart(Runnable setUp) {
        Map<String, Moves> before = moved();
        try {
            setUp.run();
        } finally {
            synchronized (Measured.class) {
                moved().forEach((name, after) ->
                        apart.merge(name, after.less(before.get(name)), Moves::plus));
            }
        }
    }

    /** Ends it, before the runtime is closed; a second close does nothing. */
    @Override
    public void close() {
        synchronized (Measured.class) {
            if (OPEN.remove(this)) {
                told().forEach((name, moves) -> CLOSED.merge(name, moves, Moves::plus));
            }
        }
    }

    /** {@return what has moved since the JVM started, by device, but for what was set apart} */
    static Map<String, Moves> all() {
        synchronized (Measured.class) {
            Map<String, Moves> all = new TreeMap<>(CLOSED);
            for (Measured each : OPEN) {
                each.told().forEach((name, moves) -> all.merge(name, moves, Moves::plus));
            }
            return all;
        }
    }

    /** {@return how many pins are open in all runtimes that are measured} */
    static long openPins() {
        synchronized (Measured.class) {
            return OPEN.stream().mapToLong(each -> each.highpage.pins().size()).sum();
        }
    }

    private Map<String, Moves> told() {
        Map<String, Moves> told = moved();
        told.replaceAll((name, moves) -> moves.less(apart.get(name)));
        return told;
    }

    private Map<String, Moves> moved() {
        Map<String, Moves> moved = new TreeMap<>();
        devices.forEach(each -> moved.put(each.name(), Moves.of(each.traffic())));
        return moved;
    }

    /** What moved to and from a device, and was evicted from it to make room. */
    record Moves(long in, long out, long bytesIn, long bytesOut, long evictions) {
        private static final Moves NONE = new Moves(0, 0, 0, 0, 0);

        static Moves of(DeviceTraffic traffic) {
            return new Moves(
                    traffic.copiesIn(),
                    traffic.copiesOut(),
                    traffic.bytesIn(),
                    traffic.bytesOut(),
                    traffic.spansEvicted());
        }

        Moves plus(Moves other) {
            return new Moves(
                    in + other.in,
                    out + other.out,
                    bytesIn + other.bytesIn,
                    bytesOut + other.bytesOut,
                    evictions + other.evictions);
        }

        Moves less(@Nullable Moves before) {
            Moves from = before == null ? NONE : before;
            return new Moves(
                    in - from.in,
                    out - from.out,
                    bytesIn - from.bytesIn,
                    bytesOut - from.bytesOut,
                    evictions - from.evictions);
        }
    }
}
