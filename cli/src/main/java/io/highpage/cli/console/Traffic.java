// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import io.highpage.outcome.DeviceTraffic;

import java.util.Map;

/**
 * What moved to and from a device while something was done.
 *
 * @param before what had moved before
 * @param after what had moved in the end
 */
public record Traffic(DeviceTraffic before, DeviceTraffic after) {
    private long spansEvicted() {
        return after.spansEvicted() - before.spansEvicted();
    }

    private long bytesIn() {
        return after.bytesIn() - before.bytesIn();
    }

    private long bytesOut() {
        return after.bytesOut() - before.bytesOut();
    }

    private long bytesEvicted() {
        return after.bytesEvicted() - before.bytesEvicted();
    }

    private long bytesEvictedFree() {
        return after.bytesEvictedFree() - before.bytesEvictedFree();
    }

    /** {@return what left to make room, and at what cost; empty if nothing did} */
    public String evictions() {
        return spansEvicted() == 0
                ? ""
                : Units.count(spansEvicted(), "span") + " evicted: "
                        + Units.bytes(bytesEvicted() - bytesEvictedFree()) + " copied home, "
                        + Units.bytes(bytesEvictedFree()) + " left for free";
    }

    /** {@return the numbers in words} */
    @Override
    public String toString() {
        String moved = Units.bytes(bytesIn()) + " to the device, " + Units.bytes(bytesOut())
                + " home from it";
        return spansEvicted() == 0 ? moved : moved + "; " + evictions();
    }

    /** {@return the numbers} */
    public Map<String, Object> json() {
        return Json.object(
                "bytesIn", bytesIn(),
                "bytesOut", bytesOut(),
                "spansEvicted", spansEvicted(),
                "bytesEvicted", bytesEvicted(),
                "bytesEvictedFree", bytesEvictedFree());
    }
}
