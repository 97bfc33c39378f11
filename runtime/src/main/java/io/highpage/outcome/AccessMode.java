// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

/** What a device access will do with the bytes. */
public enum AccessMode {
    /** Kernels only read; on a coherent device the segment is read-only. */
    READ,
    /** Kernels write and may read. */
    READ_WRITE
}
