// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import io.highpage.bindings.linux.Dl_info;
import io.highpage.bindings.linux.linux_h;
import io.highpage.internal.log.Log;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/**
 * Who handles the process's signals. OpenCL drivers and LLVM inside them replace handlers that the
 * JVM needs, and the JVM does not notice. Asks the kernel itself: with libjsig loaded,
 * {@code sigaction} answers what the driver wants to hear. Thread-safe.
 */
public final class SignalHandlers {
    /** What HotSpot handles on Linux for itself, whatever the program does. */
    private static final Set<String> OF_JVM =
            Set.of("SIGILL", "SIGBUS", "SIGFPE", "SIGSEGV", "SIGPIPE", "SIGXFSZ");

    // struct sigaction of the kernel, which is not glibc's: the handler comes first on all
    // processors, and this is the longest.
    private static final long KERNEL_SIGACTION_BYTES = 32;
    private static final long KERNEL_SIGSET_BYTES = 8;

    private static final AtomicBoolean WARNED = new AtomicBoolean();

    /**
     * A signal's handler.
     *
     * @param signal name of the signal, such as {@code SIGFPE}
     * @param address address of the handler; 0 is the default action, 1 ignores the signal
     * @param owner path of the library that it is in, {@code default}, {@code ignored} or
     *     {@code unknown}
     */
    public record Handler(String signal, long address, String owner) {
        boolean isFunction() {
            return address > 1;
        }

        boolean isOfJvm() {
            return owner.endsWith("/libjvm.so");
        }
    }

    /**
     * What the JVM has lost.
     *
     * @param libjsig whether libjsig is loaded; it keeps a driver's handlers behind the JVM's
     * @param taken the signals that the JVM needs and somebody else handles
     */
    public record Report(boolean libjsig, List<Handler> taken) {
        /** {@return what is wrong, what it means and what to do; empty if nothing is wrong} */
        public Optional<String> warning() {
            if (libjsig || taken.isEmpty()) {
                return Optional.empty();
            }
            String signals = taken.stream().map(Handler::signal).collect(Collectors.joining(", "));
            String owners =
                    taken.stream().map(Handler::owner).distinct().collect(Collectors.joining(", "));
            return Optional.of("the JVM no longer handles " + signals + ": " + owners
                    + " took them. " + meaning()
                    + " Start Java with libjsig, which serves both: LD_PRELOAD="
                    + System.getProperty("java.home")
                    + "/lib/libjsig.so java ...");
        }

        private String meaning() {
            return taken.stream().anyMatch(handler -> handler.signal().equals("SIGFPE"))
                    ? "From now on an integer division by zero in Java may give a wrong result"
                            + " instead of an exception."
                    : "From now on errors that the JVM turns into exceptions may end the process.";
        }
    }

    private SignalHandlers() {}

    /**
     * {@return the handlers of the signals that matter to a JVM; empty on a processor that is not
     * known}
     */
    public static List<Handler> snapshot() {
        Optional<Processor> processor = Processor.here();
        if (processor.isEmpty()) {
            return List.of();
        }
        List<Handler> handlers = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            signals().forEach((signal, number) -> {
                long address = address(arena, processor.get(), number);
                handlers.add(new Handler(signal, address, owner(arena, address)));
            });
        }
        return handlers;
    }

    /** {@return which of the JVM's signals somebody else handles now} */
    public static Report report() {
        List<Handler> taken = snapshot().stream()
                .filter(handler -> OF_JVM.contains(handler.signal())
                        && handler.isFunction()
                        && !handler.isOfJvm())
                .toList();
        return new Report(isLibjsigLoaded(), taken);
    }

    /**
     * Logs the report's warning, once a process. Called after a driver was loaded or asked to do
     * something new.
     */
    public static void warnIfTaken() {
        if (WARNED.get() || isLibjsigLoaded()) {
            return;
        }
        report().warning().ifPresent(text -> {
            // ORD volatile: one of several warns; pairs with itself.
            if (WARNED.compareAndSet(false, true)) {
                Log.warn(SignalHandlers.class, text);
            }
        });
    }

    /** {@return whether libjsig is in the process; it works only if it was there from the start} */
    public static boolean isLibjsigLoaded() {
        try (BufferedReader lines = ProcFile.open(Path.of("/proc/self/maps"))) {
            return lines.lines().anyMatch(line -> line.endsWith("/libjsig.so"));
        } catch (IOException | UncheckedIOException noProc) {
            return false;
        }
    }

    private static Map<String, Integer> signals() {
        Map<String, Integer> signals = new LinkedHashMap<>();
        signals.put("SIGFPE", linux_h.SIGFPE());
        signals.put("SIGSEGV", linux_h.SIGSEGV());
        signals.put("SIGBUS", linux_h.SIGBUS());
        signals.put("SIGILL", linux_h.SIGILL());
        signals.put("SIGTRAP", linux_h.SIGTRAP());
        signals.put("SIGXFSZ", linux_h.SIGXFSZ());
        signals.put("SIGPIPE", linux_h.SIGPIPE());
        signals.put("SIGABRT", linux_h.SIGABRT());
        signals.put("SIGHUP", linux_h.SIGHUP());
        signals.put("SIGINT", linux_h.SIGINT());
        signals.put("SIGQUIT", linux_h.SIGQUIT());
        signals.put("SIGTERM", linux_h.SIGTERM());
        return signals;
    }

    private static long address(Arena arena, Processor processor, int signal) {
        MemorySegment action = arena.allocate(KERNEL_SIGACTION_BYTES, Long.BYTES);
        // Linked on each call: a report is rare, and the handle is of no use to anybody else.
        long result = linux_h.syscall
                .makeInvoker(linux_h.C_INT, linux_h.C_POINTER, linux_h.C_POINTER, linux_h.C_LONG)
                .apply(
                        processor.rtSigaction(),
                        signal,
                        MemorySegment.NULL,
                        action,
                        KERNEL_SIGSET_BYTES);
        if (result != 0) {
            throw new AssertionError("rt_sigaction does not know signal " + signal);
        }
        return action.get(ValueLayout.JAVA_LONG, 0);
    }

    private static String owner(Arena arena, long address) {
        if (address <= 1) {
            return address == 0 ? "default" : "ignored";
        }
        MemorySegment info = Dl_info.allocate(arena);
        if (linux_h.dladdr(MemorySegment.ofAddress(address), info) == 0) {
            return "unknown";
        }
        return Dl_info.dli_fname(info).getString(0);
    }
}
