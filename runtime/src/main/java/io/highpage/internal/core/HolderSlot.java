// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.internal.migrate.Pages;
import io.highpage.internal.outcome.HeldRange;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HolderInfo;
import io.highpage.outcome.Strength;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A place for one open holder. Only its thread fills it; whoever closes the holder frees it.
 *
 * <p>What there is to know of most holders is four numbers and a kind, which are copied. A
 * reference to the holder would be one from an old object to a young one, and storing such a one
 * costs a full fence with the collector G1 (up to JDK 25): as much as a compare-and-set. Only
 * holders that tell more are referred to. Copied values are read like those of a sequence lock: the
 * version, the values, the version again.
 */
abstract sealed class HolderSlot extends SlotPadding permits SlotPadding.Padded {
    private static final VarHandle VERSION = handle("version", int.class);
    private static final VarHandle HOLDER = handle("holder", Listed.class);

    /** The slots of holders that are not listed; nothing is written to them. */
    private static final HolderSlot UNLISTED = new SlotPadding.Padded(false, false);

    private static final HolderSlot UNLISTED_WHOLE = new SlotPadding.Padded(false, true);

    private final boolean listed;
    private boolean whole; // of the holder that has the slot: it is counted by the buffer word
    private long openedNanos; // of the holder that has the slot, if it is named or timed
    private int version; // odd: taken
    private @Nullable Listed holder;
    private String kind = "";
    private AccessMode mode = AccessMode.READ_WRITE;
    // Its name as it was when it took the slot: executors rename threads for each task.
    private String thread = "";
    private long askedBy; // the number of the thread that asked for the holder; 0: of the slot's
    private long buffer;
    private long offset;
    private long byteSize; // 0: nothing is copied, the holder is referred to

    HolderSlot(boolean listed, boolean whole) {
        this.listed = listed;
        this.whole = whole;
    }

    /** {@return a free slot} */
    static HolderSlot free() {
        return new SlotPadding.Padded(true, false);
    }

    /** {@return the slot of holders that are not listed} */
    static HolderSlot unlisted(boolean whole) {
        return whole ? UNLISTED_WHOLE : UNLISTED;
    }

    /**
     * {@return whether the buffer word counts the holder that has the slot, else the page words do}
     */
    boolean isWhole() {
        return whole;
    }

    /**
     * {@return the name that a thread had when it took the slot for a holder; of a bare one, which
     * has none, that of now}
     */
    String nameOf(Thread holders) {
        return listed ? thread : holders.getName();
    }

    /** {@return the number of the thread that it has the name of} */
    long idOf(Thread holders) {
        return listed && askedBy != 0 ? askedBy : holders.threadId();
    }

    /**
     * The slot's thread took it for another one, whose it is called. Of one that is referred to.
     */
    void askedBy(String name, long threadId) {
        if (listed) {
            thread = name;
            askedBy = threadId;
        }
    }

    /** {@return how long ago the holder that has the slot was taken, if it is listed} */
    Optional<Duration> age() {
        return listed ? Optional.of(Duration.ofNanos(ageNanos())) : Optional.empty();
    }

    /** {@return the same in nanoseconds, of one that is named, or {@link #time timed}} */
    long ageNanos() {
        return System.nanoTime() - openedNanos;
    }

    /** Notes that its holder has been taken now. {@return whether it is listed, and so notes it} */
    boolean time() {
        if (listed) {
            openedNanos = System.nanoTime();
        }
        return listed;
    }

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

    /** {@return changes each time the slot is taken and freed} */
    int version() {
        // ORD acquire: who freed it is done with it; pairs with the release of step(). A stale
        // value costs one slot more.
        return (int) VERSION.getAcquire(this);
    }

    /** {@return whether a version is that of a free slot} */
    static boolean isFree(int version) {
        return !isTaken(version);
    }

    boolean isFree() {
        return isFree(version());
    }

    /**
     * Takes the slot, which is free, for a holder that the calling thread is about to make.
     *
     * @param ofKind a constant
     * @param copied whether that is all there is to know; else nothing is, until {@link #refer}
     */
    void take(
            String ofKind, ManagedRange range, AccessMode ofMode, boolean ofWhole, boolean copied) {
        // ORD fence: the values come after the version that freed the slot; pairs with the fence of
        // info().
        VarHandle.storeStoreFence();
        if (kind != ofKind) { // storing the same again would cost the fence that is to be saved
            kind = ofKind;
        }
        if (mode != ofMode) {
            mode = ofMode;
        }
        String name = Thread.currentThread().getName();
        if (thread != name) {
            thread = name;
        }
        buffer = range.buffer().id();
        offset = range.offset();
        byteSize = copied ? range.byteSize() : 0;
        whole = ofWhole;
        if (!copied) {
            openedNanos = System.nanoTime();
            askedBy = 0;
        }
        step();
    }

    /** {@return whether there is more to know of the holder than has been copied} */
    boolean wantsHolder() {
        return listed && byteSize == 0;
    }

    /** The holder has more to tell from now on; does nothing a second time. */
    void refer(Listed of) {
        if (listed && holder == null) {
            // ORD release: publishes the holder's fields; pairs with the acquire of info().
            HOLDER.setRelease(this, of);
        }
    }

    /** Frees the slot: its holder is closed. One that is not listed has nothing to free. */
    void leave() {
        if (!listed) {
            return;
        }
        if (holder != null) {
            // ORD opaque: a report may tell of a holder that has just been closed.
            HOLDER.setOpaque(this, null);
        }
        step();
    }

    private void step() {
        // ORD opaque: taking and freeing take turns.
        int now = (int) VERSION.getOpaque(this);
        // ORD release: the values come before, the closed holder too; pairs with version() and
        // info().
        VERSION.setRelease(this, now + 1);
    }

    /** {@return whether the holder keeps a page}; for the thread of the slot. */
    boolean covers(Pages of, long page) {
        // ORD acquire: another thread may have closed a shared holder; pairs with the release of
        // refer().
        Listed told = (Listed) HOLDER.getAcquire(this);
        if (isFree()) {
            return false;
        }
        return told != null
                ? told.covers(of, page)
                : byteSize > 0 && buffer == of.bufferId() && of.touches(offset, byteSize, page);
    }

    /**
     * {@return what there is to know; empty if the slot is free, or its holder was taken or closed
     * just now}; threadId: whose it is
     */
    Optional<HolderInfo> info(long threadId) {
        // ORD acquire: the values come after; pairs with the release of step().
        int before = (int) VERSION.getAcquire(this);
        if (!isTaken(before)) {
            return Optional.empty();
        }
        // ORD acquire: pairs with the release of refer().
        Listed told = (Listed) HOLDER.getAcquire(this);
        if (told != null) {
            return Optional.of(told.info());
        }
        if (byteSize == 0) { // referred to a moment ago, or in a moment
            return Optional.empty();
        }
        HolderInfo info = copied(threadId);
        // ORD fence: the values are read before the version is read again; pairs with the fence of
        // take().
        VarHandle.loadLoadFence();
        // ORD opaque: ordered by the fence.
        return (int) VERSION.getOpaque(this) == before ? Optional.of(info) : Optional.empty();
    }

    private HolderInfo copied(long threadId) {
        return new HeldRange(
                kind,
                mode,
                "",
                thread,
                threadId,
                buffer,
                offset,
                byteSize,
                Strength.RUNTIME,
                List.of(),
                Optional.empty(),
                List.of(),
                "");
    }
}
