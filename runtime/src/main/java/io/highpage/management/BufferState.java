// SPDX-License-Identifier: Apache-2.0
package io.highpage.management;

import java.util.List;

/**
 * An open buffer, and where its bytes are. What was never written is nowhere.
 *
 * @param number its number in the runtime, as messages have it
 * @param byteSize its length
 * @param pageBytes the size of its pages
 * @param budget the budget that it is charged to
 * @param tiers home, and each device that has pages of it
 */
public record BufferState(
        long number, long byteSize, long pageBytes, String budget, List<TierState> tiers) {

    /** Keeps a copy of the list. */
    public BufferState {
        tiers = List.copyOf(tiers);
    }
}
