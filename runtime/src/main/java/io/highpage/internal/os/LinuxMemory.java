// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import static io.highpage.bindings.linux.linux_h.EINVAL;
import static io.highpage.bindings.linux.linux_h.EMFILE;
import static io.highpage.bindings.linux.linux_h.ENOMEM;
import static io.highpage.bindings.linux.linux_h.MADV_DONTFORK;
import static io.highpage.bindings.linux.linux_h.MADV_DONTNEED;
import static io.highpage.bindings.linux.linux_h.MADV_HUGEPAGE;
import static io.highpage.bindings.linux.linux_h.MADV_NOHUGEPAGE;
import static io.highpage.bindings.linux.linux_h.MADV_POPULATE_WRITE;
import static io.highpage.bindings.linux.linux_h.MAP_ANONYMOUS;
import static io.highpage.bindings.linux.linux_h.MAP_NORESERVE;
import static io.highpage.bindings.linux.linux_h.MAP_PRIVATE;
import static io.highpage.bindings.linux.linux_h.MAP_SHARED;
import static io.highpage.bindings.linux.linux_h.PROT_READ;
import static io.highpage.bindings.linux.linux_h.PROT_WRITE;

import io.highpage.device.PageRuns;
import io.highpage.internal.log.Log;
import io.highpage.internal.os.Linux.CallFailed;
import io.highpage.internal.work.Sharing;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.Verification;
import io.highpage.outcome.Verification.Verdict;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Host memory from the Linux kernel. Thread-safe. */
public final class LinuxMemory implements HostMemory {
    public static final LinuxMemory INSTANCE = new LinuxMemory();

    private static final VarHandle WORD = ValueLayout.JAVA_INT.varHandle();

    private static final long HUGE_PAGE_BYTES = ProcFile.read(
                    Path.of("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size"))
            .map(Long::parseLong)
            .orElse(USUAL_HUGE_PAGE_BYTES);

    /**
     * What one thread commits at a time: two huge pages of the usual size, a fraction of a
     * millisecond.
     */
    private static final long COMMIT_PART_BYTES = Math.max(4L << 20, HUGE_PAGE_BYTES);

    private static final Sharing POPULATING = new Sharing();

    /**
     * Page-locked in one call. The kernel keeps the lock of the process's address space for as long
     * as a call takes, so that other threads cannot map memory or grow a heap meanwhile; 32 MiB at
     * a time it is let go often enough, and costs no more.
     */
    private static final long LOCK_CHUNK_BYTES = 32L << 20;

    /** What a process can have mapped on x86-64, and about as much elsewhere. */
    private static final long ADDRESSES_BYTES = 1L << 47;

    /** Unmapped for the program, but still mappings: the kernel had no room to split one. */
    private static final Queue<MemorySegment> UNMAPPABLE = new ConcurrentLinkedQueue<>();

    private LinuxMemory() {}

    @Override
    public long hugePageBytes() {
        return HUGE_PAGE_BYTES;
    }

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
            throw unmapped(byteSize, failed);
        }
        try {
            // A forked child must not share a window copy-on-write: the first writer would get
            // another frame.
            Linux.madvise(all, MADV_DONTFORK());
            advise(all, hugePages ? MADV_HUGEPAGE() : MADV_NOHUGEPAGE());
        } catch (CallFailed failed) {
            unmap(all);
            throw unmapped(byteSize, failed);
        } catch (RuntimeException | Error failure) { // no room for an object or a call
            unmap(all);
            throw failure;
        }
        return trim(all, byteSize, Math.max(alignment, Linux.basePageBytes()));
    }

    private static OutOfPageMemoryException unmapped(long byteSize, CallFailed failed) {
        return new OutOfPageMemoryException(
                "no host address space for " + byteSize + " bytes: " + failed.getMessage() + "; "
                        + Mappings.full()
                                .orElse(
                                        byteSize >= ADDRESSES_BYTES / 2
                                                ? "a process has some " + ADDRESSES_BYTES
                                                        + " bytes of addresses for all that it"
                                                        + " maps; take smaller buffers"
                                                : "see 'ulimit -v' and"
                                                        + " /proc/sys/vm/overcommit_memory"),
                false,
                byteSize,
                failed);
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

    /** Advice is only that: a kernel without it serves smaller pages. */
    private static void advise(MemorySegment memory, int advice) {
        try {
            Linux.madvise(memory, advice);
        } catch (CallFailed failed) {
            Log.debug(LinuxMemory.class, failed.getMessage());
        }
    }

    @Override
    public void unmap(MemorySegment memory) {
        unmapQuietly(memory);
    }

    private static void unmapQuietly(MemorySegment memory) {
        if (!tryUnmap(memory)) {
            return;
        }
        for (MemorySegment left = UNMAPPABLE.poll();
                left != null && tryUnmap(left);
                left = UNMAPPABLE.poll()) {}
    }

    /**
     * Neighbouring windows are one mapping to the kernel, and one that has as many as it allows
     * splits none. Then the memory is given back at least, and the addresses when there is room
     * again.
     */
    private static boolean tryUnmap(MemorySegment memory) {
        try {
            Linux.munmap(memory);
            return true;
        } catch (CallFailed failed) {
            if (failed.errno() != ENOMEM()) { // another try would not help
                Log.warn(LinuxMemory.class, failed.getMessage());
                return true;
            }
            advise(memory, MADV_DONTNEED());
            if (UNMAPPABLE.isEmpty()) { // not once for each of thousands
                Log.warn(
                        LinuxMemory.class,
                        failed.getMessage()
                                + ": the memory has been given back, its addresses will be later"
                                + Mappings.full().map(why -> "; " + why).orElse(""));
            }
            UNMAPPABLE.add(memory);
            return false;
        }
    }

    @Override
    public void commit(MemorySegment window, PageRuns runs) {
        Commits.HERE.begin(runs.totalBytes());
        try {
            for (int run = 0; run < runs.count(); run++) {
                if (window.byteSize() >= hugeMappingBytes()) {
                    preferHugePages(window, runs.offset(run), runs.offset(run) + runs.bytes(run));
                }
                populate(window.asSlice(runs.offset(run), runs.bytes(run)), runs.threads());
            }
        } finally {
            Commits.HERE.ended(runs.totalBytes());
        }
    }

    /** As {@link #commit(MemorySegment, PageRuns)}, for all of some memory. */
    void commit(MemorySegment memory, int threads) {
        Commits.HERE.begin(memory.byteSize());
        try {
            populate(memory, threads);
        } finally {
            Commits.HERE.ended(memory.byteSize());
        }
    }

    /**
     * Looks whether so much can be had for others that take it by themselves.
     *
     * @throws OutOfPageMemoryException if not
     */
    public void checkAvailable(long byteSize) {
        Commits.HERE.begin(byteSize);
        Commits.HERE.ended(byteSize);
    }

    @Override
    public boolean discard(MemorySegment window, PageRuns runs) {
        try {
            for (int run = 0; run < runs.count(); run++) {
                Linux.madvise(window.asSlice(runs.offset(run), runs.bytes(run)), MADV_DONTNEED());
            }
            return true;
        } catch (CallFailed failed) {
            Log.debug(LinuxMemory.class, failed.getMessage());
            return false;
        }
    }

    private static void populate(MemorySegment memory, int threads) {
        POPULATING.forEachPart(
                threads,
                memory.byteSize(),
                COMMIT_PART_BYTES,
                (from, length) -> populatePart(memory.asSlice(from, length)));
    }

    /**
     * Only where half of one is committed at once: a huge page for one small one would be memory
     * that nobody asked for. So a window takes at most twice what was written, and has at most two
     * mappings for each huge page.
     *
     * @param window aligned to huge pages
     */
    private static void preferHugePages(MemorySegment window, long start, long end) {
        long first = (start + HUGE_PAGE_BYTES / 2) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
        long last = (end + HUGE_PAGE_BYTES / 2) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
        long all = window.byteSize() / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
        if (end - start >= HUGE_PAGE_BYTES / 2 && Math.min(last, all) > first) {
            advise(window.asSlice(first, Math.min(last, all) - first), MADV_HUGEPAGE());
        }
    }

    private static void populatePart(MemorySegment memory) {
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

    /**
     * By an atomic addition of nothing: another thread may be writing to a page that is there
     * already.
     */
    static void touch(MemorySegment memory) {
        for (long offset = 0; offset < memory.byteSize(); offset += Linux.basePageBytes()) {
            // ORD volatile: no order is needed, only that nothing is lost of what another thread
            // stores; pairs with itself.
            int ignored = (int) WORD.getAndAdd(memory, offset, 0);
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
                // Of the chunk that failed a part may be locked too.
                unlockIfPossible(memory.asSlice(0, at + bytes));
                throw new OutOfPageMemoryException(
                        "cannot page-lock " + memory.byteSize() + " bytes: " + failed.getMessage()
                                + "; " + Memlock.read().explain(failed.errno(), memory.byteSize()),
                        false,
                        memory.byteSize(),
                        failed);
            }
        }
    }

    @Override
    public void unlock(MemorySegment memory) {
        try {
            Linux.munlock(memory);
        } catch (CallFailed failed) {
            throw new OutOfPageMemoryException(
                    "cannot take back the page-lock of " + memory.byteSize() + " bytes: "
                            + failed.getMessage(),
                    false,
                    memory.byteSize(),
                    failed);
        }
    }

    /** Who locks knows what may be locked now, and unlocks it again. */
    private void unlockIfPossible(MemorySegment memory) {
        try {
            unlock(memory);
        } catch (OutOfPageMemoryException notNow) {
            Log.warn(LinuxMemory.class, notNow.getMessage());
        }
    }

    @Override
    public Verification verifyLocked(MemorySegment memory) {
        return SmapsReader.verifyLocked(memory.address(), memory.byteSize())
                .and(verifyTotal(memory.byteSize()));
    }

    private static Verification verifyTotal(long byteSize) {
        OptionalLong all = ProcFile.statusBytes("VmLck:");
        if (all.isEmpty()) {
            return Verification.of(Verdict.UNVERIFIABLE, "/proc/self/status does not tell VmLck");
        }
        return Verification.of(
                all.getAsLong() >= byteSize ? Verdict.CONFIRMED : Verdict.REFUTED,
                "/proc/self/status: VmLck is " + all.getAsLong() + " bytes");
    }

    /**
     * {@return memory that only this library's own code is to touch, and an address that looks like
     * it}
     *
     * @param byteSize number of bytes
     */
    public MemorySegment mapDecoy(long byteSize) {
        int fd = emptyFile();
        try {
            return Linux.mmap(
                    byteSize, PROT_READ() | PROT_WRITE(), MAP_SHARED() | MAP_NORESERVE(), fd);
        } catch (CallFailed failed) {
            throw unmapped(byteSize, failed);
        } finally {
            Linux.close(fd);
        }
    }

    private static int emptyFile() {
        try {
            return Linux.memfd("highpage-private");
        } catch (CallFailed failed) {
            throw new DeviceException(
                    "no address can be made that stands for private device memory: "
                            + failed.getMessage()
                            + (failed.errno() == EMFILE()
                                    ? "; raise the limit of open files ('ulimit -n')"
                                    : "; a seccomp filter may forbid it: allow memfd_create in"
                                            + " the container's seccomp"
                                            + " profile, or take a coherent device"),
                    failed);
        }
    }
}
