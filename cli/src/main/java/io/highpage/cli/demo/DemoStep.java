// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.demo;

import io.highpage.cli.console.Json;
import io.highpage.cli.console.Traffic;
import io.highpage.cli.console.Units;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What one step did.
 *
 * @param name what it is
 * @param amount what it worked on or moved
 * @param nanos how long it took
 * @param residency a picture of where the pages were afterwards
 * @param note what else there is to say, or empty
 * @param traffic what moved to and from the device meanwhile
 */
record DemoStep(
        String name, Amount amount, long nanos, String residency, String note, Traffic traffic) {
    /**
     * How much.
     *
     * @param pages the number of pages
     * @param bytes the number of bytes
     */
    record Amount(long pages, long bytes) {}

    /** {@return one line for people} */
    @Override
    public String toString() {
        String line = Units.format(
                "  %-22s %12s  %10s  %9s  %12s  [%s]",
                name,
                Units.count(amount.pages(), "page"),
                Units.bytes(amount.bytes()),
                Units.seconds(nanos),
                Units.rate(amount.bytes(), nanos),
                residency);
        return Stream.of(line, note, traffic.evictions())
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining("\n" + " ".repeat(25)));
    }

    Map<String, Object> json() {
        return Json.object(
                "step",
                name,
                "pages",
                amount.pages(),
                "bytes",
                amount.bytes(),
                "seconds",
                nanos / 1e9,
                "gigabytesPerSecond",
                Units.gigabytesPerSecond(amount.bytes(), nanos),
                "residency",
                residency,
                "note",
                note,
                "traffic",
                traffic.json());
    }
}
