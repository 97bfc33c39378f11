// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import io.highpage.device.Extent;
import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.migrate.MigrationPool;
import io.highpage.internal.migrate.Tiers;
import io.highpage.internal.page.Words;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Function;

/** A device with room for one page, and buffers that want it: whoever comes has another leave. */
final class Room {
    private static final MigrationPool MIGRATIONS = new MigrationPool(Arena.ofShared());

    /** Has the room, and is 1; at home it was 0. */
    final Subject there;

    private final BudgetNode budget = BudgetNode.root("room", 2);
    private final DeviceSlot device;
    private final Tiers tiers;

    Room(Function<MemorySegment, Words> kind) {
        budget.limit(1, Subject.PAGE_BYTES);
        device = new DeviceSlot(1, "plain", new OneSlot(), budget, Long.BYTES);
        tiers = Tiers.of(List.of(device), MIGRATIONS);
        there = other(kind).bringToDevice();
    }

    /** {@return another buffer, whose page is nowhere} */
    Subject other(Function<MemorySegment, Words> kind) {
        return new Subject(kind, tiers, budget);
    }

    long usedBytes() {
        return device.usedBytes();
    }

    /** {@return how often a page has left to make room} */
    long evicted() {
        return device.traffic().spansEvicted();
    }

    /** Its memory comes round again, as that of buffers does. */
    private static final class OneSlot extends PlainDevice {
        @Override
        public Extent allocate(long byteSize) {
            return new PlainExtent(Memory.take().asSlice(0, byteSize));
        }
    }
}
