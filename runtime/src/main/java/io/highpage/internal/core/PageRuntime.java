// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Device;
import io.highpage.DeviceException;
import io.highpage.Highpage;
import io.highpage.HolderInfo;
import io.highpage.PageBuffer;
import io.highpage.device.DeviceMemory;
import io.highpage.device.Devices;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.memory.HostMemory;
import io.highpage.internal.migrate.MigrationPool;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.os.Linux;
import io.highpage.internal.os.LinuxMemory;
import io.highpage.internal.page.BufferWord;
import io.highpage.internal.page.OffHeapWords;
import io.highpage.internal.page.PageTable;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.watch.Watch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** A runtime: owns the buffers, the devices, and the register of holders. */
public final class PageRuntime implements Highpage {
    private static final long PAGE_BYTES_MAX = 1L << 30;

    /** A message names so many holders; {@link #holders()} has all. */
    private static final int NAMED_MAX = 20;

    private final List<DeviceSlot> devices;
    private final HostMemory hostMemory;
    private final Arena arena = Arena.ofShared();
    private final MigrationPool migrations = new MigrationPool(arena);
    private final HolderSlots slots = new HolderSlots();
    private final Set<ManagedBuffer> buffers = ConcurrentHashMap.newKeySet();
    private final AtomicLong nextBufferId = new AtomicLong(1);
    private final Object closing = new Object();
    private volatile boolean closed;

    private PageRuntime(List<DeviceSlot> devices, HostMemory hostMemory) {
        this.devices = devices;
        this.hostMemory = hostMemory;
    }

    /** Opens a runtime on devices, or on the best one found. */
    public static Highpage open(List<DeviceMemory> memories, long deviceMemoryBytes) {
        List<DeviceMemory> chosen =
                memories.isEmpty() ? List.of(Devices.find().getFirst().open()) : memories;
        return open(chosen, deviceMemoryBytes, LinuxMemory.INSTANCE);
    }

    /** As the public one, on other host memory: for tests that make it fail. */
    public static PageRuntime open(List<DeviceMemory> memories, long deviceMemoryBytes, HostMemory hostMemory) {
        if (memories.size() > PageWord.DEVICES_MAX) {
            throw new IllegalArgumentException(memories.size() + " devices are more than " + PageWord.DEVICES_MAX);
        }
        List<DeviceSlot> slots = new ArrayList<>();
        for (DeviceMemory memory : memories) {
            String name = memory.name();
            if (slots.stream().anyMatch(slot -> slot.name().equals(memory.name()))) {
                name += "#" + (slots.size() + 1);
            }
            slots.add(new DeviceSlot(slots.size() + 1, name, memory, deviceMemoryBytes, Linux.basePageBytes()));
        }
        PageRuntime runtime = new PageRuntime(List.copyOf(slots), hostMemory);
        Watch.opened(runtime);
        return runtime;
    }

    HolderSlots slots() {
        return slots;
    }

    @Override
    public Device device() {
        return devices.getFirst();
    }

    @Override
    public List<Device> devices() {
        return List.copyOf(devices);
    }

    // ---- buffers ----

    @Override
    public PageBuffer allocate(long byteSize) {
        return allocate(byteSize, Linux.basePageBytes());
    }

    @Override
    public PageBuffer allocate(long byteSize, long pageBytes) {
        checkPageBytes(pageBytes);
        if (byteSize < 1 || (byteSize - 1) / pageBytes >= BufferWord.PAGES_MAX) {
            throw new IllegalArgumentException("byteSize=" + byteSize + " is not from 1 to " + BufferWord.PAGES_MAX
                    + " pages of " + pageBytes + " bytes");
        }
        long pageCount = (byteSize - 1) / pageBytes + 1;
        synchronized (closing) {
            checkOpen();
            ManagedBuffer buffer = make(byteSize, pageBytes, pageCount);
            buffers.add(buffer);
            Watch.opened(buffer);
            return buffer;
        }
    }

    private static void checkPageBytes(long pageBytes) {
        if (Long.bitCount(pageBytes) != 1 || pageBytes < Linux.basePageBytes() || pageBytes > PAGE_BYTES_MAX) {
            throw new IllegalArgumentException("pageBytes=" + pageBytes + " is not a power of two from "
                    + Linux.basePageBytes() + " (the system's base page) to " + PAGE_BYTES_MAX);
        }
    }

    private ManagedBuffer make(long byteSize, long pageBytes, long pageCount) {
        Arena memory = Arena.ofShared();
        try {
            MemorySegment window = owned(memory, hostMemory.mapWindow(pageCount * pageBytes, pageBytes));
            MemorySegment words = owned(memory, hostMemory.map(OffHeapWords.byteSize(pageCount)));
            PageTable table = new PageTable(new OffHeapWords(words), pageCount);
            Pages pages = new Pages(
                    nextBufferId.getAndIncrement(), table, window, pageBytes, devices, hostMemory, migrations);
            return new ManagedBuffer(this, byteSize, pages, hostMemory, memory);
        } catch (RuntimeException | Error failure) {
            memory.close();
            throw failure;
        }
    }

    @SuppressWarnings("restricted")
    private MemorySegment owned(Arena owner, MemorySegment memory) {
        return memory.reinterpret(owner, hostMemory::unmap);
    }

    @Override
    public List<PageBuffer> buffers() {
        return List.copyOf(buffers);
    }

    @Override
    public List<HolderInfo> holders() {
        return slots.infos();
    }

    @Override
    public List<HolderInfo> pins() {
        return holders(holder -> holder.kind().equals(LongTermPin.KIND));
    }

    private List<HolderInfo> holders(Predicate<HolderInfo> which) {
        return slots.infos().stream().filter(which).toList();
    }

    @Override
    public long pageLockedBytes() {
        return buffers.stream()
                .mapToLong(buffer -> buffer.pins().pageLockedBytes())
                .sum();
    }

    // ---- the end ----

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the runtime is closed");
        }
    }

    void close(ManagedBuffer buffer) {
        synchronized (closing) {
            if (!buffer.isOpen()) {
                return;
            }
            if (!buffer.trySeal()) {
                throw new IllegalStateException(
                        buffer + " cannot close: " + keepers(holders(holder -> holder.buffer() == buffer.id())));
            }
            buffer.dispose();
            buffers.remove(buffer);
        }
    }

    /** {@return the open holders that a message should name, empty if there are none} */
    String named(Predicate<HolderInfo> which) {
        return named(holders(which));
    }

    private static String named(List<HolderInfo> open) {
        String more = open.size() > NAMED_MAX ? "; and " + (open.size() - NAMED_MAX) + " more" : "";
        return open.stream().limit(NAMED_MAX).map(HolderInfo::toString).collect(Collectors.joining("; ", "", more));
    }

    private static String keepers(List<HolderInfo> open) {
        return open.isEmpty()
                ? "a page is moving, or is kept by a bare pin or by a read or write that is under way"
                : open.size() + " open: " + named(open);
    }

    @Override
    public void close() {
        synchronized (closing) {
            if (closed) {
                return;
            }
            List<ManagedBuffer> sealed = new ArrayList<>();
            for (ManagedBuffer buffer : buffers) {
                if (!buffer.trySeal()) {
                    sealed.forEach(ManagedBuffer::unseal);
                    throw new IllegalStateException("the runtime cannot close: " + buffer + ": " + keepers(holders()));
                }
                sealed.add(buffer);
            }
            closed = true;
            Watch.closed(this);
            sealed.forEach(ManagedBuffer::dispose);
            buffers.clear();
            closeDevices();
        }
    }

    @Override
    public String toString() {
        return "runtime on " + devices + (closed ? ", closed" : "");
    }

    /** Gives everything back as far as the drivers let it, then reports the first that did not. */
    private void closeDevices() {
        DeviceException first = null;
        for (DeviceSlot device : devices) {
            DeviceException failure = device.close();
            first = first == null ? failure : first;
        }
        arena.close();
        if (first != null) {
            throw first;
        }
    }
}
