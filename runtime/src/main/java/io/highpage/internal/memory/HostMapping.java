// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.internal.os.HostMemory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A mapping of host memory, which is given back once, after the segments of it have ended.
 * Thread-safe, but for {@link #unmap}.
 */
public final class HostMapping {
    private static final System.Logger LOG = System.getLogger(HostMapping.class.getName());

    private final HostMemory host;
    private final MemorySegment memory; // without a lifetime
    private boolean gone;

    /** Whether the driver of a lost device may still use it. */
    private volatile boolean abandoned;

    private HostMapping(HostMemory host, MemorySegment memory, boolean gone) {
        this.host = host;
        this.memory = memory;
        this.gone = gone;
    }

    /** {@return a mapping that has just been made} */
    public static HostMapping of(HostMemory host, MemorySegment memory) {
        return new HostMapping(host, memory, false);
    }

    /** {@return memory that somebody else gives back} */
    static HostMapping ofOthers(HostMemory host, MemorySegment memory) {
        return new HostMapping(host, memory, true);
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
        if (gone) {
            return;
        }
        if (abandoned) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    memory.byteSize() + " bytes of host memory at 0x"
                            + Long.toHexString(memory.address())
                            + " stay mapped: the device was lost while its driver was copying"
                            + " there, and may go on");
        } else {
            host.unmap(memory);
        }
        gone = true;
    }
}
