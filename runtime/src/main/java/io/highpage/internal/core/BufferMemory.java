// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.internal.budget.Account;
import io.highpage.internal.close.Closes;
import io.highpage.internal.close.Turn;
import io.highpage.internal.memory.HomeWindow;
import io.highpage.internal.memory.HostMapping;
import io.highpage.internal.migrate.Seal;
import io.highpage.internal.os.HostMemory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;

/**
 * The mappings of one buffer, its home and its page table, and the arena in which both end. Closed
 * by one thread at a time; goes on where it stopped if it is closed again.
 */
final class BufferMemory {
    private final Arena arena;
    private final HomeWindow home;
    private final HostMapping words;

    private BufferMemory(Arena arena, HomeWindow home, HostMapping words) {
        this.arena = arena;
        this.home = home;
        this.words = words;
    }

    /**
     * Maps both.
     *
     * @param account what homes take is charged to
     * @throws io.highpage.outcome.OutOfPageMemoryException if the kernel refuses; nothing is mapped
     *     then
     */
    static BufferMemory map(
            HostMemory host, Account account, long homeBytes, long pageBytes, long wordBytes) {
        // Owners first: what is mapped has one from then on, whatever fails.
        HostMapping words = new HostMapping(host);
        HostMapping home = new HostMapping(host);
        try {
            words.map(wordBytes);
            home.mapWindow(homeBytes, pageBytes);
            Arena arena = Arena.ofShared();
            return new BufferMemory(arena, HomeWindow.in(home, account, arena), words);
        } catch (Throwable failure) {
            Throwable failed = Closes.step(failure, home::unmap);
            Closes.rethrow(Closes.step(failed, words::unmap));
            throw failure;
        }
    }

    HomeWindow home() {
        return home;
    }

    MemorySegment words() {
        return words.in(arena);
    }

    /** Ends the arena, then gives both mappings back. */
    void close() {
        endArena();
        Throwable failed = Closes.step(null, home::unmap);
        Closes.rethrow(Closes.step(failed, words::unmap));
    }

    /**
     * Waits as long as a close waits for moving pages: a native call that only looks at the window
     * (none holds a page) is about to return, or hangs.
     */
    private void endArena() {
        BooleanSupplier waits = Turn.atMost(Seal.WAIT_NANOS);
        while (arena.scope().isAlive()) {
            try {
                arena.close();
            } catch (IllegalStateException inUse) {
                if (!waits.getAsBoolean()) {
                    throw new IllegalStateException(
                            "the buffer is closed, but its memory stays mapped: a native call of"
                                    + " another thread still uses it; close the buffer again"
                                    + " when that has returned",
                            inUse);
                }
            }
        }
    }
}
