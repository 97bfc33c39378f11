// SPDX-License-Identifier: Apache-2.0
package io.highpage.management;

import java.util.List;

/**
 * An open pin, hold or device access, or a registration of a buffer's home.
 *
 * @param kind {@code pin}, {@code hold}, {@code access} or {@code home}
 * @param mode what is done with the bytes, such as {@code READ}
 * @param owner as the program named it; empty if it did not
 * @param thread the thread that took it; empty if it had no name
 * @param buffer the number of the buffer
 * @param offset the first byte in the buffer
 * @param byteSize the length of the range in bytes
 * @param strength what keeps the range in place, such as {@code PAGE_LOCKED}
 * @param keepers what it is registered with
 * @param ageNanos how long it has been open, in nanoseconds; -1 of one without a name, whose age is
 *     not known
 */
public record HolderState(
        String kind,
        String mode,
        String owner,
        String thread,
        long buffer,
        long offset,
        long byteSize,
        String strength,
        List<String> keepers,
        long ageNanos) {

    /** Keeps a copy of the list. */
    public HolderState {
        keepers = List.copyOf(keepers);
    }
}
