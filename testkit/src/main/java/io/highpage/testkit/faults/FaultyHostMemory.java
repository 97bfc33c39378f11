// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit.faults;

import io.highpage.device.PageRuns;
import io.highpage.internal.os.HostMemory;
import io.highpage.internal.os.LinuxMemory;
import io.highpage.outcome.Verification;
import io.highpage.testkit.faults.Faults.Action;
import io.highpage.testkit.faults.Faults.Call;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Host memory whose calls can be made to fail and to take long; counts what is mapped. */
public final class FaultyHostMemory implements HostMemory {
    private final HostMemory inner = LinuxMemory.INSTANCE;
    private final Faults faults;
    private final Map<Long, Long> mapped = new ConcurrentHashMap<>();

    public FaultyHostMemory(Faults faults) {
        this.faults = faults;
    }

    /** {@return the number of mappings that have not been given back} */
    public int openMappings() {
        return mapped.size();
    }

    @Override
    public MemorySegment map(long byteSize, long alignment, boolean hugePages) {
        faults.before(Call.MAP, this);
        MemorySegment memory = inner.map(byteSize, alignment, hugePages);
        mapped.put(memory.address(), memory.byteSize());
        return memory;
    }

    @Override
    public void unmap(MemorySegment memory) {
        faults.before(Call.UNMAP, this);
        Long byteSize = mapped.remove(memory.address());
        if (byteSize == null || byteSize != memory.byteSize()) {
            throw new AssertionError(
                    "what is unmapped was not mapped so: " + memory + ", mapped: " + byteSize);
        }
        inner.unmap(memory);
    }

    @Override
    public void commit(MemorySegment window, PageRuns runs) {
        Action done = faults.before(Call.COMMIT, this);
        inner.commit(window, runs);
        done.afterwards(Call.COMMIT);
    }

    @Override
    public boolean discard(MemorySegment window, PageRuns runs) {
        Action done = faults.before(Call.DISCARD, this);
        boolean given = inner.discard(window, runs);
        done.afterwards(Call.DISCARD);
        return given;
    }

    @Override
    public void checkLockable(long byteSize) {
        inner.checkLockable(byteSize);
    }

    @Override
    public void lock(MemorySegment memory) {
        faults.before(Call.LOCK, this);
        inner.lock(memory);
    }

    @Override
    public void unlock(MemorySegment memory) {
        faults.before(Call.UNLOCK, this);
        inner.unlock(memory);
    }

    @Override
    public Verification verifyLocked(MemorySegment memory) {
        return inner.verifyLocked(memory);
    }
}
