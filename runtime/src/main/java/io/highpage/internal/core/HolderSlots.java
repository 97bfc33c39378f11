// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.HolderInfo;
import io.highpage.Strength;
import io.highpage.Terms;
import io.highpage.internal.watch.Watch;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Who holds what: the open holders of a runtime, in {@linkplain HolderSlot slots} of the thread that took each. So taking and
 * closing need no compare-and-set, and a report reads all slots. Thread-safe.
 */
final class HolderSlots {
    private static final int CHUNKS_LOOKED_INTO = 4;

    private final ThreadLocal<ThreadSlots> mine = new ThreadLocal<>();
    private final Queue<ThreadSlots> all = new ConcurrentLinkedQueue<>();
    private final AtomicInteger threads = new AtomicInteger();
    private volatile int sweepAt = 64;

    /** A fixed number of slots, in a ring of such chunks. Chunks are only ever added, so a holder's slot never moves. */
    private static final class Chunk {
        private static final int SLOTS = 4;

        private final HolderSlot[] slots = new HolderSlot[SLOTS];
        private volatile Chunk next = this;

        Chunk() {
            for (int i = 0; i < SLOTS; i++) {
                slots[i] = HolderSlot.free();
            }
        }
    }

    private static final class ThreadSlots {
        private final Thread thread = Thread.currentThread();
        private final Chunk first = new Chunk();
        private Chunk current = first; // for this thread: where it found a free slot last

        /** Looks into a few chunks only: a thread with many holders open would look at all of them for each more. */
        HolderSlot free() {
            Chunk chunk = current;
            for (int looked = 0; looked < CHUNKS_LOOKED_INTO; looked++) {
                for (HolderSlot slot : chunk.slots) {
                    if (slot.isFree()) {
                        if (current != chunk) { // a store costs what a barrier costs
                            current = chunk;
                        }
                        return slot;
                    }
                }
                chunk = chunk.next;
            }
            Chunk added = new Chunk();
            added.next = current.next;
            current.next = added;
            current = added;
            return added.slots[0];
        }

        Stream<HolderSlot> slots() {
            return Stream.iterate(first, Objects::nonNull, chunk -> chunk.next == first ? null : chunk.next)
                    .flatMap(chunk -> Arrays.stream(chunk.slots));
        }

        Stream<HolderInfo> infos() {
            return slots().map(slot -> slot.info(thread.getName())).flatMap(Optional::stream);
        }

        boolean isEmpty() {
            return slots().allMatch(HolderSlot::isFree);
        }
    }

    /**
     * Lists a holder that the calling thread is about to make.
     *
     * @param kind a constant
     * @param whole whether it is counted by the buffer word, else by the page words
     */
    HolderSlot take(String kind, ManagedBuffer buffer, Terms terms, long offset, long byteSize, boolean whole) {
        if (!terms.isRegistered()) {
            return HolderSlot.unlisted(whole);
        }
        ThreadSlots slots = mine.get();
        if (slots == null) {
            slots = register();
        }
        HolderSlot slot = slots.free();
        slot.take(kind, buffer.id(), offset, byteSize, whole, !tellsMore(terms));
        return slot;
    }

    /** {@return whether there is more to tell of a holder than kind, buffer and range} */
    private static boolean tellsMore(Terms terms) {
        return terms.isNamed() || terms.isShared() || terms.strength() != Strength.RUNTIME || Watch.isOn();
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
            if (!slots.thread.isAlive() && slots.isEmpty()) {
                each.remove();
                threads.decrementAndGet();
            }
        }
        sweepAt = 2 * threads.get() + 64;
    }

    /** {@return whether a holder of the calling thread keeps a page} */
    boolean ownKeeps(ManagedBuffer buffer, long page) {
        ThreadSlots slots = mine.get();
        return slots != null && slots.slots().anyMatch(slot -> slot.keeps(buffer, page));
    }

    /** {@return every open holder; what is taken or closed meanwhile may be missing} */
    List<HolderInfo> infos() {
        return all.stream().flatMap(ThreadSlots::infos).toList();
    }
}
