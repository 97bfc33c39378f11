// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

/**
 * What a pin, a hold or an access does with the bytes of its range. Whoever says nothing may do
 * both.
 */
public enum AccessMode {
    /** Only reads: the segment is read-only, and a store to it throws. */
    READ,
    /**
     * Overwrites every byte and reads none before. What the bytes are before they are written is
     * undefined, but never another buffer's; whoever leaves some as they were says
     * {@link #READ_WRITE}.
     */
    WRITE,
    /** Reads and writes. */
    READ_WRITE
}
