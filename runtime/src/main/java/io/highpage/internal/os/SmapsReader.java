// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import io.highpage.outcome.Verification;
import io.highpage.outcome.Verification.Verdict;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;

/** Reads the kernel's own account of this process's mappings. */
final class SmapsReader {
    private static final Path SMAPS = Path.of("/proc/self/smaps");

    private SmapsReader() {}

    /**
     * {@return whether every mapping of a range has the kernel's "locked" flag, with no gap between
     * them}
     */
    static Verification verifyLocked(long address, long byteSize) {
        return verifyLocked(SMAPS, address, byteSize);
    }

    static Verification verifyLocked(Path smaps, long address, long byteSize) {
        long locked;
        try (BufferedReader lines = ProcFile.open(smaps)) {
            locked = lockedBytes(lines, address, address + byteSize);
        } catch (IOException unreadable) {
            return Verification.of(Verdict.UNVERIFIABLE, smaps + " cannot be read: " + unreadable);
        }
        if (locked < 0) {
            return Verification.of(
                    Verdict.UNVERIFIABLE, smaps + " does not tell the flags of mappings (VmFlags)");
        }
        return Verification.of(
                locked == byteSize ? Verdict.CONFIRMED : Verdict.REFUTED,
                smaps + ": " + locked + " of " + byteSize
                        + " bytes are in mappings with the flag lo (page-locked)");
    }

    /** {@return how many bytes are locked, -1 if no flags are told} */
    private static long lockedBytes(BufferedReader lines, long from, long end) throws IOException {
        long locked = -1;
        long inRange = 0;
        long told = from; // up to here: a mapping that changes meanwhile is told of twice
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            int dash = line.indexOf('-');
            int space = line.indexOf(' ');
            if (dash > 0 && dash < space && line.charAt(space - 1) != ':') {
                long start = Long.parseUnsignedLong(line, 0, dash, 16);
                long mappingEnd = Long.parseUnsignedLong(line, dash + 1, space, 16);
                if (start >= end && start > 0) {
                    break; // mappings are in order of address
                }
                long known = Math.min(end, mappingEnd);
                inRange = Math.max(0, known - Math.max(told, start));
                told = Math.max(told, known);
            } else if (line.startsWith("VmFlags:")) {
                locked = Math.max(locked, 0) + ((line + " ").contains(" lo ") ? inRange : 0);
            }
        }
        return locked;
    }
}
