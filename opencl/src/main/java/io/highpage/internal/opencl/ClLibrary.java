// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.internal.jvm.NativeAccess;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.Optional;

/** Whether there is an OpenCL loader. Thread-safe. */
final class ClLibrary {
    /** How to get OpenCL. The PoCL package is a driver that runs on the CPU. */
    static final String HOW_TO_GET =
            "for a GPU install its vendor's OpenCL driver, for the CPU: apt-get install -y"
                    + " ocl-icd-libopencl1 pocl-opencl-icd";

    // The bindings load this name when they are first touched, and fail for good if it is not
    // there: so it is probed first.
    private static final String NAME = "libOpenCL.so.1";

    /**
     * Probed once a process: a library that is loaded stays, and one that is missing does not
     * appear.
     */
    private static final class Probe {
        static final Optional<Missing> MISSING = missing(NAME);
    }

    /**
     * Why OpenCL cannot be called.
     *
     * @param denied whether Java denies it; else it is not there
     * @param why that, and what to do
     */
    record Missing(boolean denied, String why) {}

    private ClLibrary() {}

    /** {@return why OpenCL cannot be called, and what to do; empty if it can} */
    static Optional<String> missing() {
        return Probe.MISSING.map(Missing::why);
    }

    /**
     * Checks that Java does not deny it. What is not there is no error.
     *
     * @throws IllegalCallerException if it does; says how to start Java
     */
    static void checkAccess() {
        Probe.MISSING.filter(Missing::denied).ifPresent(missing -> {
            throw new IllegalCallerException(missing.why());
        });
    }

    @SuppressWarnings("restricted")
    static Optional<Missing> missing(String library) {
        try {
            SymbolLookup.libraryLookup(library, Arena.global());
            return Optional.empty();
        } catch (IllegalCallerException denied) {
            return Optional.of(new Missing(
                    true,
                    "OpenCL cannot be called: native access is denied; start Java with "
                            + NativeAccess.option()));
        } catch (IllegalArgumentException absent) {
            return Optional.of(new Missing(
                    false, "no OpenCL: " + library + " is not installed; " + HOW_TO_GET));
        }
    }
}
