// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import io.highpage.bench.Latency;
import io.highpage.bench.Quantity;

import java.io.IOException;
import java.util.List;

/**
 * Measures latencies in a JVM of its own for each copier, which is chosen at start. Its output is
 * the quantities.
 */
public final class LatencyRun {
    private LatencyRun() {}

    /**
     * The other JVM's side.
     *
     * @param arguments bytes, milliseconds, suffix
     */
    public static void main(String[] arguments) throws IOException {
        List<Quantity> measured = Latency.measure(
                Long.parseLong(arguments[0]), Long.parseLong(arguments[1]), arguments[2]);
        ChildRun.tell(measured);
    }

    /** {@return what a JVM with a copier measured} */
    static List<Quantity> of(Copying copying, long bytes, long millis) {
        return ChildRun.quantities(
                List.of(),
                copying.options(),
                LatencyRun.class,
                Long.toString(bytes),
                Long.toString(millis),
                copying.name());
    }
}
