// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import io.highpage.internal.outcome.CountedTraffic;

/**
 * What has moved to and from a device since its runtime was opened. The numbers of one are of
 * nearly, not exactly, the same moment. Immutable, hence thread-safe.
 */
public sealed interface DeviceTraffic permits CountedTraffic {

    /** {@return bytes of pages that were copied to the device; those that came zeroed are not} */
    long bytesIn();

    /** {@return bytes of pages that were copied home from the device, for whatever reason} */
    long bytesOut();

    /**
     * {@return how often pages were copied to the device: once for what an operation brings at
     * once, which is a batch of at most 32 MiB in one span}
     */
    long copiesIn();

    /** {@return the same, of copies home} */
    long copiesOut();

    /** {@return how often a span left the device to make room for others} */
    long spansEvicted();

    /** {@return those of {@link #spansEvicted()} of which nothing had to be copied} */
    long spansEvictedFree();

    /** {@return bytes of pages that those spans had on the device} */
    long bytesEvicted();

    /** {@return those of {@link #bytesEvicted()} that were not copied, being valid at home} */
    long bytesEvictedFree();
}
