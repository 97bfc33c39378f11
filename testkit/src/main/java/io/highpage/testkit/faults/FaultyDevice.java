// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit.faults;

import io.highpage.device.DeviceMemory;
import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;
import io.highpage.testkit.faults.Faults.Action;
import io.highpage.testkit.faults.Faults.Call;

import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A device whose calls can be made to fail, to take long and to lie, around any other. A copy that
 * fails has scribbled over its target first, as a real one may. Counts what is open and how often
 * each driver call was made.
 */
public final class FaultyDevice extends ForwardingDevice {
    private final Faults faults;
    private final Set<Extent> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong copiedRuns = new AtomicLong();
    private final AtomicLong copyCalls = new AtomicLong();
    private volatile boolean closed;

    public FaultyDevice(DeviceMemory inner, Faults faults) {
        super(inner);
        this.faults = faults;
    }

    /** {@return the number of extents that have not been freed} */
    public int openExtents() {
        return open.size();
    }

    /** {@return the runs that were copied in or out so far} */
    public long copiedRuns() {
        return copiedRuns.get();
    }

    /** {@return the copy calls that were made so far} */
    public long copyCalls() {
        return copyCalls.get();
    }

    public boolean isClosed() {
        return closed;
    }

    @Override
    public String description() {
        return super.description() + ", with faults";
    }

    @Override
    public Extent allocate(long byteSize) {
        faults.before(Call.ALLOCATE, FaultyDevice.this);
        FaultyExtent extent = new FaultyExtent(super.allocate(byteSize));
        open.add(extent);
        return extent;
    }

    @Override
    public void quiesce() {
        Action done = faults.before(Call.QUIESCE, FaultyDevice.this);
        super.quiesce();
        done.afterwards(Call.QUIESCE);
    }

    @Override
    public void close() {
        closed = true;
        super.close();
    }

    private final class FaultyExtent extends ForwardingExtent {
        FaultyExtent(Extent inner) {
            super(inner);
        }

        @Override
        public DeviceView view(long offset, long byteSize) {
            faults.before(Call.VIEW, FaultyDevice.this);
            DeviceView view = super.view(offset, byteSize);
            return view.releasedBy(() -> {
                view.release().run(); // one that fails counts as one that was made
                faults.before(Call.RELEASE, FaultyDevice.this);
            });
        }

        @Override
        public void copyIn(long base, MemorySegment window, PageRuns runs) {
            Action done;
            try {
                done = faults.before(Call.COPY_IN, FaultyDevice.this);
            } catch (RuntimeException failure) {
                super.zero(base, runs);
                throw failure;
            }
            count(runs);
            super.copyIn(base, window, runs);
            done.afterwards(Call.COPY_IN);
        }

        @Override
        public void copyOut(long base, MemorySegment window, PageRuns runs) {
            Action done;
            try {
                done = faults.before(Call.COPY_OUT, FaultyDevice.this);
            } catch (RuntimeException failure) {
                for (int run = 0; run < runs.count(); run++) {
                    window.asSlice(runs.offset(run), runs.bytes(run)).fill((byte) 0xEE);
                }
                throw failure;
            }
            count(runs);
            super.copyOut(base, window, runs);
            done.afterwards(Call.COPY_OUT);
        }

        private void count(PageRuns runs) {
            copyCalls.incrementAndGet();
            copiedRuns.addAndGet(runs.count());
        }

        @Override
        public void zero(long base, PageRuns runs) {
            Action done = faults.before(Call.ZERO, FaultyDevice.this);
            super.zero(base, runs);
            done.afterwards(Call.ZERO);
        }

        @Override
        public void free() {
            if (!open.remove(this)) {
                throw new AssertionError("an extent was freed twice");
            }
            super.free(); // a free that fails counts as one that was made
            try {
                faults.before(Call.FREE, FaultyDevice.this);
            } catch (Error failure) {
                open.add(this); // and is asked for again after an Error
                throw failure;
            }
        }
    }
}
