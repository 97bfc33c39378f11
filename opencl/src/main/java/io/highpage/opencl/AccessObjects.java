// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_IMAGE_PITCH_ALIGNMENT;

import io.highpage.DeviceAccess;
import io.highpage.internal.close.Closes;
import io.highpage.internal.opencl.Cl;
import io.highpage.internal.opencl.ClContext;
import io.highpage.internal.opencl.ClDeviceFacts;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The memory objects of a device's accesses. What was made for an access goes with it. Thread-safe.
 */
final class AccessObjects {
    private final ClContext context;
    private final OpenClMemoryMode mode;
    private final MemorySegment device;
    private final long alignment; // of a sub-buffer's start, in bytes
    private final Map<DeviceAccess, MemorySegment> memory = new ConcurrentHashMap<>();

    AccessObjects(ClContext context, OpenClMemoryMode mode, ClDeviceFacts facts) {
        this.context = context;
        this.mode = mode;
        this.device = facts.device();
        this.alignment = facts.subBufferAlignment();
    }

    /** {@return the {@code cl_mem} of exactly an access's range} */
    MemorySegment memoryOf(DeviceAccess access) {
        if (mode == OpenClMemoryMode.BUFFER) {
            return access.handle();
        }
        long pointer = access.address(); // refused if it is closed
        if (access.byteSize() == 0) {
            return MemorySegment.NULL;
        }
        MemorySegment there = memory.get(access);
        return there != null ? there : made(access, pointer);
    }

    /** Under a lock: of several threads that ask at once one makes it, for all of them. */
    private synchronized MemorySegment made(DeviceAccess access, long address) {
        MemorySegment there = memory.get(access);
        if (there != null) {
            return there;
        }
        long ahead = context.originOf(address) % alignment;
        if (ahead != 0) {
            throw new IllegalArgumentException(access + " has no cl_mem: on this device that must"
                    + " start at a multiple of " + alignment + " bytes of what the driver gave out,"
                    + " and it starts " + ahead + " behind one; access from a page's start and give"
                    + " an offset");
        }
        return access.make(() -> listed(access, address), handle -> {
            memory.remove(access);
            context.releaseBuffer(handle);
        });
    }

    private MemorySegment listed(DeviceAccess access, long address) {
        MemorySegment handle = context.bufferOver(address, access.byteSize());
        try {
            memory.put(access, handle);
            return handle;
        } catch (Throwable noRoom) {
            Closes.rethrow(Closes.step(noRoom, () -> context.releaseBuffer(handle)));
            throw noRoom;
        }
    }

    /** {@return an image over an access's pages} */
    MemorySegment imageOf(DeviceAccess access, ImageLayout layout) {
        long alignment =
                cl().deviceNumberIfKnown(device, CL_DEVICE_IMAGE_PITCH_ALIGNMENT()); // in pixels
        if (alignment == 0) {
            throw new UnsupportedOperationException("device " + access.device()
                    + " cannot make an image over a buffer, which needs"
                    + " cl_khr_image2d_from_buffer: copy to an image of your own");
        }
        long unit = alignment * layout.pixelBytes();
        long pitch = layout.shape().rowPitch();
        if (pitch % unit != 0) {
            throw new IllegalArgumentException("an image with " + layout + " cannot be on device "
                    + access.device() + ": there rowPitch has to be a multiple of " + unit
                    + " bytes, " + alignment + " pixels; the next one is "
                    + (pitch / unit + 1) * unit);
        }
        if (layout.byteSize() > access.byteSize()) {
            throw new IllegalArgumentException("an image with " + layout + " needs "
                    + layout.byteSize() + " bytes: " + access + " has " + access.byteSize());
        }
        MemorySegment buffer = memoryOf(access);
        return access.make(
                () -> cl().createImage(context.context(), layout.shape(), buffer),
                context::releaseBuffer);
    }

    private Cl cl() {
        return context.cl();
    }
}
