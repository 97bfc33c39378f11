// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the kernel's own account of this process's mappings. */
final class SmapsReader {
    private static final Path SMAPS = Path.of("/proc/self/smaps");

    private SmapsReader() {}

    /** {@return whether every mapping of a range has the kernel's "locked" flag, with no gap between them} */
    static boolean isLocked(long address, long byteSize) throws IOException {
        long next = address;
        long end = address + byteSize;
        long mappingEnd = 0;
        boolean inRange = false;
        try (BufferedReader lines = Files.newBufferedReader(SMAPS)) {
            for (String line = lines.readLine(); line != null && next < end; line = lines.readLine()) {
                int dash = line.indexOf('-');
                int space = line.indexOf(' ');
                if (dash > 0 && dash < space && line.charAt(space - 1) != ':') {
                    long start = Long.parseUnsignedLong(line, 0, dash, 16);
                    mappingEnd = Long.parseUnsignedLong(line, dash + 1, space, 16);
                    inRange = start <= next && next < mappingEnd;
                } else if (inRange && line.startsWith("VmFlags:")) {
                    if (!(line + " ").contains(" lo ")) {
                        return false;
                    }
                    next = mappingEnd;
                }
            }
        }
        return next >= end;
    }
}
