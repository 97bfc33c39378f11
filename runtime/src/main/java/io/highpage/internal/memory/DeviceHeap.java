// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import io.highpage.DeviceException;
import io.highpage.OutOfPageMemoryException;
import io.highpage.device.DeviceMemory;
import io.highpage.device.Extent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Carves aligned device windows out of larger extents ("slabs"), within a limit. Drivers give out memory that is aligned to
 * less than a page (PoCL: 128 bytes), enforce no total, and hand fresh memory that faults on first touch; so slabs are kept
 * until the room is needed or the device closes. Guarded by its own monitor; a driver call may be made inside.
 */
public final class DeviceHeap {
    /** Windows from this size on get a slab of their own; smaller ones share slabs of this size. */
    static final long SLAB_BYTES = 16L << 20;

    /** Under a small limit slabs are smaller, so that there can be this many. */
    private static final long SLABS_MIN = 16;

    private static final System.Logger LOG = System.getLogger(DeviceHeap.class.getName());

    private final String deviceName;
    private final DeviceMemory memory;
    private final long limitBytes;
    private final long alignment;
    private final boolean shares; // whether windows share slabs
    private final List<Slab> slabs = new ArrayList<>();
    private long usedBytes;

    /**
     * A device window.
     *
     * @param extent the extent that it lies in
     * @param base where it starts there
     * @param byteSize its length
     */
    public record Place(Extent extent, long base, long byteSize) {}

    private static final class Slab {
        final Extent extent;
        final long start; // first aligned offset
        final long byteSize; // usable, from start
        final NavigableMap<Long, Long> free = new TreeMap<>(); // offset -> length, never adjacent

        Slab(Extent extent, long start, long byteSize) {
            this.extent = extent;
            this.start = start;
            this.byteSize = byteSize;
            free.put(start, byteSize);
        }

        boolean isEmpty() {
            return byteSize == free.getOrDefault(start, 0L);
        }

        /** First fit. {@return the offset, or -1} */
        long take(long bytes) {
            for (Map.Entry<Long, Long> hole : free.entrySet()) {
                if (hole.getValue() >= bytes) {
                    long offset = hole.getKey();
                    free.remove(offset);
                    if (hole.getValue() > bytes) {
                        free.put(offset + bytes, hole.getValue() - bytes);
                    }
                    return offset;
                }
            }
            return -1;
        }

        void give(long offset, long bytes) {
            long from = offset;
            long length = bytes;
            Map.Entry<Long, Long> before = free.lowerEntry(offset);
            if (before != null && before.getKey() + before.getValue() == offset) {
                from = before.getKey();
                length += before.getValue();
            }
            Long after = free.remove(offset + bytes);
            if (after != null) {
                length += after;
            }
            free.put(from, length);
        }
    }

    DeviceHeap(String deviceName, DeviceMemory memory, long limitBytes, long alignment) {
        this.deviceName = deviceName;
        this.memory = memory;
        this.limitBytes = Math.min(limitBytes, memory.capacityBytes());
        this.alignment = alignment;
        this.shares = memory.windowsShareExtents();
    }

    long limitBytes() {
        return limitBytes;
    }

    synchronized long usedBytes() {
        return usedBytes;
    }

    /** {@return the largest window: the device's largest extent less what alignment may cost} */
    public long maxPlaceBytes() {
        return Math.min(limitBytes, memory.maxExtentBytes() - slack()) / alignment * alignment;
    }

    /** {@return what aligning a window in an extent may cost} */
    private long slack() {
        return shares ? alignment : 0;
    }

    /**
     * Takes a window.
     *
     * @throws OutOfPageMemoryException if the limit or the device has no room
     */
    public synchronized Place allocate(long byteSize) {
        long bytes = (byteSize + alignment - 1) / alignment * alignment;
        if (bytes > maxPlaceBytes()) {
            throw new OutOfPageMemoryException(
                    "device " + deviceName + " cannot hold a buffer of " + byteSize
                            + " bytes: the most for one buffer is "
                            + maxPlaceBytes() + " (limit " + limitBytes + ", largest allocation "
                            + memory.maxExtentBytes() + "); use several buffers, or raise the limit",
                    true,
                    byteSize,
                    null);
        }
        Place place = carve(bytes);
        if (place == null) {
            addSlab(bytes);
            place = carve(bytes);
        }
        usedBytes += bytes;
        return place;
    }

    private Place carve(long bytes) {
        for (Slab slab : slabs) {
            long offset = shares || slab.byteSize == bytes ? slab.take(bytes) : -1;
            if (offset >= 0) {
                return new Place(slab.extent, offset, bytes);
            }
        }
        return null;
    }

    private void addSlab(long bytes) {
        long slabBytes = shares ? Math.max(bytes, sharedSlabBytes()) : bytes;
        if (!fits(slabBytes)) {
            slabBytes = bytes; // near the limit every window gets just what it needs
        }
        if (!fits(slabBytes)) {
            freeEmptySlabs();
        }
        if (!fits(slabBytes)) {
            throw outOfMemory(bytes, null);
        }
        Extent extent;
        try {
            extent = extent(slabBytes + slack());
        } catch (OutOfPageMemoryException full) {
            freeEmptySlabs();
            try {
                slabBytes = bytes;
                extent = extent(slabBytes + slack());
            } catch (OutOfPageMemoryException stillFull) {
                throw outOfMemory(bytes, stillFull);
            }
        }
        slabs.add(new Slab(extent, Math.floorMod(-extent.address(), alignment), slabBytes));
    }

    /** Asks the driver, and does not believe it: past the end of a short extent is somebody else's memory. */
    private Extent extent(long bytes) {
        Extent extent = memory.allocate(bytes);
        if (extent.byteSize() < bytes) {
            String lie = "device " + deviceName + " gave " + extent.byteSize() + " bytes instead of " + bytes;
            extent.free();
            throw new DeviceException(lie + ", without an error; it is not used", null);
        }
        return extent;
    }

    /** A slab is never more than a share of the limit: else one small buffer could keep a large one out. */
    private long sharedSlabBytes() {
        return Math.min(SLAB_BYTES, Math.min(maxPlaceBytes(), limitBytes / SLABS_MIN / alignment * alignment));
    }

    private boolean fits(long slabBytes) {
        long reserved = slabs.stream().mapToLong(slab -> slab.byteSize).sum();
        return slabBytes <= limitBytes - reserved;
    }

    private OutOfPageMemoryException outOfMemory(long bytes, Throwable cause) {
        return new OutOfPageMemoryException(
                "no memory on device " + deviceName + ": requested " + bytes + " bytes, in use " + usedBytes + " of "
                        + limitBytes + (cause == null ? "" : " (" + cause.getMessage() + ")")
                        + "; evict or close other buffers, or raise the limit",
                true,
                bytes,
                cause);
    }

    /** Gives a window back. Its slab stays until the room is needed. */
    public synchronized void free(Place place) {
        usedBytes -= place.byteSize();
        for (Slab slab : slabs) {
            if (slab.extent == place.extent()) {
                slab.give(place.base(), place.byteSize());
                return;
            }
        }
        throw new AssertionError("no slab of device " + deviceName + " has this window: " + place);
    }

    /**
     * Gives the driver back what no window uses: for when memory that it gave out turns out not to be there at the first use.
     *
     * @return whether there was any
     */
    public synchronized boolean giveUpEmptySlabs() {
        int before = slabs.size();
        freeEmptySlabs();
        return slabs.size() < before;
    }

    private void freeEmptySlabs() {
        for (Slab slab : List.copyOf(slabs)) {
            if (slab.isEmpty()) {
                slabs.remove(slab); // first: memory that could not be given back must not be given out again
                try {
                    slab.extent.free();
                } catch (DeviceException failed) {
                    LOG.log(System.Logger.Level.WARNING, failed.getMessage());
                }
            }
        }
    }

    /** Gives all slabs back to the driver. {@return the first failure, or null} */
    public synchronized DeviceException close() {
        DeviceException first = null;
        for (Slab slab : slabs) {
            try {
                slab.extent.free();
            } catch (DeviceException failure) {
                first = first == null ? failure : first;
            }
        }
        slabs.clear();
        return first;
    }
}
