// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.HolderInfo;
import io.highpage.Strength;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Optional;

/**
 * A place for one open holder. Only its thread fills it; whoever closes the holder frees it.
 *
 * <p>What there is to know of most holders is four numbers and a kind, which are copied. A reference to the holder would be
 * one from an old object to a young one, and storing such a one costs a full fence with the collector G1 (up to JDK 25): as
 * much as a compare-and-set. Only holders that tell more are referred to. Copied values are read like those of a
 * sequence lock: the version, the values, the version again.
 */
final class HolderSlot {
    private static final VarHandle VERSION = handle("version", int.class);
    private static final VarHandle HOLDER = handle("holder", RangeHolder.class);

    private int version; // odd: taken
    private RangeHolder holder;
    private String kind;
    private long buffer;
    private long offset;
    private long byteSize; // 0: nothing is copied, the holder is referred to

    private static VarHandle handle(String name, Class<?> type) {
        try {
            return MethodHandles.lookup().findVarHandle(HolderSlot.class, name, type);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private static boolean isTaken(int version) {
        return (version & 1) == 1;
    }

    boolean isFree() {
        // ORD acquire: who freed it is done with it; pairs with the release of free(). A stale value costs one slot
        // more.
        return !isTaken((int) VERSION.getAcquire(this));
    }

    /** Takes the slot, which is free, for a holder of the calling thread. */
    void fill(RangeHolder of) {
        // ORD fence: the values come after the version that freed the slot; pairs with the fence of info().
        VarHandle.storeStoreFence();
        if (of.tellsMore()) {
            byteSize = 0; // else who looks while this is freed would take the values of an earlier holder for its own
            refer(of);
        } else {
            if (kind != of.kind()) { // constants: storing the same again would cost the fence that is to be saved
                kind = of.kind();
            }
            buffer = of.buffer.id();
            offset = of.offset;
            byteSize = of.byteSize;
        }
        of.registered(this);
        step();
    }

    /** The holder has more to tell from now on. */
    void refer(RangeHolder of) {
        // ORD release: publishes the holder's fields; pairs with the acquire of info().
        HOLDER.setRelease(this, of);
    }

    /** Frees the slot: its holder is closed. */
    void free() {
        if (holder != null) {
            // ORD opaque: a report may tell of a holder that has just been closed.
            HOLDER.setOpaque(this, null);
        }
        step();
    }

    private void step() {
        // ORD opaque: taking and freeing take turns.
        int now = (int) VERSION.getOpaque(this);
        // ORD release: the values come before, the closed holder too; pairs with the acquire of isFree() and info().
        VERSION.setRelease(this, now + 1);
    }

    /** {@return whether the holder keeps a page}; for the thread of the slot. */
    boolean keeps(ManagedBuffer of, long page) {
        // ORD acquire: another thread may have closed a shared holder; pairs with the release of refer().
        RangeHolder told = (RangeHolder) HOLDER.getAcquire(this);
        if (isFree()) {
            return false;
        }
        return told != null
                ? told.keeps(of, page)
                : byteSize > 0 && buffer == of.id() && of.touches(offset, byteSize, page);
    }

    /** {@return what there is to know; empty if the slot is free, or its holder was taken or closed just now} */
    Optional<HolderInfo> info(String thread) {
        // ORD acquire: the values come after; pairs with the release of step().
        int before = (int) VERSION.getAcquire(this);
        if (!isTaken(before)) {
            return Optional.empty();
        }
        // ORD acquire: pairs with the release of refer().
        RangeHolder told = (RangeHolder) HOLDER.getAcquire(this);
        if (told != null) {
            return Optional.of(told.info());
        }
        if (byteSize == 0) { // referred to a moment ago
            return Optional.empty();
        }
        HolderInfo info = new HolderInfo(
                kind, "", thread, buffer, offset, byteSize, Strength.RUNTIME, List.of(), Optional.empty(), List.of());
        // ORD fence: the values are read before the version is read again; pairs with the fence of fill().
        VarHandle.loadLoadFence();
        // ORD opaque: ordered by the fence.
        return (int) VERSION.getOpaque(this) == before ? Optional.of(info) : Optional.empty();
    }
}
