// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.demo;

import io.highpage.cli.console.Json;
import io.highpage.cli.console.Units;

import java.util.Map;

/**
 * What one step did.
 *
 * @param name what it is
 * @param pages the number of pages it worked on or moved
 * @param bytes the number of bytes it worked on or moved
 * @param nanos how long it took
 * @param residency a picture of where the pages were afterwards
 * @param note what else there is to say, or empty
 */
record DemoStep(String name, long pages, long bytes, long nanos, String residency, String note) {

    /** {@return one line for people} */
    @Override
    public String toString() {
        String line = Units.format(
                "  %-22s %12s  %10s  %9s  %12s  [%s]",
                name,
                Units.count(pages, "page"),
                Units.bytes(bytes),
                Units.seconds(nanos),
                Units.rate(bytes, nanos),
                residency);
        return note.isEmpty() ? line : line + "\n" + " ".repeat(25) + note;
    }

    Map<String, Object> json() {
        return Json.object(
                "step", name,
                "pages", pages,
                "bytes", bytes,
                "seconds", nanos / 1e9,
                "gigabytesPerSecond", Units.gigabytesPerSecond(bytes, nanos),
                "residency", residency,
                "note", note);
    }
}
