// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import io.highpage.bindings.linux.linux_h;

import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;

/** Names of error numbers. Thread-safe. */
public final class Errno {
    // From glibc 2.32 on.
    private static final boolean NAMED =
            Linker.nativeLinker().defaultLookup().find("strerrorname_np").isPresent();

    private Errno() {}

    /**
     * {@return the name of an error and what it means, such as {@code ENOMEM (Cannot allocate
     * memory)}}
     *
     * @param errno the error number
     */
    public static String describe(int errno) {
        return name(errno) + " (" + meaning(errno) + ")";
    }

    /**
     * {@return what an error means, in the C library's words}
     *
     * @param errno the error number
     */
    public static String meaning(int errno) {
        return linux_h.strerror(errno).getString(0);
    }

    private static String name(int errno) {
        MemorySegment name = NAMED ? linux_h.strerrorname_np(errno) : MemorySegment.NULL;
        return name.address() == 0 ? "errno " + errno : name.getString(0);
    }
}
