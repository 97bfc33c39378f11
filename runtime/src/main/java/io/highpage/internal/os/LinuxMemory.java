// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import static io.highpage.bindings.linux.linux_h.EINVAL;
import static io.highpage.bindings.linux.linux_h.MADV_DONTFORK;
import static io.highpage.bindings.linux.linux_h.MADV_HUGEPAGE;
import static io.highpage.bindings.linux.linux_h.MADV_POPULATE_WRITE;
import static io.highpage.bindings.linux.linux_h.MAP_ANONYMOUS;
import static io.highpage.bindings.linux.linux_h.MAP_NORESERVE;
import static io.highpage.bindings.linux.linux_h.MAP_PRIVATE;
import static io.highpage.bindings.linux.linux_h.MAP_SHARED;
import static io.highpage.bindings.linux.linux_h.PROT_READ;
import static io.highpage.bindings.linux.linux_h.PROT_WRITE;
import static java.nio.charset.StandardCharsets.ISO_8859_1; // file names in /proc may be anything

import io.highpage.OutOfPageMemoryException;
import io.highpage.Verification;
import io.highpage.Verification.Verdict;
import io.highpage.device.PageRuns;
import io.highpage.internal.memory.HostMemory;
import io.highpage.internal.os.Linux.CallFailed;
import io.highpage.internal.work.SharedWork;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Host memory from the Linux kernel. Thread-safe. */
public final class LinuxMemory implements HostMemory {
    public static final LinuxMemory INSTANCE = new LinuxMemory();

    private static final System.Logger LOG = System.getLogger(LinuxMemory.class.getName());

    /** What one thread commits at a time: two huge pages, a fraction of a millisecond. */
    private static final long COMMIT_PART_BYTES = 4L << 20;

    /**
     * Page-locked in one call. The kernel keeps the lock of the process's address space for as long as a call takes, so that
     * other threads cannot map memory or grow a heap meanwhile; 32 MiB at a time it is let go often enough, and costs no more.
     */
    private static final long LOCK_CHUNK_BYTES = 32L << 20;

    private LinuxMemory() {}

    @Override
    public MemorySegment map(long byteSize, long alignment, boolean hugePages) {
        long slack = alignment > Linux.basePageBytes() ? alignment : 0;
        MemorySegment all;
        try {
            all = Linux.mmap(
                    byteSize + slack,
                    PROT_READ() | PROT_WRITE(),
                    MAP_PRIVATE() | MAP_ANONYMOUS() | MAP_NORESERVE(),
                    -1);
        } catch (CallFailed failed) {
            throw new OutOfPageMemoryException(
                    "no host address space for " + byteSize + " bytes: " + failed.getMessage()
                            + "; see 'ulimit -v' and /proc/sys/vm/overcommit_memory",
                    false,
                    byteSize,
                    failed);
        }
        MemorySegment memory = trim(all, byteSize, Math.max(alignment, Linux.basePageBytes()));
        // A forked child must not share a window copy-on-write: the first writer would get another frame.
        advise(memory, MADV_DONTFORK());
        if (hugePages) {
            advise(memory, MADV_HUGEPAGE());
        }
        return memory;
    }

    /** Gives back what is not needed before and after; only whole base pages can be. */
    private static MemorySegment trim(MemorySegment all, long byteSize, long alignment) {
        long head = Math.floorMod(-all.address(), alignment);
        if (head > 0) {
            unmapQuietly(all.asSlice(0, head));
        }
        long end = head + Math.ceilDiv(byteSize, Linux.basePageBytes()) * Linux.basePageBytes();
        if (end < all.byteSize()) {
            unmapQuietly(all.asSlice(end));
        }
        return all.asSlice(head, byteSize);
    }

    /** Advice is only that: a kernel without it serves smaller pages, or copies on fork. */
    private static void advise(MemorySegment memory, int advice) {
        try {
            Linux.madvise(memory, advice);
        } catch (CallFailed failed) {
            LOG.log(System.Logger.Level.DEBUG, failed.getMessage());
        }
    }

    @Override
    public void unmap(MemorySegment memory) {
        unmapQuietly(memory);
    }

    private static void unmapQuietly(MemorySegment memory) {
        try {
            Linux.munmap(memory);
        } catch (CallFailed failed) {
            // Only a wrong range can fail, or a split of mappings beyond vm.max_map_count: the memory stays mapped.
            LOG.log(System.Logger.Level.WARNING, failed.getMessage());
        }
    }

    @Override
    public void commit(MemorySegment window, PageRuns runs) {
        for (int run = 0; run < runs.count(); run++) {
            long start = runs.offset(run);
            long bytes = runs.bytes(run);
            SharedWork.forEachPart(
                    bytes, COMMIT_PART_BYTES, (from, length) -> commit(window.asSlice(start + from, length)));
        }
    }

    private static void commit(MemorySegment memory) {
        try {
            Linux.madvise(memory, MADV_POPULATE_WRITE());
        } catch (CallFailed failed) {
            if (failed.errno() == EINVAL()) { // before Linux 5.14
                touch(memory);
                return;
            }
            throw new OutOfPageMemoryException(
                    "no host memory for " + memory.byteSize() + " bytes: " + failed.getMessage(),
                    false,
                    memory.byteSize(),
                    failed);
        }
    }

    private static void touch(MemorySegment memory) {
        for (long offset = 0; offset < memory.byteSize(); offset += Linux.basePageBytes()) {
            memory.set(ValueLayout.JAVA_BYTE, offset, memory.get(ValueLayout.JAVA_BYTE, offset));
        }
    }

    @Override
    public void checkLockable(long byteSize) {
        Memlock.read().obstacle(byteSize).ifPresent(why -> {
            throw new OutOfPageMemoryException(
                    "cannot page-lock " + byteSize + " bytes: " + why, false, byteSize, null);
        });
    }

    @Override
    public void lock(MemorySegment memory) {
        for (long at = 0; at < memory.byteSize(); at += LOCK_CHUNK_BYTES) {
            long bytes = Math.min(LOCK_CHUNK_BYTES, memory.byteSize() - at);
            try {
                Linux.mlock(memory.asSlice(at, bytes));
            } catch (CallFailed failed) {
                unlock(memory.asSlice(0, at + bytes)); // of the chunk that failed a part may be locked too
                throw new OutOfPageMemoryException(
                        "cannot page-lock " + memory.byteSize() + " bytes: " + failed.getMessage() + "; "
                                + Memlock.read().explain(failed.errno(), memory.byteSize()),
                        false,
                        memory.byteSize(),
                        failed);
            }
        }
    }

    /** {@return a size of /proc/self/status in bytes, 0 if it is not there} */
    public static long statusBytes(String key) {
        return status(key)
                .map(value -> Long.parseLong(value.replaceAll("\\D", "")) * 1024)
                .orElse(0L);
    }

    /** {@return a value of /proc/self/status, if it is there} */
    static Optional<String> status(String key) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"), ISO_8859_1)) {
            return lines.filter(line -> line.startsWith(key))
                    .findFirst()
                    .map(line -> line.substring(key.length()).strip());
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    @Override
    public void unlock(MemorySegment memory) {
        try {
            Linux.munlock(memory);
        } catch (CallFailed failed) {
            LOG.log(System.Logger.Level.WARNING, failed.getMessage());
        }
    }

    @Override
    public Verification verifyLocked(MemorySegment memory) {
        long all = statusBytes("VmLck:");
        return SmapsReader.verifyLocked(memory.address(), memory.byteSize())
                .and(new Verification(
                        all >= memory.byteSize() ? Verdict.CONFIRMED : Verdict.REFUTED,
                        "/proc/self/status: VmLck is " + all + " bytes"));
    }

    /**
     * {@return memory that only this library's own code is to touch, and an address that looks like it}
     *
     * @param byteSize number of bytes
     */
    public MemorySegment mapDecoy(long byteSize) {
        int fd = -1;
        try {
            fd = Linux.memfd("highpage-private");
            return Linux.mmap(byteSize, PROT_READ() | PROT_WRITE(), MAP_SHARED() | MAP_NORESERVE(), fd);
        } catch (CallFailed failed) {
            throw new OutOfPageMemoryException(
                    "no address space for " + byteSize + " bytes of private device memory: " + failed.getMessage(),
                    true,
                    byteSize,
                    failed);
        } finally {
            if (fd >= 0) {
                Linux.close(fd);
            }
        }
    }
}
