// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.HolderInfo;
import io.highpage.PageBuffer;
import io.highpage.Strength;
import io.highpage.Terms;
import io.highpage.internal.close.Closes;
import io.highpage.internal.watch.Watch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Optional;

/**
 * What pins, holds and accesses have in common: a range, an owner, an arena that ends their segments, and a close that is
 * right whoever calls it and however often.
 */
abstract sealed class RangeHolder permits LongTermPin, ShortHold, OpenAccess {
    private static final VarHandle CLOSED;

    static {
        try {
            CLOSED = MethodHandles.lookup().findVarHandle(RangeHolder.class, "closed", boolean.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    final ManagedBuffer buffer;
    final Terms terms;
    final Thread thread = Thread.currentThread();
    final Arena arena;
    /** The range in the host window, which also says what the range is: every byte of a pin costs time. */
    final MemorySegment home;

    private final HolderSlot slot;

    private volatile boolean closed;

    /**
     * Stores what is there already. Nothing may be allocated on the way: stores into an object that was allocated just before
     * need no collector barriers, which else are a third of a pin's machine code.
     */
    RangeHolder(ManagedBuffer buffer, Terms terms, Arena arena, MemorySegment home, HolderSlot slot) {
        this.buffer = buffer;
        this.terms = terms;
        this.arena = arena;
        this.home = home;
        this.slot = slot;
    }

    /** {@return a new arena for a holder} */
    static Arena arena(Terms terms) {
        return terms.isShared() ? Arena.ofShared() : Arena.ofConfined();
    }

    /** {@return memory as a segment that ends with an arena} */
    @SuppressWarnings("restricted")
    static MemorySegment scoped(MemorySegment memory, Arena arena) {
        return memory.reinterpret(arena, null);
    }

    /** Tells whoever asks what is open; called once it is complete. */
    final void opened() {
        if (slot.wantsHolder()) {
            tellMore();
        }
        Watch.opened(this);
    }

    /** There is more to tell from now on. */
    final void tellMore() {
        slot.refer(this);
    }

    final void checkOpen() {
        if (closed) {
            throw new IllegalStateException(this + " is closed");
        }
    }

    abstract String kind();

    /** {@return what keeps the range in place} */
    public Strength strength() {
        return terms.strength();
    }

    /** {@return names of those outside the runtime that keep the range, one for each registration} */
    List<String> keepers() {
        return List.of();
    }

    /** Refuses to close while somebody outside the runtime keeps the range. */
    void checkUnkept() {}

    /**
     * Waits for whatever still uses the range, before anything is let go. {@return how it failed, or null}
     *
     * @throws io.highpage.DeviceWaitException if it is not known whether it has ended; the holder stays whole
     */
    Throwable quiesce() {
        return null;
    }

    /** Lets the pages go. Called once. */
    abstract void releasePages();

    /** {@return whether the thread that took it has died, so that others may close it}; refuses who may not. */
    final boolean checkCloser() {
        if (terms.isShared() || Thread.currentThread() == thread) {
            return false;
        }
        if (thread.isAlive()) {
            throw wrongThread("close");
        }
        return true;
    }

    public void close() {
        if (closed) {
            return;
        }
        boolean orphaned = checkCloser();
        checkUnkept();
        Throwable failed = quiesce();
        // Segments first: a shared one that a native call is using refuses, and the holder then stays whole. A dead
        // thread's arena cannot be closed, but nobody can use its segments either.
        if (!orphaned && !closeArena()) {
            return;
        }
        if (markClosed(terms.isShared() || orphaned)) {
            try {
                releasePages();
            } catch (RuntimeException | Error failure) {
                failed = Closes.first(failed, failure);
            } finally {
                Watch.closed(this);
                slot.leave();
            }
        }
        Closes.rethrow(failed); // everything is let go all the same
    }

    final WrongThreadException wrongThread(String action) {
        return new WrongThreadException(this + " is confined to thread " + thread.getName() + "; " + action
                + " it there, or take it with Terms.shared()");
    }

    /** {@return whether this call is the one that closes}; only where several threads may, a compare-and-set decides. */
    private boolean markClosed(boolean contended) {
        if (contended) {
            // ORD volatile: of several closers one goes on; pairs with itself.
            return CLOSED.compareAndSet(this, false, true);
        }
        // ORD release: enough for isOpen() on other threads; only the owner gets here.
        CLOSED.setRelease(this, true);
        return true;
    }

    /** {@return whether this call closed it, and not another thread's at the same time} */
    boolean closeArena() {
        try {
            arena.close();
            return true;
        } catch (IllegalStateException refused) {
            if (!arena.scope().isAlive()) {
                return false;
            }
            throw new IllegalStateException(
                    this + " stays open: one of its segments is being used by a native call", refused);
        }
    }

    public final PageBuffer buffer() {
        return buffer;
    }

    public final long offset() {
        return buffer.offsetOf(home);
    }

    public final long byteSize() {
        return home.byteSize();
    }

    /** {@return whether the buffer word counts it, else the page words do} */
    final boolean isWhole() {
        return slot.isWhole();
    }

    public final String owner() {
        return terms.owner();
    }

    public final boolean isOpen() {
        return !closed;
    }

    final HolderInfo info() {
        return new HolderInfo(
                kind(),
                terms.owner(),
                slot.nameOf(thread),
                thread.threadId(),
                buffer.id(),
                offset(),
                byteSize(),
                strength(),
                keepers(),
                terms.isNamed() ? slot.age() : Optional.empty(),
                Watch.placeOf(this));
    }

    /** {@return whether the range touches a page of a buffer} */
    final boolean keeps(ManagedBuffer other, long page) {
        return buffer == other && buffer.touches(offset(), byteSize(), page);
    }

    @Override
    public final String toString() {
        return kind() + (terms.isNamed() ? " '" + terms.owner() + "'" : "") + " of bytes " + offset() + ".."
                + (offset() + byteSize()) + " of buffer " + buffer.id();
    }
}
