// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.outcome;

import io.highpage.outcome.DeviceTraffic;

/** What was counted of a device. */
public record CountedTraffic(
        long bytesIn,
        long bytesOut,
        long copiesIn,
        long copiesOut,
        long spansEvicted,
        long spansEvictedFree,
        long bytesEvicted,
        long bytesEvictedFree)
        implements DeviceTraffic {

    @Override
    public String toString() {
        return bytesIn + " bytes in, " + bytesOut + " out; " + spansEvicted + " spans evicted with "
                + bytesEvicted + " bytes, " + bytesEvictedFree + " of them without a copy";
    }
}
