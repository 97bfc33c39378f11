// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import io.highpage.device.PageRuns;
import io.highpage.outcome.Verification;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Host memory in a container that is what a test says, out of files as the kernel has them; what it
 * lets through is real memory.
 */
public final class ContainerMemory implements HostMemory {
    private final HostMemory inner = LinuxMemory.INSTANCE;
    private final Path group;
    private final MemoryLimits limits;
    private long used;
    private long usedWithEach; // by others, for each byte that is committed

    /** A container with a limit, nothing of which is used. */
    public ContainerMemory(Path root, long limit) {
        this.group = root.resolve("sys/fs/cgroup");
        write(root.resolve("proc/meminfo"), "MemTotal: 999999999 kB\nMemAvailable: 999999999 kB\n");
        write(root.resolve("proc/self/cgroup"), "0::/\n");
        write(
                root.resolve("proc/self/mountinfo"),
                "30 25 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n");
        write(group.resolve("memory.max"), limit + "\n");
        this.limits = new MemoryLimits(root);
        use(0);
    }

    /** Others take or give back memory of the container. */
    public void use(long bytes) {
        used += bytes;
        write(group.resolve("memory.current"), used + "\n");
    }

    /** Others take so much from now on for each byte that is committed. */
    public void pressure(long bytesForEach) {
        usedWithEach = bytesForEach;
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void commit(MemorySegment window, PageRuns runs) {
        new Commits(limits).begin(runs.totalBytes()); // looks each time: what is found is not kept
        inner.commit(window, runs);
        use(runs.totalBytes() * (1 + usedWithEach));
    }

    @Override
    public boolean discard(MemorySegment window, PageRuns runs) {
        boolean given = inner.discard(window, runs);
        use(given ? -runs.totalBytes() : 0);
        return given;
    }

    @Override
    public MemorySegment map(long byteSize, long alignment, boolean hugePages) {
        return inner.map(byteSize, alignment, hugePages);
    }

    @Override
    public void unmap(MemorySegment memory) {
        inner.unmap(memory);
    }

    @Override
    public void checkLockable(long byteSize) {
        inner.checkLockable(byteSize);
    }

    @Override
    public void lock(MemorySegment memory) {
        inner.lock(memory);
    }

    @Override
    public void unlock(MemorySegment memory) {
        inner.unlock(memory);
    }

    @Override
    public Verification verifyLocked(MemorySegment memory) {
        return inner.verifyLocked(memory);
    }
}
