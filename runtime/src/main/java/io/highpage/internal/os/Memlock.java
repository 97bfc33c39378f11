// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import static io.highpage.bindings.linux.linux_h.EAGAIN;
import static io.highpage.bindings.linux.linux_h.ENOMEM;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What bounds the page-locks of this process, and the words for it when that is too little. Sizes
 * are bytes. What the system does not tell (without {@code /proc}) is empty, and forbids nothing:
 * the kernel decides then.
 *
 * @param softLimit the memlock limit that holds, {@link #UNLIMITED} if there is none
 * @param hardLimit what the process itself may raise it to
 * @param locked what the process has page-locked already
 * @param ipcLock whether it has {@code CAP_IPC_LOCK}, which passes the limit if the user namespace
 *     is the initial one
 * @param initialNamespace whether it is
 * @param memory the memory of the machine, or of the container if that has less
 */
public record Memlock(
        long softLimit,
        long hardLimit,
        OptionalLong locked,
        Optional<Boolean> ipcLock,
        boolean initialNamespace,
        OptionalLong memory) {
    public static final long UNLIMITED = Long.MAX_VALUE;

    private static final int CAP_IPC_LOCK = 14;

    /** The kernel's constant number of the initial user namespace ({@code PROC_USER_INIT_INO}). */
    private static final String INITIAL_NAMESPACE = "user:[" + 0xEFFFFFFDL + "]";

    private static final Path OWN_NAMESPACE = Path.of("/proc/self/ns/user");

    /** {@return the facts of this process} */
    public static Memlock read() {
        return read("VmLck:");
    }

    /**
     * {@return the same for memory that the kernel keeps through a registration, which it counts
     * apart: {@link #locked} is what the process has registered}
     */
    public static Memlock readRegistered() {
        return read("VmPin:");
    }

    private static Memlock read(String counted) {
        Linux.Limit limit = Linux.memlockLimit();
        return new Memlock(
                limit.soft(),
                limit.hard(),
                ProcFile.statusBytes(counted),
                hasIpcLock(),
                isInitialNamespace(),
                MemoryLimits.HERE.totalBytes());
    }

    private static Optional<Boolean> hasIpcLock() {
        return ProcFile.status("CapEff:")
                .map(hex -> (Long.parseUnsignedLong(hex, 16) >> CAP_IPC_LOCK & 1) == 1);
    }

    /**
     * {@return whether the capabilities of this process count outside a user namespace of its own}
     */
    public static boolean isInitialNamespace() {
        try {
            return Files.readSymbolicLink(OWN_NAMESPACE).toString().equals(INITIAL_NAMESPACE);
        } catch (IOException notThere) {
            return true; // a kernel without user namespaces
        }
    }

    /** {@return why so much more can surely not be page-locked, empty if it may} */
    public Optional<String> obstacle(long more) {
        if (memory.isPresent() && locked.orElse(0) > memory.getAsLong() - more) {
            return Optional.of(need(more) + ", the memory of this machine or container is "
                    + memory.getAsLong() + "; page-lock less, or give it more memory");
        }
        return isSurelyAboveTheLimit(more) ? Optional.of(aboveTheLimit(more)) : Optional.empty();
    }

    /**
     * {@return whether there is a limit for what the kernel keeps through a registration, and
     * nothing passes it}
     */
    public boolean bindsRegistrations() {
        return softLimit != UNLIMITED && !(ipcLock.orElse(false) && initialNamespace);
    }

    private boolean isSurelyAboveTheLimit(long more) {
        return locked.isPresent() && locked.getAsLong() > softLimit - more && !ipcLock.orElse(true);
    }

    /** {@return why the kernel has refused to page-lock so much more} */
    public String explain(int errno, long more) {
        boolean privileged = ipcLock.orElse(false) && initialNamespace;
        if (errno != EAGAIN() && locked.orElse(0) > softLimit - more && !privileged) {
            return aboveTheLimit(more);
        }
        if (errno != EAGAIN() && errno != ENOMEM()) {
            return "no limit forbids it, so something refuses the call itself: usually a"
                    + " seccomp filter; allow mlock,"
                    + " mlock2 and munlock in the container's seccomp profile, or take pins"
                    + " without pageLocked()";
        }
        Optional<String> full = errno == ENOMEM() ? Mappings.full() : Optional.empty();
        return full.orElseGet(() ->
                need(more) + ", which no limit forbids, so memory itself is short: this machine or"
                        + " container has "
                        + (memory.isPresent() ? memory.getAsLong() : "an amount that is not told"));
    }

    private String need(long more) {
        return locked.isPresent()
                ? "need " + (locked.getAsLong() + more) + " bytes in all (" + locked.getAsLong()
                        + " are locked already)"
                : "need " + more
                        + " bytes more (how many are locked already is not told: no"
                        + " /proc/self/status)";
    }

    private String aboveTheLimit(long more) {
        long need = locked.orElse(0) + more;
        boolean own = need <= hardLimit;
        long pid = ProcessHandle.current().pid();
        return need(more) + ", the memlock limit is " + softLimit
                + (ipcLock.orElse(false)
                        ? " (CAP_IPC_LOCK is there, but in a user namespace it does not count)"
                        : "")
                + "; raise it with 'prlimit --pid " + pid + " --memlock=" + need + ":"
                + (own ? "'" : need + "' as root")
                + ", or for the next start with 'ulimit -l " + (need + 1023) / 1024
                + "', in /etc/security/limits.conf, with LimitMEMLOCK=" + need
                + " of the service, --ulimit memlock="
                + need + " of the container, or CAP_IPC_LOCK";
    }
}
