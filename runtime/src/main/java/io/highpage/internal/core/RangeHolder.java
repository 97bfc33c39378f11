// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.PageBuffer;
import io.highpage.internal.async.OwnedFuture;
import io.highpage.internal.close.Closes;
import io.highpage.internal.jvm.StackRoom;
import io.highpage.internal.log.ThreadWords;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.outcome.HeldRange;
import io.highpage.internal.telemetry.Told;
import io.highpage.internal.telemetry.ToldHolder;
import io.highpage.internal.watch.Watch;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HolderInfo;
import io.highpage.outcome.Strength;
import io.highpage.outcome.Terms;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Optional;

/**
 * What pins, holds and accesses have in common: a range, an owner, an arena that ends their
 * segments, and a close that is right whoever calls it and however often.
 */
public abstract sealed class RangeHolder implements Listed
        permits LongTermPin, ShortHold, OpenAccess {
    private static final VarHandle STATE;
    private static final VarHandle ARENA;

    /** In place of an arena of one that was closed before anybody asked for a segment. */
    private static final Arena NEVER_MADE = ended();

    /** Also when a close has stopped on its way. */
    private static final int OPEN = 0;

    /** By one of several threads that may. */
    private static final int CLOSING = 1;

    private static final int CLOSED = 2;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(RangeHolder.class, "state", int.class);
            ARENA = lookup.findVarHandle(RangeHolder.class, "arena", Arena.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    final ManagedRange range;
    final Terms terms;
    final Thread thread = Thread.currentThread();

    /**
     * Ends the segments. Null until somebody asks a shared holder for one: to end a shared arena
     * the JVM has every thread stop for a moment, and kernels and the system take addresses.
     */
    private @Nullable Arena arena;

    private final HolderSlot slot;

    private @Nullable MemorySegment segment; // null until somebody asks a shared one for it

    private volatile int state;

    /** How far a close has come; of whoever closes. What is let go is not let go again. */
    private byte letGo;

    /** Whether its slot knows when it was taken. Costs nothing: there is room beside the others. */
    private boolean timed;

    /**
     * Stores what is there already. Nothing may be allocated on the way: stores into an object that
     * was allocated just before need no collector barriers, which else are a third of a pin's
     * machine code.
     */
    RangeHolder(
            ManagedRange range,
            Terms terms,
            @Nullable Arena arena,
            @Nullable MemorySegment segment,
            HolderSlot slot) {
        this.range = range;
        this.terms = terms;
        this.arena = arena;
        this.segment = segment;
        this.slot = slot;
    }

    /** {@return the home of a range, as a holder with such an arena has it; null without one} */
    static @Nullable MemorySegment home(ManagedRange range, @Nullable Arena arena, Terms terms) {
        return arena == null ? null : limited(range.home(arena), terms);
    }

    /**
     * {@return the memory of its range as a segment that ends with {@link #arena}}
     *
     * @throws UnsupportedOperationException if none has an address
     */
    MemorySegment newSegment() {
        return range.home(arena());
    }

    /** {@return the same, with what it may do, once it has been asked for} */
    final MemorySegment madeSegment() {
        MemorySegment known = segment;
        if (known == null) {
            known = limited(newSegment(), terms);
            segment = known;
        }
        return known;
    }

    private static Arena ended() {
        Arena arena = Arena.ofConfined();
        arena.close();
        return arena;
    }

    /** {@return a new arena for a holder; null if it is shared} */
    static @Nullable Arena arena(Terms terms) {
        return terms.isShared() ? null : Arena.ofConfined();
    }

    /**
     * {@return what ends the segments}
     *
     * @throws IllegalStateException if that has happened
     */
    final Arena arena() {
        // ORD acquire: it is complete; pairs with madeArena().
        Arena there = (Arena) ARENA.getAcquire(this);
        if (there == null) {
            there = madeArena();
        }
        if (there == NEVER_MADE) {
            throw closing();
        }
        return there;
    }

    /** {@return that somebody uses it whom the close of another thread overtakes} */
    final IllegalStateException closing() {
        return new IllegalStateException(this + " is being closed");
    }

    private Arena madeArena() {
        Arena made = Arena.ofShared();
        // ORD volatile: of a first segment and the end one comes first; pairs with closeArena().
        Arena before = (Arena) ARENA.compareAndExchange(this, null, made);
        return before == null ? made : before;
    }

    /** {@return whether segments have ended: a close is under way} */
    final boolean hasEnded() {
        // ORD acquire: as arena().
        Arena there = (Arena) ARENA.getAcquire(this);
        return there != null && !there.scope().isAlive();
    }

    /** {@return memory as a segment that ends with an arena} */
    @SuppressWarnings("restricted")
    static MemorySegment scoped(MemorySegment memory, Arena arena) {
        return memory.reinterpret(arena, null);
    }

    /** {@return what the holder of such terms may do with a segment} */
    static MemorySegment limited(MemorySegment memory, Terms terms) {
        return terms.mode() == AccessMode.READ ? memory.asReadOnly() : memory;
    }

    /** Tells whoever asks what is open; called once it is complete. */
    final void opened() {
        if (Watch.isOn()) {
            watched();
        } else if (slot.wantsHolder()) {
            tellMore();
        }
    }

    private void watched() {
        Watch.Opened opened = Watch.opened(this);
        try {
            slot.refer(new WatchedHolder(this, slot, opened)); // which does not keep it
        } catch (Throwable failure) {
            Watch.closed(this);
            throw failure;
        }
    }

    /** There is more to tell from now on. */
    final void tellMore() {
        slot.refer(this);
    }

    /**
     * Nobody will have it: it is not told of any more. Its counts are given back by the caller.
     * Throws nothing.
     */
    final void forget() {
        slot.leave();
        try {
            Watch.closed(this);
        } catch (OutOfMemoryError | StackOverflowError noRoom) {
            // Whoever watches hears that nobody has it.
        }
    }

    final void checkOpen() {
        if (state == CLOSED) {
            throw new IllegalStateException(this + " is closed");
        }
    }

    abstract String kind();

    /** {@return what keeps the range in place} */
    public Strength strength() {
        return terms.strength();
    }

    /**
     * {@return names of those outside the runtime that keep the range, one for each registration}
     */
    List<String> keepers() {
        return List.of();
    }

    /** Refuses to close while somebody outside the runtime keeps the range. */
    void checkUnregistered() {}

    /**
     * Waits for whatever still uses the range, before anything is let go. {@return how it failed,
     * or null}
     *
     * @throws io.highpage.outcome.DeviceWaitException if it is not known whether it has ended; the
     *     holder stays whole
     */
    @Nullable
    Throwable quiesce() {
        return null;
    }

    /**
     * Lets go what lies outside the page table. A failure is told; when memory or stack was short,
     * a close can be repeated.
     */
    void releaseOutside() {}

    /** {@return whether that calls a driver or the kernel} */
    boolean isOutside() {
        return false;
    }

    /** Lets the pages go. Called once, and cannot fail. */
    abstract void releasePages();

    /**
     * {@return whether the thread that took it has died, so that others may close it}; refuses who
     * may not.
     */
    final boolean checkCloser() {
        if (terms.isShared() || Thread.currentThread() == thread) {
            return false;
        }
        if (thread.isAlive()) {
            throw wrongThread("close");
        }
        return true;
    }

    /** Goes on where an earlier close has stopped, if one has. */
    public void close() {
        if (state == CLOSED) {
            return;
        }
        if (isOutside()) {
            StackRoom.checkLong();
        } else {
            StackRoom.check();
        }
        boolean orphaned = checkCloser();
        checkUnregistered();
        Throwable failed = quiesce();
        if (!terms.isShared() && !orphaned) {
            failed = letGo(failed, false); // only the owner gets here
        } else {
            // ORD volatile: of several closers one goes on; what an earlier one has let go is
            // visible; pairs with itself.
            if (!STATE.compareAndSet(this, OPEN, CLOSING)) {
                return;
            }
            try {
                failed = letGo(failed, orphaned);
            } finally {
                if (state != CLOSED) {
                    state = OPEN;
                }
            }
        }
        Closes.rethrow(failed); // everything is let go all the same
    }

    /**
     * Takes the steps that are left of a close. {@return what failed of those that are not
     * repeated}
     */
    private @Nullable Throwable letGo(@Nullable Throwable failedBefore, boolean orphaned) {
        Throwable failed = failedBefore;
        if (letGo == 0) {
            // Segments first: a shared one that a native call is using refuses, and the holder then
            // stays whole. A dead thread's arena cannot be closed, but nobody can use its segments
            // either.
            if (!orphaned) {
                closeArena();
            }
            try {
                releaseOutside();
            } catch (StackOverflowError | OutOfMemoryError again) {
                throw again; // memory or stack was short; it was not the release that failed
            } catch (RuntimeException | Error told) {
                failed = Closes.first(failed, told);
            }
            letGo = 1;
        }
        if (letGo == 1) {
            releasePages();
            letGo = 2;
        }
        Watch.closed(this);
        leave();
        return failed;
    }

    private void leave() {
        Told end = ending(); // before the slot goes: it knows when the holder was taken
        slot.leave();
        // ORD release: enough for other threads, and all that has been let go comes before; pairs
        // with isOpen() and close().
        STATE.setRelease(this, CLOSED);
        if (end != null) {
            end.tell();
        }
    }

    /** {@return what tells of its end; null if nobody records that} Throws nothing. */
    @Nullable
    Told ending() {
        return null;
    }

    /** Says what is told of every holder. */
    final void fill(ToldHolder event) {
        event.runtime = range.buffer().runtimeName();
        event.buffer = range.buffer().id();
        event.offset = range.offset();
        event.byteSize = range.byteSize();
        event.owner = terms.owner();
        event.mode = terms.mode().name();
    }

    /** Somebody records how long it is held. */
    final void time() {
        timed = slot.time();
    }

    /** {@return how long it has been open; 0 if that is not known} */
    final long heldNanos() {
        return timed ? slot.ageNanos() : 0;
    }

    final WrongThreadException wrongThread(String action) {
        return new WrongThreadException(this + " is confined to thread " + ThreadWords.of(thread)
                + "; " + action + " it there, or take it with Terms.shared()");
    }

    /** Ends the segments, if an earlier close has not. */
    void closeArena() {
        Arena there = arena;
        if (there == null) {
            // ORD volatile: pairs with madeArena().
            there = (Arena) ARENA.compareAndExchange(this, null, NEVER_MADE);
        }
        if (there == null || there == NEVER_MADE) {
            return;
        }
        try {
            there.close();
        } catch (IllegalStateException refused) {
            if (there.scope().isAlive()) {
                throw new IllegalStateException(
                        this + " stays open: one of its segments is being used by a native call",
                        refused);
            }
        }
    }

    public final PageBuffer buffer() {
        return range.buffer();
    }

    public final long offset() {
        return range.offset();
    }

    public final long byteSize() {
        return range.byteSize();
    }

    /** {@return whether the buffer word counts it, else the page words do} */
    final boolean isWhole() {
        return slot.isWhole();
    }

    public final AccessMode mode() {
        return terms.mode();
    }

    public final String owner() {
        return terms.owner();
    }

    public final boolean isOpen() {
        return state != CLOSED;
    }

    /** A thread of the runtime made it for another one, by whose name it is told of. */
    final void askedBy(String name, long threadId) {
        slot.askedBy(name, threadId);
    }

    @Override
    public final HolderInfo info() {
        OwnedFuture<?> untaken = range.buffer().untakenFutureOf(this);
        return new HeldRange(
                kind(),
                terms.mode(),
                terms.owner(),
                untaken == null ? slot.nameOf(thread) : untaken.threadName(),
                untaken == null ? slot.idOf(thread) : untaken.threadId(),
                range.buffer().id(),
                range.offset(),
                range.byteSize(),
                strength(),
                keepers(),
                terms.isNamed() ? slot.age() : Optional.empty(),
                Watch.placeOf(this),
                untaken == null ? "" : HeldRange.UNTAKEN);
    }

    @Override
    public final boolean covers(Pages of, long page) {
        return range.touches(of, page);
    }

    @Override
    public final String toString() {
        OwnedFuture<?> untaken = range.buffer().untakenFutureOf(this);
        return kind() + (terms.isNamed() ? " '" + terms.owner() + "'" : "") + " of " + range
                + (untaken == null
                        ? ""
                        : ", asked for by thread "
                                + ThreadWords.of(untaken.threadName(), untaken.threadId())
                                + HeldRange.UNTAKEN);
    }
}
