// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.internal.async.Workers;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.telemetry.Told;
import io.highpage.internal.watch.Watch;
import io.highpage.outcome.HolderInfo;
import io.highpage.outcome.Strength;
import io.highpage.outcome.Terms;

import org.jspecify.annotations.Nullable;

import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Who holds what: the open holders of a runtime, in {@linkplain HolderSlot slots} of the thread
 * that took each. So taking and closing need no compare-and-set, and a report reads all slots.
 * Thread-safe.
 *
 * <p>A thread refers to its slots weakly: it may live longer than the runtime, and must not keep
 * the library, or the program that brought it, from being unloaded. The slots refer to their thread
 * weakly, since it has the program's class loader.
 */
final class HolderSlots {
    private static final int CHUNKS_LOOKED_INTO = 4;

    /** Chunks that a thread keeps once it has had as many. */
    private static final int CHUNKS_KEPT = 64;

    /**
     * Looked at in the version of a slot that is taken, which costs less than a counter: once in
     * 4,096 times of a slot.
     */
    private static final int SHRINK_AT = 0x1FFE;

    /**
     * Threads that are looked at whenever one comes: more than one, so that the dead become fewer.
     */
    private static final int SWEPT_EACH = 4;

    /** A power of two. */
    private static final int PLACES = 256;

    private final ThreadLocal<WeakReference<ThreadSlots>> mine = new ThreadLocal<>();
    /**
     * Some of the same, by thread number: what a thread finds here in three loads, it finds in
     * {@link #mine} in nine. Plain, since a thread uses only what it has made itself; who finds
     * another's looks there.
     */
    private final @Nullable ThreadSlots[] places = new ThreadSlots[PLACES];

    private final Queue<ThreadSlots> all = new ConcurrentLinkedQueue<>();
    private final AtomicInteger due = new AtomicInteger(); // threads to look at
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private Iterator<ThreadSlots> sweep = all.iterator(); // of who has set sweeping

    /**
     * A fixed number of slots, in a ring of such chunks. A holder's slot never moves; a chunk
     * without holders may go.
     */
    private static final class Chunk {
        private static final int SLOTS = 4;

        private final HolderSlot[] slots = new HolderSlot[SLOTS];
        private volatile Chunk next = this;

        Chunk() {
            for (int i = 0; i < SLOTS; i++) {
                slots[i] = HolderSlot.free();
            }
        }

        boolean isEmpty() {
            for (HolderSlot slot : slots) {
                if (!slot.isFree()) {
                    return false;
                }
            }
            return true;
        }
    }

    /** The slots of a thread, and itself a reference to it, so that it can be asked in one load. */
    private static final class ThreadSlots extends WeakReference<Thread> {
        private final long threadId = Thread.currentThread().threadId();
        private final Chunk first = new Chunk();
        // For this thread, as all that follows: where it found a free slot last.
        private Chunk current = first;
        private int chunks = 1;

        ThreadSlots() {
            super(Thread.currentThread());
        }

        /**
         * Looks into a few chunks only: a thread with many holders open would look at all of them
         * for each more.
         */
        HolderSlot free() {
            Chunk chunk = current;
            for (int looked = 0; looked < CHUNKS_LOOKED_INTO; looked++) {
                for (HolderSlot slot : chunk.slots) {
                    int version = slot.version();
                    if (HolderSlot.isFree(version)) {
                        if ((version & SHRINK_AT) == SHRINK_AT) {
                            lookAround();
                        }
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
            chunks++;
            return added.slots[0];
        }

        /** What is done now and then. */
        private void lookAround() {
            Told.look();
            if (chunks > CHUNKS_KEPT) {
                shrink();
            }
        }

        /**
         * Gives back the chunks of a time when the thread had more holders open. The first and the
         * current one stay.
         */
        private void shrink() {
            for (Chunk chunk = first; chunk.next != first; ) {
                Chunk next = chunk.next;
                if (next != current && next.isEmpty()) {
                    chunk.next = next.next; // whoever reads in it goes on from there
                    chunks--;
                } else {
                    chunk = next;
                }
            }
        }

        Stream<HolderSlot> slots() {
            Stream<Chunk> others =
                    Stream.iterate(first.next, chunk -> chunk != first, chunk -> chunk.next);
            return Stream.concat(Stream.of(first), others)
                    .flatMap(chunk -> Arrays.stream(chunk.slots));
        }

        Stream<HolderInfo> infos() {
            return slots().map(slot -> slot.info(threadId)).flatMap(Optional::stream);
        }

        /** {@return whether the thread has died and left nothing open} */
        boolean isDone() {
            Thread owner = get();
            return (owner == null || !owner.isAlive()) && slots().allMatch(HolderSlot::isFree);
        }
    }

    /**
     * Lists a holder that the calling thread is about to make.
     *
     * @param kind a constant
     * @param whole whether it is counted by the buffer word, else by the page words
     */
    HolderSlot take(String kind, ManagedRange range, Terms terms, boolean whole) {
        if (!terms.isRegistered()) {
            return HolderSlot.unlisted(whole);
        }
        Thread thread = Thread.currentThread();
        ThreadSlots slots = places[place(thread.threadId())];
        if (slots == null || !slots.refersTo(thread)) {
            slots = find();
        }
        HolderSlot slot = slots.free();
        slot.take(kind, range, terms.mode(), whole, !tellsMore(terms));
        return slot;
    }

    /** {@return slots of a thread that lives: {@link #all} has them} */
    private static ThreadSlots strong(WeakReference<ThreadSlots> known) {
        return Objects.requireNonNull(known.get());
    }

    /** {@return whether there is more to tell of a holder than kind, buffer and range} */
    private static boolean tellsMore(Terms terms) {
        return terms.isNamed()
                || terms.isShared()
                || terms.strength() != Strength.RUNTIME
                || Watch.isOn();
    }

    private static int place(long threadId) {
        return (int) threadId & PLACES - 1;
    }

    /** {@return the slots of the calling thread, which have a place from now on if it is free} */
    private ThreadSlots find() {
        WeakReference<ThreadSlots> known = mine.get();
        ThreadSlots slots = known == null ? register() : strong(known);
        int place = place(slots.threadId);
        if (places[place] == null) {
            places[place] = slots;
        }
        return slots;
    }

    /** {@return whether the thread of these is forgotten: it is done} */
    private boolean forgets(ThreadSlots slots) {
        if (!slots.isDone()) {
            return false;
        }
        int place = place(slots.threadId);
        if (places[place] == slots) { // a thread that comes now may lose its place, and looks again
            places[place] = null;
        }
        return true;
    }

    private ThreadSlots register() {
        ThreadSlots slots = new ThreadSlots();
        WeakReference<ThreadSlots> weak = new WeakReference<>(slots);
        all.add(slots);
        mine.set(weak);
        sweepSome();
        return slots;
    }

    /**
     * Forgets some of the threads that have died. Whoever finds another thread at it leaves it to
     * that one, which looks again once it lets others in: it may have lost its processor meanwhile,
     * and the last thread to come has nobody after it to leave it to.
     */
    private void sweepSome() {
        // ORD volatile: every thread is looked at by somebody; pairs with itself.
        int left = due.addAndGet(SWEPT_EACH);
        while (left > 0 && sweepDue()) {
            // Whoever was not let in had added before it asked.
            left = due.get();
        }
    }

    /** {@return false if another thread is at it} */
    private boolean sweepDue() {
        // ORD volatile: the iterator is of one thread at a time; pairs with itself.
        if (!sweeping.compareAndSet(false, true)) {
            return false;
        }
        try {
            // ORD volatile: what is due is done once; pairs with itself.
            for (int left = due.getAndSet(0); left > 0; left--) {
                if (!sweep.hasNext()) {
                    sweep = all.iterator();
                }
                if (forgets(sweep.next())) {
                    sweep.remove();
                }
            }
        } finally {
            // ORD volatile: the next one sees where the iterator is; pairs with itself.
            sweeping.set(false);
        }
        return true;
    }

    /**
     * {@return whether a holder of the calling thread keeps a page} What a thread has made for
     * futures is not its own: whoever takes it closes it meanwhile.
     */
    boolean ownHolder(Pages pages, long page) {
        if (Workers.isWorker()) {
            return false;
        }
        WeakReference<ThreadSlots> known = mine.get();
        return known != null && strong(known).slots().anyMatch(slot -> slot.covers(pages, page));
    }

    /** {@return every open holder; what is taken or closed meanwhile may be missing} */
    List<HolderInfo> infos() {
        all.removeIf(this::forgets); // it looks at every thread anyway
        return all.stream().flatMap(ThreadSlots::infos).toList();
    }
}
