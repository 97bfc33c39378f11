// SPDX-License-Identifier: Apache-2.0
package io.highpage.host;

import io.highpage.DeviceAccess;
import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceMemory;
import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;
import io.highpage.internal.memory.DeviceOwners;
import io.highpage.internal.os.FreshMemory;
import io.highpage.internal.os.Linux;
import io.highpage.internal.os.LinuxMemory;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.OutOfPageMemoryException;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;

/**
 * Host memory that plays a device, coherent or private: it needs nothing installed, and tests of
 * the page protocol run on it. Its "kernels" are Java functions, see {@link #launch}.
 *
 * <p>Private means private here too: the bytes are in a mapping that only this class's copies and
 * kernels know, and the address that it hands out maps an empty file, where even a touch past a
 * bounds check is an {@link InternalError} and not the death of the JVM. Thread-safe.
 */
public final class HostDevice implements DeviceMemory {
    private final DeviceKind kind;
    private final long capacityBytes;
    private final ConcurrentSkipListMap<Long, HostExtent> extents = new ConcurrentSkipListMap<>();
    private volatile boolean closed;

    private HostDevice(DeviceKind kind, long capacityBytes) {
        if (capacityBytes < 1) {
            throw new IllegalArgumentException("capacityBytes=" + capacityBytes + " is below 1");
        }
        this.kind = kind;
        this.capacityBytes = capacityBytes;
    }

    /**
     * {@return a device whose memory the CPU can touch}
     *
     * @param capacityBytes the bytes that it has
     */
    public static HostDevice coherent(long capacityBytes) {
        return new HostDevice(DeviceKind.COHERENT, capacityBytes);
    }

    /**
     * {@return a device whose memory only its kernels can touch}
     *
     * @param capacityBytes the bytes that it has
     */
    public static HostDevice privateMemory(long capacityBytes) {
        return new HostDevice(DeviceKind.PRIVATE, capacityBytes);
    }

    /**
     * Runs a Java function as a kernel on device memory, in the calling thread. A close of the
     * access on another thread waits until it has ended; the kernel itself cannot close what it
     * runs on.
     *
     * @param access an open access to a range on this device
     * @param kernel gets the range; the segment is valid during the call only
     * @throws IllegalArgumentException if the access is to another device
     * @throws IllegalStateException if the access is closed or being closed
     */
    public void launch(DeviceAccess access, Consumer<MemorySegment> kernel) {
        Objects.requireNonNull(access, "access");
        Objects.requireNonNull(kernel, "kernel");
        if (access.device().memory() != this) {
            throw new IllegalArgumentException(
                    "the access is to device " + access.device().name() + ", not to this one");
        }
        access.use(() -> run(access, kernel));
    }

    private void run(DeviceAccess access, Consumer<MemorySegment> kernel) {
        if (access.byteSize() == 0) {
            kernel.accept(access.segment());
            return;
        }
        long address = access.address();
        Map.Entry<Long, HostExtent> entry = extents.floorEntry(address);
        HostExtent extent = entry.getValue();
        MemorySegment range = extent.bytes.asSlice(address - entry.getKey(), access.byteSize());
        try (Arena call = Arena.ofConfined()) {
            MemorySegment view = reinterpret(range, call);
            kernel.accept(access.mode() == AccessMode.READ ? view.asReadOnly() : view);
        }
    }

    @SuppressWarnings("restricted")
    private static MemorySegment reinterpret(MemorySegment range, Arena arena) {
        return range.reinterpret(arena, null);
    }

    @Override
    public String name() {
        return kind == DeviceKind.COHERENT ? "host" : "host-private";
    }

    @Override
    public String description() {
        return "built-in device in host memory, "
                + (kind == DeviceKind.COHERENT ? "coherent" : "private");
    }

    @Override
    public String route() {
        return BY_RUNTIME;
    }

    @Override
    public DeviceKind kind() {
        return kind;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public long capacityBytes() {
        return capacityBytes;
    }

    /** {@return the capacity, and room to align one extent of all of it} */
    @Override
    public long maxExtentBytes() {
        return Math.min(capacityBytes, Long.MAX_VALUE - Linux.basePageBytes())
                + Linux.basePageBytes();
    }

    /**
     * As {@link DeviceMemory#allocate}.
     *
     * @throws IllegalStateException if the device is closed
     */
    @Override
    public Extent allocate(long byteSize) {
        if (closed) {
            throw new IllegalStateException("device " + name() + " is closed");
        }
        checkSize(byteSize);
        MemorySegment bytes = LinuxMemory.INSTANCE.map(byteSize, 1, false);
        MemorySegment decoy = null;
        try {
            if (kind == DeviceKind.PRIVATE) {
                decoy = LinuxMemory.INSTANCE.mapDecoy(byteSize);
            }
            HostExtent extent = new HostExtent(bytes, decoy);
            extents.put(extent.address(), extent);
            return extent;
        } catch (RuntimeException | Error failed) {
            if (decoy != null) {
                LinuxMemory.INSTANCE.unmap(decoy);
            }
            LinuxMemory.INSTANCE.unmap(bytes);
            throw failed;
        }
    }

    private void checkSize(long byteSize) {
        if (byteSize < 1) {
            throw new IllegalArgumentException("an extent has at least 1 byte, not " + byteSize);
        }
        if (byteSize > maxExtentBytes()) {
            throw new OutOfPageMemoryException(
                    "device " + name() + " has no extent of " + byteSize + " bytes: the largest is "
                            + maxExtentBytes(),
                    true,
                    byteSize,
                    null);
        }
    }

    @Override
    public void quiesce() {
        // It has no queue: a kernel runs in launch(), which keeps its access open.
    }

    /**
     * Closes the device. A second call does nothing.
     *
     * @throws IllegalStateException if a runtime has the device, which then closes it, or extents
     *     have not been freed
     */
    @Override
    public void close() {
        DeviceOwners.checkClosable(this);
        if (!extents.isEmpty()) {
            throw new IllegalStateException("device " + name() + " cannot close: " + extents.size()
                    + " of its extents have not been freed");
        }
        closed = true;
    }

    /**
     * Its segments end when it is freed: whatever is done with it then is an
     * {@link IllegalStateException}.
     */
    private final class HostExtent implements Extent {
        private final Arena arena = Arena.ofShared();
        private final MemorySegment bytes;
        private final FreshMemory fresh;
        private final @Nullable MemorySegment decoy; // null on a coherent device
        private @Nullable MemorySegment mapped; // null when they were given back
        private @Nullable MemorySegment mappedDecoy;

        HostExtent(MemorySegment mapped, @Nullable MemorySegment decoy) {
            this.mapped = mapped;
            this.mappedDecoy = decoy;
            this.bytes = reinterpret(mapped, arena);
            this.fresh = new FreshMemory(bytes);
            this.decoy = decoy == null ? null : reinterpret(decoy, arena);
        }

        private void checkThere() {
            if (!arena.scope().isAlive()) {
                throw new IllegalStateException(
                        "an extent of device " + name() + " was used after it had been freed");
            }
        }

        @Override
        public long byteSize() {
            return bytes.byteSize();
        }

        @Override
        public long address() {
            return (decoy == null ? bytes : decoy).address();
        }

        @Override
        public DeviceView view(long offset, long byteSize) {
            checkThere();
            return DeviceView.pointer(
                    decoy == null
                            ? bytes.asSlice(offset, byteSize)
                            : MemorySegment.ofAddress(
                                    decoy.asSlice(offset, byteSize).address()));
        }

        @Override
        public void copyIn(long base, MemorySegment window, PageRuns runs) {
            checkThere();
            fresh.commit(base, runs);
            runs.copy(window, bytes.asSlice(base));
        }

        @Override
        public void copyOut(long base, MemorySegment window, PageRuns runs) {
            checkThere();
            runs.copy(bytes.asSlice(base), window);
        }

        @Override
        public void zero(long base, PageRuns runs) {
            checkThere();
            fresh.commit(base, runs);
            runs.zero(bytes.asSlice(base));
        }

        /** A second call does nothing, but goes on if an error ended the first one. */
        @Override
        public void free() {
            if (arena.scope().isAlive()) {
                arena.close(); // refuses while its memory is being copied
            }
            extents.remove(address(), this);
            if (mapped != null) {
                LinuxMemory.INSTANCE.unmap(mapped);
                mapped = null;
            }
            if (mappedDecoy != null) {
                LinuxMemory.INSTANCE.unmap(mappedDecoy);
                mappedDecoy = null;
            }
        }
    }
}
