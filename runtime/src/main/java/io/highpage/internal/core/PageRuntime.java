// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Budget;
import io.highpage.Device;
import io.highpage.EvictionPolicy;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.device.DeviceInfo;
import io.highpage.device.DeviceMemory;
import io.highpage.device.Devices;
import io.highpage.internal.async.Workers;
import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.budget.LeastWorthFirst;
import io.highpage.internal.close.Closes;
import io.highpage.internal.close.Turn;
import io.highpage.internal.copy.RunCopier;
import io.highpage.internal.copy.SharedCopy;
import io.highpage.internal.jvm.HeapRoom;
import io.highpage.internal.jvm.NativeAccess;
import io.highpage.internal.jvm.StackRoom;
import io.highpage.internal.jvm.Versions;
import io.highpage.internal.log.Log;
import io.highpage.internal.management.Listing;
import io.highpage.internal.memory.DeviceOwners;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.migrate.Counters;
import io.highpage.internal.migrate.MigrationPool;
import io.highpage.internal.migrate.PageSizes;
import io.highpage.internal.migrate.Reclaimer;
import io.highpage.internal.migrate.Seal;
import io.highpage.internal.migrate.Tiers;
import io.highpage.internal.migrate.WriteBack;
import io.highpage.internal.os.HostMemory;
import io.highpage.internal.os.Linux;
import io.highpage.internal.os.LinuxMemory;
import io.highpage.internal.os.MemoryLimits;
import io.highpage.internal.os.MemoryLimits.Bound;
import io.highpage.internal.outcome.BudgetShare;
import io.highpage.internal.outcome.BudgetSnapshot;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.telemetry.BufferAllocationEvent;
import io.highpage.internal.telemetry.BufferCloseEvent;
import io.highpage.internal.telemetry.EverySecond;
import io.highpage.internal.telemetry.Told;
import io.highpage.internal.watch.Checks;
import io.highpage.internal.watch.Leaks;
import io.highpage.internal.watch.Watch;
import io.highpage.internal.work.Background;
import io.highpage.internal.work.SharedWork;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.BudgetInfo;
import io.highpage.outcome.BudgetInfo.Share;
import io.highpage.outcome.HolderInfo;
import io.highpage.outcome.RuntimeStatistics;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** A runtime: owns the buffers, the devices, and the register of holders. */
public final class PageRuntime implements Highpage {
    /** The order in which spans leave a device, unless a program chooses another. */
    public static final EvictionPolicy OWN_POLICY = new LeastWorthFirst();

    private static final String CLOSED = "the runtime is closed";

    private static final AtomicInteger OPENED = new AtomicInteger();

    private final List<DeviceSlot> devices;
    private final ManagedBudget budget;
    private final Arena arena = Arena.ofShared();
    private final Reclaimer reclaimer;
    private final BufferMaker maker;
    private final HolderSlots slots = new HolderSlots();
    private final Set<ManagedBuffer> buffers = ConcurrentHashMap.newKeySet();
    private final OpenHolders holders = new OpenHolders(slots, buffers);

    // ORD volatile: each gets a number of its own; pairs with itself.
    private final String name = "highpage-" + OPENED.incrementAndGet();

    private final Background background = new Background(name + " background");
    private final Workers workers = new Workers(name + " async");

    /**
     * Buffers are allocated and closed together; the runtime is closed alone. No lock: nobody waits
     * longer than he wants to.
     */
    private final Turn turn = new Turn();

    private final boolean checked;
    private final SharedCopy copying;
    private final RuntimeView view;
    private final Listing listing;

    private final StateEvents state; // kept here: what tells of it refers to it weakly
    private final EverySecond everySecond;

    /** It is told of if nobody has it any more while it is open. */
    private final RuntimeInWords inWords;

    private final Leaks.Open leak;

    private volatile boolean closed;
    private volatile boolean gone;

    private PageRuntime(
            List<DeviceSlot> devices,
            HostMemory hostMemory,
            BudgetNode budget,
            EvictionPolicy policy,
            boolean checked,
            int threads) {
        this.devices = devices;
        this.checked = checked;
        this.copying = new SharedCopy(threads);
        this.budget = ManagedBudget.root(this, budget);
        this.inWords =
                new RuntimeInWords(name, devices.stream().map(DeviceSlot::name).toList(), budget);
        this.leak = Leaks.of(inWords);
        Counters counters = new Counters();
        this.reclaimer = new Reclaimer(devices, policy, holders, counters);
        this.maker = new BufferMaker(
                this,
                hostMemory,
                new Tiers(name, devices, reclaimer, new MigrationPool(arena, threads), counters));
        this.view = new RuntimeView(name, this, devices, counters, buffers);
        this.listing = new Listing(name, view);
        this.state = new StateEvents(name, devices, budget, buffers, holders);
        this.everySecond = new EverySecond(state);
    }

    /**
     * Opens a runtime on devices, or on the best one found.
     *
     * @param threads how many share a large copy at most; as far as {@link SharedWork#threads()}
     *     allows
     */
    public static Highpage open(
            List<DeviceMemory> memories,
            long deviceMemoryBytes,
            EvictionPolicy policy,
            boolean checked,
            int threads) {
        Versions.check();
        NativeAccess.check();
        HostMemory host = LinuxMemory.INSTANCE;
        if (!memories.isEmpty()) {
            return open(memories, deviceMemoryBytes, host, policy, checked, threads);
        }
        return open(Devices.find().getFirst(), deviceMemoryBytes, policy, checked, threads);
    }

    static Highpage open(
            DeviceInfo found,
            long deviceMemoryBytes,
            EvictionPolicy policy,
            boolean checked,
            int threads) {
        HostMemory host = LinuxMemory.INSTANCE;
        DeviceMemory best = found.open();
        try {
            return open(List.of(best), deviceMemoryBytes, host, policy, checked, threads);
        } catch (RuntimeException | Error failure) { // nobody else has it yet
            Closes.rethrow(Closes.step(failure, best::close));
            throw failure;
        }
    }

    /** As the public one, on other host memory: for tests that make it fail. */
    public static PageRuntime open(
            List<DeviceMemory> memories, long deviceMemoryBytes, HostMemory hostMemory) {
        boolean checked = Checks.isOn();
        int threads = SharedWork.threads();
        return open(memories, deviceMemoryBytes, hostMemory, OWN_POLICY, checked, threads);
    }

    /** What is needed when bytes are on a device already, or where memory is short, comes first. */
    private static void load() {
        RunCopier.fastest();
        Told.load();
        Log.load();
    }

    static PageRuntime open(
            List<DeviceMemory> memories,
            long deviceMemoryBytes,
            HostMemory hostMemory,
            EvictionPolicy policy,
            boolean checked,
            int threads) {
        Objects.requireNonNull(policy, "policy");
        load();
        int sharing = Math.min(threads, SharedWork.threads());
        if (memories.size() > PageWord.DEVICES_MAX) {
            throw new IllegalArgumentException(
                    memories.size() + " devices are more than " + PageWord.DEVICES_MAX);
        }
        BudgetNode budget = BudgetNode.root("runtime", memories.size() + 1);
        List<DeviceSlot> slots = new ArrayList<>();
        for (DeviceMemory memory : memories) {
            String name = memory.name();
            if (slots.stream().anyMatch(slot -> slot.name().equals(memory.name()))) {
                name += "#" + (slots.size() + 1);
            }
            int tier = slots.size() + 1;
            slots.add(new DeviceSlot(tier, name, memory, budget, Linux.basePageBytes()));
            budget.limit(tier, Math.min(deviceMemoryBytes, memory.capacityBytes()));
        }
        PageRuntime runtime =
                new PageRuntime(List.copyOf(slots), hostMemory, budget, policy, checked, sharing);
        runtime.claimDevices();
        runtime.inWords.opened(Watch.openedAndTold(runtime));
        runtime.leak.watch(runtime);
        runtime.listing.begin();
        runtime.everySecond.begin();
        return runtime;
    }

    /** Becomes the owner of all devices, or of none. */
    private void claimDevices() {
        List<DeviceMemory> claimed = new ArrayList<>();
        try {
            for (DeviceSlot device : devices) {
                DeviceOwners.claim(device.memory(), this);
                claimed.add(device.memory());
                if (!device.memory().isOpen()) {
                    throw new IllegalArgumentException("device "
                            + device.memory().name() + " has been closed: open it once more");
                }
            }
        } catch (RuntimeException | Error refused) {
            claimed.forEach(DeviceOwners::release);
            arena.close();
            throw refused;
        }
    }

    /** {@return whether a runtime that is opened now is in the checked mode, if it does not say} */
    public static boolean isCheckedUnlessSaid() {
        return Checks.isOn();
    }

    /** {@return whether it is in the checked mode} */
    boolean isChecked() {
        return checked;
    }

    /** {@return what copies bytes of pages by the CPU, by as many threads as it may take} */
    SharedCopy copying() {
        return copying;
    }

    HolderSlots slots() {
        return slots;
    }

    /** {@return its name, by which threads of it are called too} */
    String name() {
        return name;
    }

    @Override
    public Device device() {
        return devices.getFirst();
    }

    @Override
    public List<Device> devices() {
        return List.copyOf(devices);
    }

    /**
     * {@return the device as this runtime has it}
     *
     * @param whose who was given it, for the message
     */
    DeviceSlot slot(Device device, Object whose) {
        Objects.requireNonNull(device, "device");
        if (!devices.contains(device)) {
            throw new IllegalArgumentException(
                    "device " + device.name() + " belongs to another runtime than " + whose
                            + ", whose runtime has its own " + devices
                            + ": take the device from device() or devices() of the same runtime");
        }
        return (DeviceSlot) device;
    }

    /** {@return whether an address is one that only kernels on a private device can use} */
    boolean isForKernels(long address) {
        return devices.stream().anyMatch(device -> device.isForKernels(address));
    }

    // ---- in the background ----

    /**
     * Keeps so much of each device free or clean from now on.
     *
     * @param low the share of a device's limit below which it begins
     * @param high the share at which it ends
     */
    public void writeBackAhead(double low, double high) {
        background.ask(writeBack(low, high));
    }

    /** {@return what does that, and is to be asked to} */
    Background.Job writeBack(double low, double high) {
        return new WriteBack(reclaimer, devices, budget.node(), low, high);
    }

    /** {@return the threads of asynchronous operations} */
    Workers workers() {
        return workers;
    }

    Background background() {
        return background;
    }

    // ---- budgets ----

    @Override
    public Budget budget() {
        return budget;
    }

    @Override
    public Budget budget(String name, long bytes) {
        return budget.budget(name, bytes);
    }

    @Override
    public BudgetInfo budgets() {
        BudgetInfo own = budget.info();
        Optional<Bound> bound = MemoryLimits.HERE.tightest();
        String name = bound.map(Bound::name).orElse("this machine");
        Share host = bound.map(of -> new BudgetShare(
                        own.host().memory(), of.limit(), Math.max(0, of.limit() - of.free())))
                .orElse(new BudgetShare(
                        own.host().memory(), Long.MAX_VALUE, own.host().usedBytes()));
        List<Share> shares = devices.stream()
                .<Share>map(of ->
                        new BudgetShare(of.name(), of.memory().capacityBytes(), of.usedBytes()))
                .toList();
        return new BudgetSnapshot(name, host, shares, List.of(own));
    }

    /** {@return its buffers, also those whose close has failed half way} */
    List<ManagedBuffer> unfinished() {
        return List.copyOf(buffers);
    }

    /** {@return what is open in a budget, for the message that it cannot close} */
    String inWords(BudgetNode of) {
        String groups = of.groups().stream()
                .limit(OpenHolders.NAMED_MAX)
                .map(group -> "budget " + group)
                .collect(Collectors.joining("; "));
        String in = buffers.stream()
                .filter(buffer -> buffer.account().budget() == of)
                .limit(OpenHolders.NAMED_MAX)
                .map(ManagedBuffer::toString)
                .collect(Collectors.joining("; "));
        return "open in it: " + groups + (groups.isEmpty() || in.isEmpty() ? "" : "; ") + in;
    }

    // ---- buffers ----

    @Override
    public PageBuffer allocate(long byteSize) {
        return allocate(byteSize, Allocation.defaults());
    }

    @Override
    public PageBuffer allocate(long byteSize, long pageBytes) {
        return allocate(budget.node(), byteSize, BufferMaker.pages(pageBytes));
    }

    @Override
    public PageBuffer allocate(long byteSize, Allocation how) {
        return allocate(budget.node(), byteSize, how);
    }

    /** Allocates a buffer that is charged to a budget. */
    PageBuffer allocate(BudgetNode charged, long byteSize, Allocation how) {
        return allocate(charged, byteSize, BufferMaker.sizes(byteSize, how));
    }

    /** As the public one, with spans of any size: for tests. */
    PageBuffer allocate(long byteSize, PageSizes sizes) {
        return allocate(budget.node(), byteSize, sizes);
    }

    PageBuffer allocate(BudgetNode charged, long byteSize, PageSizes sizes) {
        Told.look();
        BufferAllocationEvent event = BufferAllocationEvent.begun();
        StackRoom.checkLong();
        HeapRoom.check();
        BufferMaker.check(byteSize, sizes);
        checkOpen();
        if (!turn.tryTogether(Turn.atMost(Seal.WAIT_NANOS))) {
            throw new IllegalStateException("the runtime is being closed by another thread");
        }
        try {
            checkOpen();
            ManagedBuffer buffer = maker.make(charged, byteSize, sizes);
            buffers.add(buffer);
            inWords.add(buffer.pages().table());
            Watch.opened(buffer);
            if (event != null) {
                buffer.tell(event);
            }
            return buffer;
        } finally {
            turn.leave();
        }
    }

    @Override
    public List<PageBuffer> buffers() {
        return buffers.stream()
                .filter(PageBuffer::isOpen)
                .map(PageBuffer.class::cast)
                .toList();
    }

    @Override
    public List<HolderInfo> holders() {
        return holders.all();
    }

    @Override
    public List<HolderInfo> pins() {
        return holders.pins();
    }

    @Override
    public long pageLockedBytes() {
        return buffers.stream()
                .mapToLong(buffer -> buffer.pins().pageLockedBytes())
                .sum();
    }

    @Override
    public RuntimeStatistics statistics() {
        return view.statistics();
    }

    long budgetRefusals() {
        return budget.node().refusals();
    }

    // ---- the end ----

    boolean isClosed() {
        return closed;
    }

    void checkOpen() {
        if (closed) {
            throw closed(CLOSED);
        }
    }

    private static IllegalStateException closed(String what) {
        return new IllegalStateException(what);
    }

    /**
     * Ends asynchronous operations before what they are operations on closes, and gives back what
     * nobody has taken of their futures; not if somebody has a holder, since the close will then be
     * refused. No turn is taken yet: stages of a future are code of the program.
     *
     * @param open counts the holders, those of futures too; not asked where there are no futures
     */
    private void endFutures(
            Predicate<Object> which, LongSupplier open, String closed, BooleanSupplier waits) {
        if (workers.hasOpen() && open.getAsLong() <= workers.untaken(which)) {
            boolean ignored = workers.end(which, () -> closed(closed), waits);
        }
    }

    void close(ManagedBuffer buffer) {
        if (buffer.isGone()) {
            return;
        }
        BufferCloseEvent event = BufferCloseEvent.begun();
        StackRoom.checkLong();
        BooleanSupplier waits = Turn.atMost(Seal.WAIT_NANOS);
        endFutures(of -> of == buffer, () -> holders.countOf(buffer), buffer + " is closed", waits);
        if (!turn.tryTogether(waits)) {
            throw new IllegalStateException(
                    buffer + " cannot close: another thread is closing the runtime");
        }
        try {
            if (!buffer.closing().tryAlone(waits)) {
                throw new IllegalStateException(
                        buffer + " cannot close: another thread is closing it");
            }
            try {
                sealAndDispose(buffer, waits, event);
            } finally {
                buffer.closing().leave();
            }
        } finally {
            turn.leave();
        }
    }

    private void sealAndDispose(
            ManagedBuffer buffer, BooleanSupplier waits, @Nullable BufferCloseEvent event) {
        if (buffer.isGone()) {
            return;
        }
        if (!buffer.trySeal(waits)) {
            throw new IllegalStateException(
                    buffer + " cannot close: " + holders.inTheWayOf(buffer));
        }
        try {
            buffer.dispose(event);
        } finally {
            forget(buffer);
        }
    }

    private void forget(ManagedBuffer buffer) {
        if (buffer.isGone()) {
            buffers.remove(buffer);
            inWords.remove(buffer.pages().table());
        }
    }

    @Override
    public void close() {
        if (gone) {
            return;
        }
        StackRoom.checkLong();
        BooleanSupplier waits = Turn.atMost(Seal.WAIT_NANOS);
        endFutures(of -> true, () -> holders.all().size(), CLOSED, waits);
        if (!turn.tryAlone(waits)) {
            throw new IllegalStateException(
                    "the runtime cannot close: another thread is allocating or closing a buffer of"
                            + " it, or is closing it too");
        }
        try {
            if (!closed) {
                sealAll(waits);
                leak.close();
                Watch.closed(this);
                listing.end();
                everySecond.end();
            }
            // Every page is closed: it has none on the way, and finds none any more.
            background.end(Turn.atMost(Seal.WAIT_NANOS));
            workers.close(() -> closed(CLOSED), Turn.atMost(Seal.WAIT_NANOS));
            disposeAll();
        } finally {
            turn.leave();
        }
    }

    /** Closes every page of every buffer for good; or of none, and then the runtime stays open. */
    private void sealAll(BooleanSupplier waits) {
        List<ManagedBuffer> all = new ArrayList<>(buffers);
        int sealed = 0;
        try {
            for (; sealed < all.size(); sealed++) {
                if (!all.get(sealed).trySeal(waits)) {
                    throw new IllegalStateException("the runtime cannot close: " + all.get(sealed)
                            + ": " + holders.inTheWayOfAny());
                }
            }
        } catch (RuntimeException | Error failure) {
            while (--sealed >= 0) {
                all.get(sealed).unseal();
            }
            throw failure;
        }
        // Before anything that may fail, and without objects: sealed they are neither open nor
        // closed.
        closed = true;
        for (int i = 0; i < all.size(); i++) {
            all.get(i).pages().markClosed();
        }
    }

    /**
     * Gives everything back as far as the drivers let it, then tells all that did not. Goes on
     * where it stopped: what has been given back is not asked for again.
     */
    private void disposeAll() {
        Throwable failed = null;
        boolean offDevices = true;
        for (ManagedBuffer buffer : buffers) {
            failed = Closes.step(failed, () -> buffer.dispose(BufferCloseEvent.begun()));
            offDevices &= buffer.pages().isOffDevices();
            forget(buffer);
        }
        if (offDevices) {
            for (DeviceSlot device : devices) {
                try {
                    failed = Closes.first(failed, device.close());
                } catch (Throwable failure) {
                    failed = Closes.first(failed, failure);
                }
            }
        }
        if (buffers.isEmpty() && devices.stream().allMatch(DeviceSlot::isGone)) {
            if (arena.scope().isAlive()) {
                arena.close();
            }
            gone = true;
        }
        Closes.rethrow(failed);
    }

    @Override
    public String toString() {
        return "runtime on " + devices + (closed ? ", closed" : "");
    }
}
