// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import io.highpage.internal.os.Linux;
import io.highpage.internal.os.ProcFile;

import java.nio.file.Path;
import java.util.OptionalLong;

/** What Linux tells about its memory, in bytes. */
public final class SystemMemory {
    private SystemMemory() {}

    /** {@return the size of the system's own pages} */
    public static long basePageBytes() {
        return Linux.basePageBytes();
    }

    /** {@return a length rounded up to whole pages of the system} */
    public static long wholePages(long bytes) {
        long page = basePageBytes();
        return Math.ceilDiv(bytes, page) * page;
    }

    /** {@return the memory that programs can still take, or empty where nobody tells} */
    public static OptionalLong availableBytes() {
        return ProcFile.bytes(Path.of("/proc/meminfo"), "MemAvailable:");
    }
}
