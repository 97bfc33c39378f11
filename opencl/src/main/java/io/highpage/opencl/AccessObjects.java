// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import io.highpage.DeviceAccess;
import io.highpage.internal.close.Closes;
import io.highpage.internal.opencl.ClContext;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The memory objects of a device's accesses. What was made for an access goes with it. Thread-safe.
 */
final class AccessObjects {
    private final ClContext context;
    private final OpenClMemoryMode mode;
    private final long alignment; // of a sub-buffer's start, in bytes
    private final Map<DeviceAccess, MemorySegment> memory = new ConcurrentHashMap<>();

    AccessObjects(ClContext context, OpenClMemoryMode mode, long alignment) {
        this.context = context;
        this.mode = mode;
        this.alignment = alignment;
    }

    /** {@return the {@code cl_mem} of exactly an access's range} */
    MemorySegment memoryOf(DeviceAccess access) {
        if (mode == OpenClMemoryMode.BUFFER) {
            return access.handle();
        }
        MemorySegment pointer = access.segment(); // refused if it is closed
        MemorySegment there = memory.get(access);
        return there != null ? there : made(access, pointer.address());
    }

    private MemorySegment made(DeviceAccess access, long address) {
        long ahead = context.originOf(address) % alignment;
        if (ahead != 0) {
            throw new IllegalArgumentException(access + " has no cl_mem: on this device that must"
                    + " start at a multiple of " + alignment + ", and it starts " + ahead
                    + " bytes behind one; access from " + ahead
                    + " bytes earlier and give an offset");
        }
        return access.make(() -> listed(access, address), handle -> {
            memory.remove(access, handle);
            context.releaseBuffer(handle);
        });
    }

    private MemorySegment listed(DeviceAccess access, long address) {
        MemorySegment handle = context.bufferOver(address, access.byteSize());
        try {
            memory.putIfAbsent(access, handle); // another thread's is as good
            return handle;
        } catch (Throwable noRoom) {
            Closes.rethrow(Closes.step(noRoom, () -> context.releaseBuffer(handle)));
            throw noRoom;
        }
    }
}
