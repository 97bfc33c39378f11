// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.internal.migrate.Pages;
import io.highpage.internal.outcome.HeldRange;
import io.highpage.internal.watch.Watch;
import io.highpage.outcome.HolderInfo;
import io.highpage.outcome.Terms;

import org.jspecify.annotations.Nullable;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Optional;

/**
 * Stands for a holder where somebody watches: does not keep it, so that it can be told of when
 * nobody has it any more, and lists it all the same, since its counts stay.
 */
final class WatchedHolder extends WeakReference<RangeHolder> implements Listed {
    private final String kind;
    private final Terms terms;
    private final ManagedRange range;
    private final Thread thread;
    private final HolderSlot slot;
    private final Watch.@Nullable Opened opened;

    WatchedHolder(RangeHolder holder, HolderSlot slot, Watch.@Nullable Opened opened) {
        super(holder);
        this.kind = holder.kind();
        this.terms = holder.terms;
        this.range = holder.range;
        this.thread = holder.thread;
        this.slot = slot;
        this.opened = opened;
    }

    @Override
    public HolderInfo info() {
        RangeHolder holder = get();
        return holder != null
                ? holder.info()
                : new HeldRange(
                        kind,
                        terms.mode(),
                        terms.owner(),
                        slot.nameOf(thread),
                        slot.idOf(thread),
                        range.buffer().id(),
                        range.offset(),
                        range.byteSize(),
                        terms.strength(),
                        List.of(),
                        terms.isNamed() ? slot.age() : Optional.empty(),
                        opened == null ? List.of() : Watch.callers(opened.where()),
                        HeldRange.LOST);
    }

    @Override
    public boolean covers(Pages of, long page) {
        return range.touches(of, page);
    }
}
