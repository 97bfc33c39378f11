// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.copy;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.highpage.internal.os.NativeLibrary;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * Copies in one native call for all runs, with non-temporal stores for copies larger than the
 * caches. The call is an ordinary downcall: the JVM can reach a safepoint meanwhile, however long
 * it takes.
 */
public final class NativeCopier implements RunCopier {
    /** The copier, or null if the native library is missing. */
    public static final @Nullable NativeCopier INSTANCE =
            NativeLibrary.lookup().map(NativeCopier::new).orElse(null);

    /**
     * Java copies what is shorter, such as the single page of most pins: a call with its runs in
     * native memory costs several times as much as the bytes.
     */
    private static final long CALLED_BYTES = 64L << 10;

    private final MethodHandle copyRuns;
    private final MethodHandle copyPath;
    private final MethodHandle zeroRuns;

    private NativeCopier(SymbolLookup library) {
        copyRuns = NativeLibrary.link(
                library,
                "hp_copy_runs_with",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
        copyPath = NativeLibrary.link(
                library, "hp_copy_path", FunctionDescriptor.of(JAVA_INT, JAVA_LONG));
        zeroRuns = NativeLibrary.link(
                library,
                "hp_zero_runs",
                FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
    }

    /** Long enough that waking a thread for the second one, some ten microseconds, is won back. */
    @Override
    public long pieceBytes() {
        return 1L << 20;
    }

    @Override
    public void copy(MemorySegment source, MemorySegment target, RunList runs, long totalBytes) {
        if (runs.totalBytes() < CALLED_BYTES) {
            JavaCopier.INSTANCE.copy(source, target, runs, totalBytes);
            return;
        }
        RunCopier.check(source, runs);
        RunCopier.check(target, runs);
        if (!runs.segment().isNative()) {
            try (Arena call = Arena.ofConfined()) {
                copy(source, target, runs.inNative(call), totalBytes);
            }
            return;
        }
        try {
            int path = (int) copyPath.invokeExact(totalBytes);
            check("hp_copy_runs_with", (int) copyRuns.invokeExact(
                    path, target, source, runs.segment(), (long) runs.count()));
        } catch (Throwable failure) {
            throw NativeLibrary.unchecked(failure);
        }
    }

    @Override
    public void zero(MemorySegment target, RunList runs) {
        RunCopier.check(target, runs);
        if (!runs.segment().isNative()) {
            try (Arena call = Arena.ofConfined()) {
                zero(target, runs.inNative(call));
            }
            return;
        }
        try {
            check("hp_zero_runs", (int)
                    zeroRuns.invokeExact(target, runs.segment(), (long) runs.count()));
        } catch (Throwable failure) {
            throw NativeLibrary.unchecked(failure);
        }
    }

    private static void check(String call, int result) {
        if (result != 0) {
            throw new AssertionError(call + " refused its arguments: result " + result);
        }
    }
}
