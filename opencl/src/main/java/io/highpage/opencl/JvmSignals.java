// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import io.highpage.internal.os.SignalHandlers;
import io.highpage.internal.os.SignalHandlers.Handler;
import io.highpage.internal.os.SignalHandlers.Report;

import java.util.List;
import java.util.Optional;

/**
 * Whether the JVM still has the signals that it needs, at the moment it was asked. OpenCL drivers
 * take some when they are loaded, when a context is made, or when they compile; then an integer
 * division by zero in Java may give a wrong result instead of an exception. With libjsig preloaded
 * both get what they need. The library logs a {@linkplain #warning() warning} once; a program that
 * must not go on like that asks here, once its device is open and a kernel compiled:
 *
 * <pre>{@code
 * JvmSignals.now().warning().ifPresent(why -> {
 *     throw new IllegalStateException(why);
 * });
 * }</pre>
 *
 * <p>Immutable, hence thread-safe.
 */
public final class JvmSignals {
    private final Report report;

    private JvmSignals(Report report) {
        this.report = report;
    }

    /** {@return how it is now} Asks the system, which takes some 0.1 ms. */
    public static JvmSignals now() {
        return new JvmSignals(SignalHandlers.report());
    }

    /**
     * {@return whether libjsig is loaded: signals that a driver takes then come to the JVM first}
     */
    public boolean isLibjsigLoaded() {
        return report.libjsig();
    }

    /**
     * {@return names of the signals that the JVM needs and somebody else handles, such as
     * {@code SIGFPE}; none where the system cannot be asked, on processors other than x86-64 and
     * AArch64}
     */
    public List<String> taken() {
        return report.taken().stream().map(Handler::signal).toList();
    }

    /**
     * {@return what is wrong, what it means and how to start Java instead; empty if libjsig is
     * loaded or nothing is taken}
     */
    public Optional<String> warning() {
        return report.warning();
    }

    /** {@return what is taken, and whether libjsig is loaded} */
    @Override
    public String toString() {
        return "libjsig is " + (isLibjsigLoaded() ? "" : "not ") + "loaded, signals taken: "
                + taken();
    }
}
