// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceMemory;
import io.highpage.device.DeviceView;
import io.highpage.device.Devices;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;
import io.highpage.internal.opencl.BufferExtent;
import io.highpage.internal.opencl.Cl;
import io.highpage.internal.opencl.ClContext;
import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.internal.opencl.CoarseGrainedExtent;
import io.highpage.internal.opencl.FineGrainedExtent;
import io.highpage.opencl.OpenClDevice;
import io.highpage.outcome.AccessMode;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * Question: what does moving one page to a device and home consist of? Not JMH: every step of one
 * move is timed. The device's copies and every call of its driver are marks; a part is what lies
 * between two of them.
 *
 * <p>Hypothesis: what is the library's own, all but the driver's calls and the copy, is at most 1
 * µs each way. Refuted by more.
 */
public final class CopyParts {
    private static final long PAGE_BYTES = 4096;
    private static final int MARKS = 64;

    private static final String ALL = "in all";

    /** The parts that begin with no call of the driver. */
    private static final Set<String> OWN = Set.of("claim", "copy", "publish", "close");

    /** What a part is called that begins with one. */
    private static final Map<String, String> CALLS = Map.of(
            "clWaitForEvents", "wait",
            "clGetEventInfo", "status",
            "clReleaseEvent", "release",
            "clFinish", "finish",
            "clFlush", "flush");

    private final String[] names = new String[MARKS];
    private final long[] times = new long[MARKS];
    private final long sleepNanos;
    private int marks;

    private CopyParts(long sleepNanos) {
        this.sleepNanos = sleepNanos;
    }

    /**
     * {@return a quantity for each way, in nanoseconds: the median of all, with those of the parts
     * in its note; and one for what of both is not between a call of the driver and the next mark}
     *
     * @param device as {@code highpage devices} names it; there is one
     * @param sleepNanos for how long the thread sleeps in each copy, as it does in one that a
     *     thread of the driver's makes; 0 for not at all
     * @param trips how many round trips
     * @param millis how long others are made before them: what the compiler has not seen takes ten
     *     times as long
     */
    public static List<Quantity> measure(String device, long sleepNanos, int trips, long millis) {
        CopyParts parts = new CopyParts(sleepNanos);
        String name = device.replaceFirst(":.*", "") + (sleepNanos > 0 ? "-asleep" : "");
        try (Highpage hp = Highpage.builder().device(parts.open(device)).open();
                PageBuffer buffer = Buffers.atHome(hp, PAGE_BYTES, PAGE_BYTES)) {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            while (System.nanoTime() - end < 0) {
                parts.measured(hp, buffer, "", 100);
            }
            return parts.measured(hp, buffer, name, trips);
        }
    }

    private DeviceMemory open(String name) {
        DeviceMemory device = Devices.named(name).open();
        if (!(device instanceof OpenClDevice found)) {
            return new Marked(device, device::allocate);
        }
        Cl cl = Cl.open(this::call);
        ClDeviceFacts facts = ClDeviceFacts.of(cl, found.nativeDevice());
        ClContext context = ClContext.open(name, cl, facts);
        Marked marked = new Marked(found, bytes -> switch (found.mode()) {
            case FINE_GRAINED_SVM -> FineGrainedExtent.allocate(context, bytes);
            case COARSE_GRAINED_SVM -> CoarseGrainedExtent.allocate(context, bytes);
            case BUFFER -> BufferExtent.allocate(context, bytes, facts.subBufferAlignment());
        });
        marked.finish = context::finish;
        marked.end = context::close;
        return marked;
    }

    private int call(String name) {
        mark(CALLS.getOrDefault(name, name.startsWith("clEnqueue") ? "enqueue" : name));
        return 0; // it does not fail
    }

    private void mark(String name) {
        if (marks < MARKS) {
            names[marks] = name;
            times[marks++] = System.nanoTime();
        }
    }

    private List<Quantity> measured(Highpage hp, PageBuffer buffer, String device, int trips) {
        Map<String, long[]> access = new LinkedHashMap<>();
        Map<String, long[]> pin = new LinkedHashMap<>();
        for (int trip = 0; trip < trips; trip++) {
            begin();
            var opened = buffer.access(hp.device(), AccessMode.READ_WRITE);
            mark("close");
            opened.close();
            end(access, trip, trips);
            begin();
            var pinned = buffer.pin(Pin.longTerm());
            mark("close");
            pinned.close();
            end(pin, trip, trips);
        }
        double own = own(access) + own(pin);
        return List.of(
                quantity("parts." + device + ".access", access),
                quantity("parts." + device + ".pin", pin),
                new Quantity(
                        "parts." + device + ".own",
                        own,
                        "ns of a round trip",
                        Numbers.time(own) + " of "
                                + Numbers.time(median(access.get(ALL)) + median(pin.get(ALL)))));
    }

    private void begin() {
        marks = 0;
        mark("claim");
    }

    private void end(Map<String, long[]> parts, int trip, int trips) {
        long now = System.nanoTime();
        for (int i = 0; i < marks; i++) {
            parts.computeIfAbsent(names[i], none -> new long[trips])[trip] +=
                    (i + 1 < marks ? times[i + 1] : now) - times[i];
        }
        parts.computeIfAbsent(ALL, none -> new long[trips])[trip] = now - times[0];
    }

    private static Quantity quantity(String name, Map<String, long[]> parts) {
        String note = parts.entrySet().stream()
                .map(part -> part.getKey() + " " + Numbers.time(median(part.getValue())))
                .collect(Collectors.joining(", "));
        return new Quantity(name, median(parts.get(ALL)), "ns, median", note);
    }

    private static double own(Map<String, long[]> parts) {
        return parts.entrySet().stream()
                .filter(part -> OWN.contains(part.getKey()))
                .mapToDouble(part -> median(part.getValue()))
                .sum();
    }

    private static double median(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** Makes the memory of a device. */
    private interface Allocation {
        Extent allocate(long byteSize);
    }

    /** A device whose copies are marked. */
    private final class Marked implements DeviceMemory {
        private final DeviceMemory device;
        private final Allocation allocation;
        private Runnable finish;
        private Runnable end = () -> {};

        private Marked(DeviceMemory device, Allocation allocation) {
            this.device = device;
            this.allocation = allocation;
            finish = device::quiesce;
        }

        @Override
        public String name() {
            return device.name();
        }

        @Override
        public String description() {
            return device.description();
        }

        @Override
        public DeviceKind kind() {
            return device.kind();
        }

        @Override
        public long capacityBytes() {
            return device.capacityBytes();
        }

        @Override
        public long maxExtentBytes() {
            return device.maxExtentBytes();
        }

        @Override
        public boolean windowsShareExtents() {
            return device.windowsShareExtents();
        }

        @Override
        public Extent allocate(long byteSize) {
            return new MarkedExtent(allocation.allocate(byteSize));
        }

        @Override
        public void quiesce() {
            finish.run();
        }

        @Override
        public void close() {
            end.run();
            device.close();
        }
    }

    /** Memory whose copies are marked. */
    private final class MarkedExtent implements Extent {
        private final Extent extent;

        private MarkedExtent(Extent extent) {
            this.extent = extent;
        }

        @Override
        public long byteSize() {
            return extent.byteSize();
        }

        @Override
        public long address() {
            return extent.address();
        }

        @Override
        public DeviceView view(long offset, long byteSize) {
            return extent.view(offset, byteSize);
        }

        @Override
        public void copyIn(long base, MemorySegment window, PageRuns runs) {
            mark("copy");
            extent.copyIn(base, window, runs);
            sleep();
            mark("publish");
        }

        @Override
        public void copyOut(long base, MemorySegment window, PageRuns runs) {
            mark("copy");
            extent.copyOut(base, window, runs);
            sleep();
            mark("publish");
        }

        private void sleep() {
            if (sleepNanos > 0) {
                mark("sleep");
                LockSupport.parkNanos(sleepNanos);
            }
        }

        @Override
        public void zero(long base, PageRuns runs) {
            extent.zero(base, runs);
        }

        @Override
        public void free() {
            extent.free();
        }
    }
}
