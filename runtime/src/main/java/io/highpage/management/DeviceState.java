// SPDX-License-Identifier: Apache-2.0
package io.highpage.management;

/**
 * A device of a runtime, with what moved to and from it since the runtime was opened.
 *
 * @param name its name in the runtime
 * @param lost whether it is gone
 * @param bytesIn bytes of pages that were copied to it
 * @param bytesOut bytes of pages that were copied home from it
 * @param copiesIn how often pages were copied to it, a batch at a time
 * @param copiesOut the same, of copies home
 * @param spansEvicted how often a span left it to make room
 * @param spansEvictedFree those of which nothing had to be copied
 * @param bytesEvicted bytes that those spans had there
 * @param bytesEvictedFree those that were not copied, being valid at home
 */
public record DeviceState(
        String name,
        boolean lost,
        long bytesIn,
        long bytesOut,
        long copiesIn,
        long copiesOut,
        long spansEvicted,
        long spansEvictedFree,
        long bytesEvicted,
        long bytesEvictedFree) {}
