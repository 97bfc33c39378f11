// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Who holds what: the open holders of a runtime, in slots of the thread that took each. Only that thread fills its slots,
 * with a release store; whoever closes a holder clears its slot. So taking and closing cost a store each and no
 * compare-and-set, and a report reads all slots. Thread-safe.
 */
final class HolderSlots {
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(RangeHolder[].class);

    private final ThreadLocal<ThreadSlots> mine = new ThreadLocal<>();
    private final Queue<ThreadSlots> all = new ConcurrentLinkedQueue<>();
    private final AtomicInteger threads = new AtomicInteger();
    private volatile int sweepAt = 64;

    /** A fixed number of slots; chunks are only ever added, so a holder's slot never moves. */
    static final class Chunk {
        private static final int SLOTS = 16;

        private final RangeHolder[] slots = new RangeHolder[SLOTS];
        private volatile Chunk next;

        void clear(int slot) {
            // ORD release: the holder is closed before its slot is free; pairs with the opaque read of add().
            SLOT.setRelease(slots, slot, null);
        }
    }

    private static final class ThreadSlots {
        private final Thread thread = Thread.currentThread();
        private final Chunk first = new Chunk();

        void add(RangeHolder holder) {
            for (Chunk chunk = first; ; chunk = chunk.next) {
                for (int slot = 0; slot < Chunk.SLOTS; slot++) {
                    // ORD opaque: only this thread fills the slot, so a stale value costs one slot more.
                    if (SLOT.getOpaque(chunk.slots, slot) == null) {
                        holder.registered(chunk, slot);
                        // ORD release: publishes the holder's fields; pairs with the acquire of find().
                        SLOT.setRelease(chunk.slots, slot, holder);
                        return;
                    }
                }
                if (chunk.next == null) {
                    chunk.next = new Chunk();
                }
            }
        }

        RangeHolder find(Predicate<RangeHolder> predicate) {
            for (Chunk chunk = first; chunk != null; chunk = chunk.next) {
                for (int slot = 0; slot < Chunk.SLOTS; slot++) {
                    // ORD acquire: pairs with the release of add().
                    RangeHolder holder = (RangeHolder) SLOT.getAcquire(chunk.slots, slot);
                    if (holder != null && predicate.test(holder)) {
                        return holder;
                    }
                }
            }
            return null;
        }
    }

    void add(RangeHolder holder) {
        ThreadSlots slots = mine.get();
        if (slots == null) {
            slots = register();
        }
        slots.add(holder);
    }

    private ThreadSlots register() {
        ThreadSlots slots = new ThreadSlots();
        mine.set(slots);
        all.add(slots);
        if (threads.incrementAndGet() > sweepAt) {
            sweep();
        }
        return slots;
    }

    /** Forgets threads that have died and left nothing open. */
    private synchronized void sweep() {
        for (Iterator<ThreadSlots> each = all.iterator(); each.hasNext(); ) {
            ThreadSlots slots = each.next();
            if (!slots.thread.isAlive() && slots.find(holder -> true) == null) {
                each.remove();
                threads.decrementAndGet();
            }
        }
        sweepAt = 2 * threads.get() + 64;
    }

    /** {@return whether a holder of the calling thread keeps a page} */
    boolean ownKeeps(ManagedBuffer buffer, long page) {
        ThreadSlots slots = mine.get();
        return slots != null && slots.find(holder -> holder.keeps(buffer, page)) != null;
    }

    /** Calls the visitor for every open holder. */
    void forEach(java.util.function.Consumer<RangeHolder> visitor) {
        for (ThreadSlots slots : all) {
            slots.find(holder -> {
                visitor.accept(holder);
                return false;
            });
        }
    }
}
