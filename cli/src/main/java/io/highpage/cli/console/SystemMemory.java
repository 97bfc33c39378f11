// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What Linux tells about its memory, in bytes. */
public final class SystemMemory {
    private static final long KIB = 1024;
    /** What x86-64 and most other machines have. */
    private static final long USUAL_PAGE = 4096;

    private SystemMemory() {}

    /** {@return the size of the system's own pages} */
    public static long basePageBytes() {
        return kilobytes(Path.of("/proc/self/smaps"), "KernelPageSize:").orElse(USUAL_PAGE);
    }

    /** {@return a length rounded up to whole pages of the system} */
    public static long wholePages(long bytes) {
        long page = basePageBytes();
        return Math.ceilDiv(bytes, page) * page;
    }

    /** {@return the memory that programs can still take, or empty where nobody tells} */
    public static OptionalLong availableBytes() {
        return kilobytes(Path.of("/proc/meminfo"), "MemAvailable:");
    }

    private static OptionalLong kilobytes(Path file, String field) {
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(field))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIB)
                    .findFirst();
        } catch (IOException untold) {
            return OptionalLong.empty();
        }
    }
}
