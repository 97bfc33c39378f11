// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.internal.close.Closes;
import io.highpage.internal.os.HostMemory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The mappings of one buffer, its host window and its page table, and the arena in which both end.
 * Closed by one thread at a time; goes on where it stopped if it is closed again.
 */
final class BufferMemory {
    private static final System.Logger LOG = System.getLogger(BufferMemory.class.getName());

    private final HostMemory host;
    private final Arena arena = Arena.ofShared();
    private MemorySegment window; // without a lifetime; null when it was given back
    private MemorySegment words;

    private BufferMemory(HostMemory host) {
        this.host = host;
    }

    /**
     * Maps both.
     *
     * @throws io.highpage.outcome.OutOfPageMemoryException if the kernel refuses; nothing is mapped
     *     then
     */
    static BufferMemory map(HostMemory host, long windowBytes, long pageBytes, long wordBytes) {
        BufferMemory memory = new BufferMemory(host);
        try {
            memory.window = host.mapWindow(windowBytes, pageBytes);
            memory.words = host.map(wordBytes);
            return memory;
        } catch (Throwable failure) {
            Closes.rethrow(Closes.step(failure, () -> memory.close(true)));
            throw failure;
        }
    }

    MemorySegment window() {
        return scoped(window);
    }

    MemorySegment words() {
        return scoped(words);
    }

    @SuppressWarnings("restricted")
    private MemorySegment scoped(MemorySegment memory) {
        return memory.reinterpret(arena, null);
    }

    /**
     * Ends the arena, then gives both mappings back.
     *
     * @param withWindow false if a driver may still write to the window, which then stays mapped
     *     for good
     */
    void close(boolean withWindow) {
        endArena();
        if (!withWindow && window != null) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    window.byteSize() + " bytes of host memory at 0x"
                            + Long.toHexString(window.address())
                            + " stay mapped: the device was lost while its driver was copying"
                            + " there, and may go on");
            window = null;
        }
        Throwable failed = Closes.step(null, this::unmapWindow);
        Closes.rethrow(Closes.step(failed, this::unmapWords));
    }

    private void endArena() {
        while (arena.scope().isAlive()) {
            try {
                arena.close();
            } catch (IllegalStateException inUse) {
                // A native call that only looks at the window (none holds a page) is about to
                // return.
                Thread.yield();
            }
        }
    }

    private void unmapWindow() {
        if (window != null) {
            host.unmap(window);
            window = null;
        }
    }

    private void unmapWords() {
        if (words != null) {
            host.unmap(words);
            words = null;
        }
    }
}
