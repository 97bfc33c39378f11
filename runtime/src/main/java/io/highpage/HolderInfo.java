// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import java.time.Duration;
import java.util.Optional;

/**
 * One entry of the report of who holds what.
 *
 * @param kind {@code pin}, {@code hold} or {@code access}
 * @param owner the owner's name, empty if none was given
 * @param thread name of the thread that took it
 * @param buffer number of the buffer
 * @param offset first byte of the range in the buffer
 * @param byteSize length of the range in bytes
 * @param strength what keeps the range in place
 * @param age how long it has been open; empty if it has no owner's name, since reading the clock would cost an unnamed pin as
 *     much as all the rest
 */
public record HolderInfo(
        String kind,
        String owner,
        String thread,
        long buffer,
        long offset,
        long byteSize,
        Strength strength,
        Optional<Duration> age) {

    /** {@return one line for messages} */
    @Override
    public String toString() {
        String since =
                age.map(duration -> " " + duration.toMillis() + " ms ago").orElse("");
        return kind + (owner.isEmpty() ? "" : " '" + owner + "'") + " of bytes " + offset + ".." + (offset + byteSize)
                + " of buffer " + buffer + ", taken by thread " + thread + since;
    }
}
