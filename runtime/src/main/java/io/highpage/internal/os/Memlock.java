// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import static io.highpage.bindings.linux.linux_h.EAGAIN;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What bounds the page-locks of this process, and the words for it when that is too little. Sizes are bytes.
 *
 * @param softLimit the memlock limit that holds, {@link #UNLIMITED} if there is none
 * @param hardLimit what the process itself may raise it to
 * @param locked what the process has page-locked already
 * @param ipcLock whether it has {@code CAP_IPC_LOCK}, which passes the limit if the user namespace is the initial one
 * @param initialNamespace whether it is
 * @param memory the memory of the machine, or of the container if that has less
 */
public record Memlock(
        long softLimit, long hardLimit, long locked, boolean ipcLock, boolean initialNamespace, long memory) {
    public static final long UNLIMITED = Long.MAX_VALUE;

    private static final int CAP_IPC_LOCK = 14;

    /** The kernel's constant number of the initial user namespace ({@code PROC_USER_INIT_INO}). */
    private static final String INITIAL_NAMESPACE = "user:[" + 0xEFFFFFFDL + "]";

    private static final Path SELF = Path.of("/proc/self");

    /** {@return the facts of this process} */
    public static Memlock read() {
        return read("VmLck:");
    }

    /**
     * {@return the same for memory that the kernel keeps through a registration, which it counts apart: {@link #locked} is
     * what the process has registered}
     */
    public static Memlock readRegistered() {
        return read("VmPin:");
    }

    private static Memlock read(String counted) {
        Linux.Limit limit = Linux.memlockLimit();
        return new Memlock(
                limit.soft(),
                limit.hard(),
                LinuxMemory.statusBytes(counted),
                hasIpcLock(),
                isInitialNamespace(),
                ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize());
    }

    private static boolean hasIpcLock() {
        return LinuxMemory.status("CapEff:")
                .map(hex -> (Long.parseUnsignedLong(hex, 16) >> CAP_IPC_LOCK & 1) == 1)
                .orElse(false);
    }

    /** {@return whether the capabilities of this process count outside a user namespace of its own} */
    public static boolean isInitialNamespace() {
        try {
            return Files.readSymbolicLink(SELF.resolve("ns/user")).toString().equals(INITIAL_NAMESPACE);
        } catch (IOException unknown) {
            return true;
        }
    }

    /** {@return why so much more can surely not be page-locked, empty if it may} */
    public Optional<String> obstacle(long more) {
        if (locked + more > memory) {
            return Optional.of(need(more) + ", the memory of this machine or container is " + memory
                    + "; page-lock less, or give it more memory");
        }
        return locked + more > softLimit && !ipcLock ? Optional.of(aboveTheLimit(more)) : Optional.empty();
    }

    /** {@return why the kernel has refused to page-lock so much more} */
    public String explain(int errno, long more) {
        boolean privileged = ipcLock && initialNamespace;
        if (errno != EAGAIN() && locked + more > softLimit && !privileged) {
            return aboveTheLimit(more);
        }
        long mappings = mappings();
        long most = mappingsMax();
        if (errno != EAGAIN() && mappings + 2 >= most) { // a lock inside of a mapping splits it in three
            return "the process has " + mappings + " mappings, the limit is " + most
                    + ", and each page-lock of a part of a mapping splits it; page-lock fewer and larger ranges, or"
                    + " raise the limit with 'sysctl vm.max_map_count=" + 2 * most + "' as root";
        }
        return need(more) + ", which no limit forbids, so memory itself is short: this machine or container has "
                + memory;
    }

    private String need(long more) {
        return "need " + (locked + more) + " bytes in all (" + locked + " are locked already)";
    }

    private String aboveTheLimit(long more) {
        long need = locked + more;
        boolean own = need <= hardLimit;
        long pid = ProcessHandle.current().pid();
        return need(more) + ", the memlock limit is " + softLimit
                + (ipcLock ? " (CAP_IPC_LOCK is there, but in a user namespace it does not count)" : "")
                + "; raise it with 'prlimit --pid " + pid + " --memlock=" + need + ":"
                + (own ? "'" : need + "' as root")
                + ", or for the next start with 'ulimit -l " + (need + 1023) / 1024
                + "', in /etc/security/limits.conf, with LimitMEMLOCK=" + need + " of the service, --ulimit memlock="
                + need + " of the container, or CAP_IPC_LOCK";
    }

    private static long mappings() {
        try (Stream<String> lines = Files.lines(SELF.resolve("maps"), ISO_8859_1)) {
            return lines.count();
        } catch (IOException unknown) {
            return 0;
        }
    }

    /** {@return how many mappings a process may have} */
    public static long mappingsMax() {
        return ProcFile.read(Path.of("/proc/sys/vm/max_map_count"))
                .map(Long::parseLong)
                .orElse(UNLIMITED);
    }
}
