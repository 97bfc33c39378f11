// SPDX-License-Identifier: Apache-2.0
package io.highpage.device;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * What a kernel gets for a byte range of an extent: a pointer or a driver's memory object.
 * Immutable, hence thread-safe.
 */
public final class DeviceView {
    private static final Runnable NOTHING = () -> {};

    private final @Nullable MemorySegment segment; // null: a handle
    private final @Nullable MemorySegment handle; // null: a pointer
    private final Runnable release;

    private DeviceView(
            @Nullable MemorySegment segment, @Nullable MemorySegment handle, Runnable release) {
        this.segment = segment;
        this.handle = handle;
        this.release = Objects.requireNonNull(release, "release");
    }

    /**
     * {@return a view with a pointer}
     *
     * @param segment on a coherent device the range itself, on a private one a zero-length segment
     *     at its address
     */
    public static DeviceView pointer(MemorySegment segment) {
        return pointer(segment, NOTHING);
    }

    /**
     * {@return a view with a pointer}
     *
     * @param segment on a coherent device the range itself, on a private one a zero-length segment
     *     at its address
     * @param release gives back what was made for this view; called once, after the work has ended
     */
    public static DeviceView pointer(MemorySegment segment, Runnable release) {
        return new DeviceView(Objects.requireNonNull(segment, "segment"), null, release);
    }

    /**
     * {@return a view with a driver's memory object}
     *
     * @param handle the memory object, such as a {@code cl_mem}
     * @param release gives back what was made for this view; called once, after the work has ended
     */
    public static DeviceView handle(MemorySegment handle, Runnable release) {
        return new DeviceView(null, Objects.requireNonNull(handle, "handle"), release);
    }

    /** {@return a view of no bytes: NULL, for kernels both as a pointer and as a memory object} */
    public static DeviceView ofNothing() {
        return new DeviceView(MemorySegment.NULL, MemorySegment.NULL, NOTHING);
    }

    /**
     * {@return the same view, given back in another way: for a device that wraps another}
     *
     * @param other gives it back, in place of {@link #release()}
     */
    public DeviceView releasedBy(Runnable other) {
        return new DeviceView(segment, handle, other);
    }

    /**
     * {@return on a coherent device the range itself, on a private one a zero-length segment at its
     * address, or null if the device has no pointers}
     */
    public @Nullable MemorySegment segment() {
        return segment;
    }

    /** {@return the driver's memory object, or null if the device has pointers} */
    public @Nullable MemorySegment handle() {
        return handle;
    }

    /** {@return what gives back what was made for this view} */
    public Runnable release() {
        return release;
    }
}
