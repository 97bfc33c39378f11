// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static io.highpage.bindings.linux.linux_h.EBUSY;
import static io.highpage.bindings.linux.linux_h.ECANCELED;
import static io.highpage.bindings.linux.linux_h.EFAULT;
import static io.highpage.bindings.linux.linux_h.EINVAL;
import static io.highpage.bindings.linux.linux_h.EMFILE;
import static io.highpage.bindings.linux.linux_h.ENOMEM;
import static io.highpage.bindings.linux.linux_h.ENOSPC;
import static io.highpage.bindings.linux.linux_h.ENOSYS;
import static io.highpage.bindings.linux.linux_h.EOPNOTSUPP;
import static io.highpage.bindings.linux.linux_h.EPERM;

import io.highpage.internal.os.Memlock;
import io.highpage.internal.os.ProcFile;

import java.nio.file.Path;

/** What to do about an error of the kernel; empty where nobody can say. */
final class Advice {
    private static final Path DISABLED = Path.of("/proc/sys/kernel/io_uring_disabled");
    private static final String SECCOMP =
            "a seccomp filter forbids it, as those of container runtimes do by default: allow"
                    + " io_uring_setup, io_uring_enter and io_uring_register in the container's"
                    + " seccomp profile";

    private Advice() {}

    static String forSetup(int errno) {
        return forSetup(errno, disabled());
    }

    static String forSetup(int errno, String disabled) {
        if (errno == ENOSYS()) {
            return "this kernel was built without io_uring (CONFIG_IO_URING), or " + SECCOMP;
        }
        if (errno == EPERM()) {
            return switch (disabled) {
                case "1" ->
                    "kernel.io_uring_disabled = 1 leaves it to CAP_SYS_ADMIN and the group"
                            + " kernel.io_uring_group: run"
                            + " 'sysctl kernel.io_uring_disabled=0' as root, or join the group";
                case "2" ->
                    "kernel.io_uring_disabled = 2 switches it off: run 'sysctl"
                            + " kernel.io_uring_disabled=0' as root";
                default -> SECCOMP;
            };
        }
        if (errno == EINVAL()) {
            return "this kernel is too old: Linux 5.19 is needed";
        }
        if (errno == EMFILE()) {
            return "raise the limit of open files ('ulimit -n')";
        }
        Memlock memlock = Memlock.readRegistered();
        if (errno == ENOMEM() && memlock.bindsRegistrations()) {
            return "since Linux 6.14 a ring's queues count against the memlock limit; "
                    + shared(memlock) + ", take fewer entries, or free memory";
        }
        return errno == ENOMEM() ? "take fewer entries, or free memory" : "";
    }

    private static String disabled() {
        return ProcFile.read(DISABLED).orElse("0"); // not there before Linux 6.6
    }

    static String forRegister(int errno) {
        if (errno == EOPNOTSUPP() || errno == EFAULT()) {
            return "the kernel cannot keep this kind of memory";
        }
        if (errno == EBUSY()) {
            return "try again when the ring has less in flight";
        }
        return errno == EINVAL() ? "this kernel is too old: Linux 5.19 is needed" : "";
    }

    /**
     * The kernel counts registered memory for each user, and not together with what {@code mlock}
     * locked.
     */
    static String forMemlock(long byteSize) {
        Memlock memlock = Memlock.readRegistered();
        if (memlock.bindsRegistrations()
                && memlock.obstacle(byteSize).isEmpty()) { // not this process's pins alone
            return "need " + byteSize + " bytes more; " + shared(memlock) + ", or register less";
        }
        return memlock.explain(ENOMEM(), byteSize)
                + "; the queues of rings, and what this user's other processes have registered,"
                + " come on top";
    }

    /**
     * What uses a limit up that is not this process's alone cannot be read, so all that may is
     * named.
     */
    private static String shared(Memlock memlock) {
        return "the memlock limit is " + memlock.softLimit()
                + " for all that this user's processes have registered with"
                + " rings, and for the queues of their rings; this process has registered "
                + (memlock.locked().isPresent()
                        ? memlock.locked().getAsLong()
                        : "an unknown number of")
                + " bytes, the rest is queues or other processes: close rings or fixed buffers"
                + " that are not needed,"
                + " raise the limit ('ulimit -l')";
    }

    static String forOperation(int errno, RingFile file) {
        if (errno == EINVAL() && file.isDirect()) {
            return "O_DIRECT wants file offset, length and address to be multiples of the"
                    + " device's block size, and a"
                    + " file system that offers it";
        }
        if (errno == ECANCELED()) {
            return "it was cancelled, or the thread that submitted it has ended";
        }
        if (errno == ENOSPC()) {
            return "the file system is full";
        }
        return errno == EOPNOTSUPP() || errno == EINVAL()
                ? "this kind of file does not offer it"
                : "";
    }
}
