// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.doctor;

import io.highpage.Highpage;
import io.highpage.cli.console.DivisionByZero;
import io.highpage.cli.console.SystemMemory;
import io.highpage.cli.console.Units;
import io.highpage.cli.kernel.OpenClDevices;
import io.highpage.device.DeviceInfo;
import io.highpage.device.Devices;
import io.highpage.internal.jvm.NativeAccess;
import io.highpage.internal.os.Memlock;
import io.highpage.internal.os.NativeLibrary;
import io.highpage.internal.os.SignalHandlers;
import io.highpage.internal.os.SignalHandlers.Handler;
import io.highpage.uring.Ring;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Looks at all that Highpage stands on. Changes nothing, but opens the OpenCL drivers and an
 * io_uring ring.
 */
public final class Doctor {
    private static final String JVM = "libjvm.so";

    private final ProcFiles proc;
    private final Supplier<Optional<String>> ringUnavailable;

    /** Makes a doctor for this machine. */
    public Doctor() {
        this(new ProcFiles(), Ring::unavailable);
    }

    Doctor(ProcFiles proc, Supplier<Optional<String>> ringUnavailable) {
        this.proc = proc;
        this.ringUnavailable = ringUnavailable;
    }

    /** {@return one finding for each thing that matters} */
    public List<Finding> examine() {
        List<Finding> findings = new ArrayList<>();
        findings.add(jdk());
        findings.add(nativeAccess());
        if (NativeAccess.denied().isPresent()) {
            return findings; // everything else would ask native code
        }
        // Before anything touches a driver: opening one is what changes the handlers.
        List<Handler> before = SignalHandlers.snapshot();
        findings.add(openCl());
        findings.add(libjsig());
        findings.add(signals(before, SignalHandlers.snapshot()));
        findings.add(division());
        findings.add(nativeLibrary());
        findings.add(memlock());
        findings.add(hugePages());
        findings.add(ioUring());
        findings.add(userfaultfd());
        findings.add(basePage());
        return findings;
    }

    private static Finding jdk() {
        return Finding.ok(
                "JDK",
                Runtime.version() + " (" + System.getProperty("java.vendor") + ") in "
                        + System.getProperty("java.home"));
    }

    private static Finding nativeAccess() {
        boolean enabled = Highpage.class
                .getModule()
                .isNativeAccessEnabled(); // first: to ask for it may give it
        Optional<String> denied = NativeAccess.denied();
        if (denied.isPresent()) {
            return Finding.wrong(
                    "native access", "denied", "nothing of Highpage works", denied.get());
        }
        return enabled
                ? Finding.ok("native access", "enabled")
                : Finding.less(
                        "native access",
                        "not enabled",
                        "a warning today, an error in a later JDK",
                        "start Java with " + NativeAccess.option());
    }

    private static Finding openCl() {
        List<DeviceInfo> devices;
        try {
            devices = Devices.find().stream().filter(OpenClDevices::isOpenCl).toList();
        } catch (IllegalCallerException denied) {
            return Finding.less(
                    "OpenCL",
                    String.valueOf(denied.getMessage()),
                    "only the built-in host devices, and those only by name; 'run' does not work",
                    "");
        }
        return devices.isEmpty()
                // What is missing comes with how to get it.
                ? Finding.less(
                        "OpenCL",
                        String.join("; ", Devices.missing()),
                        "only the built-in host device; 'run' does not work",
                        "")
                : Finding.ok(
                        "OpenCL",
                        devices.stream().map(Doctor::device).collect(Collectors.joining("\n")));
    }

    private static String device(DeviceInfo device) {
        String line = device.name() + " " + device.description();
        return device.copies().isEmpty() ? line : line + ", copies " + device.copies();
    }

    private static Finding libjsig() {
        String library = System.getProperty("java.home") + "/lib/libjsig.so";
        return SignalHandlers.isLibjsigLoaded()
                ? Finding.ok("libjsig", "loaded")
                : Finding.less(
                        "libjsig",
                        "not loaded",
                        "a driver that takes a signal takes it from the JVM",
                        "start by the launcher ./highpage, or LD_PRELOAD=" + library + " java ...");
    }

    private static Finding signals(List<Handler> before, List<Handler> after) {
        if (after.isEmpty()) {
            return Finding.less(
                    "signals",
                    "not known on this machine",
                    "nobody notices a driver that takes one",
                    "only processors that Highpage knows can be asked");
        }
        String found = "before OpenCL was looked for:\n" + owners(before) + "\nafter it:\n"
                + owners(after);
        return SignalHandlers.report()
                .warning()
                .map(text ->
                        Finding.wrong("signals", found, text, "start by the launcher ./highpage"))
                .orElse(Finding.ok("signals", found));
    }

    private static Finding division() {
        String name = "1 / 0 in Java";
        return DivisionByZero.throwsAsItShould()
                ? Finding.ok(name, "throws, also since OpenCL was looked for")
                : Finding.wrong(
                        name,
                        "does NOT throw: a driver has taken SIGFPE",
                        "wrong numbers in silence",
                        "start by the launcher ./highpage, which preloads libjsig");
    }

    private static String owners(List<Handler> handlers) {
        return handlers.stream()
                .collect(Collectors.groupingBy(
                        Doctor::owner,
                        TreeMap::new,
                        Collectors.mapping(Handler::signal, Collectors.joining(" "))))
                .entrySet()
                .stream()
                .map(entry -> "  " + entry.getKey() + ": " + entry.getValue())
                .collect(Collectors.joining("\n"));
    }

    private static String owner(Handler handler) {
        String library = handler.owner().substring(handler.owner().lastIndexOf('/') + 1);
        return library.equals(JVM) ? "the JVM" : library;
    }

    private static Finding nativeLibrary() {
        String status = NativeLibrary.status();
        return NativeLibrary.lookup().isPresent()
                ? Finding.ok("native library", status)
                : Finding.less(
                        "native library",
                        status,
                        "pages are copied in pure Java, which is slower",
                        // What cannot be loaded comes with what to do.
                        status.startsWith("not in the jar")
                                ? "apt-get install cmake gcc, then build again"
                                : "");
    }

    private Finding memlock() {
        boolean capable = proc.hasCapability(ProcFiles.CAP_IPC_LOCK);
        boolean unlimited = capable && Memlock.isInitialNamespace();
        String limit = proc.memlockLimit();
        String capability = unlimited
                ? "CAP_IPC_LOCK lifts it"
                : capable ? "CAP_IPC_LOCK does not count in a user namespace" : "no CAP_IPC_LOCK";
        String found = "Max locked memory " + limit + "; " + capability;
        return unlimited || limit.equals("unlimited")
                ? Finding.ok("memlock limit", found)
                : Finding.less(
                        "memlock limit",
                        found,
                        "page-locked pins (Terms.pageLocked) beyond it fail; plain pins do not"
                                + " need it",
                        "ulimit -l unlimited as root, a memlock line in"
                                + " /etc/security/limits.conf, LimitMEMLOCK= of a service,"
                                + " or --ulimit memlock=-1 of a container");
    }

    private Finding hugePages() {
        String modes = proc.read("/sys/kernel/mm/transparent_hugepage/enabled").orElse("not there");
        boolean usable = modes.contains("[always]") || modes.contains("[madvise]");
        return usable
                ? Finding.ok("huge pages", "transparent huge pages: " + modes)
                : Finding.less(
                        "huge pages",
                        "transparent huge pages: " + modes,
                        "the first pin of fresh memory is 3 to 4 times slower",
                        "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled as root");
    }

    private Finding ioUring() {
        return ringUnavailable
                .get()
                // What is wrong comes with what to do.
                .map(reason -> Finding.less(
                        "io_uring",
                        reason,
                        "the kernel cannot hold pins; files are read and written by FileChannel",
                        ""))
                .orElseGet(() -> Finding.ok("io_uring", "a ring with a table of buffers opens"));
    }

    private Finding userfaultfd() {
        boolean forAll =
                proc.read("/proc/sys/vm/unprivileged_userfaultfd").orElse("0").equals("1");
        boolean capable = proc.hasCapability(ProcFiles.CAP_SYS_PTRACE);
        boolean device = proc.isUsable("/dev/userfaultfd");
        if (forAll || capable || device) {
            return Finding.ok(
                    "userfaultfd",
                    forAll
                            ? "allowed for all"
                            : capable
                                    ? "allowed by CAP_SYS_PTRACE"
                                    : "allowed by /dev/userfaultfd");
        }
        return Finding.less(
                "userfaultfd",
                "faults of the kernel itself cannot be handled by this user",
                "nothing yet: only a later, transparent view will need it",
                "sysctl vm.unprivileged_userfaultfd=1, or read and write access to"
                        + " /dev/userfaultfd");
    }

    private static Finding basePage() {
        return Finding.ok(
                "base page",
                Units.bytes(SystemMemory.basePageBytes()) + ", the smallest page of a buffer");
    }
}
