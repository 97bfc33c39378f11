// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.internal.log.Log;
import io.highpage.internal.os.HostMemory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A mapping of host memory, which is given back once, after the segments of it have ended. It is
 * there before the memory is: nothing is made between the kernel's answer and the object that
 * remembers it. Thread-safe, but for mapping and {@link #unmap}.
 */
public final class HostMapping {
    private final HostMemory host;
    private MemorySegment memory = MemorySegment.NULL; // without a lifetime
    private boolean mapped;

    /** Whether the driver of a lost device may still use it. */
    private volatile boolean abandoned;

    /** One that has no memory, and nothing to give back, until it maps some. */
    public HostMapping(HostMemory host) {
        this.host = host;
    }

    HostMemory host() {
        return host;
    }

    /**
     * Maps memory, once.
     *
     * @throws io.highpage.outcome.OutOfPageMemoryException if the kernel refuses
     */
    public void map(long byteSize) {
        memory = host.map(byteSize);
        mapped = true;
    }

    /**
     * Maps a window for pages of a size, once.
     *
     * @throws io.highpage.outcome.OutOfPageMemoryException if the kernel refuses
     */
    public void mapWindow(long byteSize, long pageBytes) {
        memory = host.mapWindow(byteSize, pageBytes);
        mapped = true;
    }

    /** {@return the memory as a segment that ends with an arena} */
    @SuppressWarnings("restricted")
    public MemorySegment in(Arena arena) {
        return memory.reinterpret(arena, null);
    }

    /**
     * Remembers that a driver may go on with a copy between the mapping and a device that is lost:
     * it must not go back to the system then.
     */
    void abandon() {
        abandoned = true;
    }

    /**
     * Gives the mapping back, unless a driver may still use it, which is then told in the log. Its
     * segments have ended. Does nothing once it has.
     */
    public void unmap() {
        if (!mapped) {
            return;
        }
        if (abandoned) {
            Log.warn(
                    HostMapping.class,
                    memory.byteSize() + " bytes of host memory at 0x"
                            + Long.toHexString(memory.address())
                            + " stay mapped: the device was lost while its driver was"
                            + " copying there, and may go on");
        } else {
            host.unmap(memory);
        }
        mapped = false;
    }
}
