// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

/**
 * What a pin, a hold or an access does with the bytes of its range. Whoever says nothing may do
 * both.
 */
public enum AccessMode {
    /**
     * Only reads: the segment is read-only, and a store to it throws. Bytes that are valid at home
     * and on a device, as after a {@linkplain io.highpage.PageRange#prefetch prefetch}, stay so,
     * and readers on both sides have them at the same time.
     */
    READ,
    /**
     * Overwrites every byte and reads none before. What the bytes are before they are written is
     * undefined, but never another buffer's; whoever leaves some as they were says
     * {@link #READ_WRITE}. An access saves the copy to the device, for pages that lie wholly in its
     * range and in the last 32 MiB of it; one that is refused loses nothing.
     */
    WRITE,
    /** Reads and writes. */
    READ_WRITE
}
