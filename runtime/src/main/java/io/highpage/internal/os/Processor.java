// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import java.util.Arrays;
import java.util.Optional;

/**
 * Numbers of Linux that are not the same on all processors that Java runs on: the bindings have
 * those of x86-64. All others that the library uses are the same on these. Each constant is named
 * as the system property {@code os.arch} names it.
 */
public enum Processor {
    AMD64(0x4000, 0x1_0000, 13),
    AARCH64(0x1_0000, 0x4000, 134),
    RISCV64(0x4000, 0x1_0000, 134),
    LOONGARCH64(0x4000, 0x1_0000, 134),
    PPC64LE(0x2_0000, 0x4000, 173),
    S390X(0x4000, 0x1_0000, 174);

    private static final int O_TMPFILE_ALONE = 0x40_0000;

    private final int oDirect;
    private final int oDirectory;
    private final long rtSigaction;

    Processor(int oDirect, int oDirectory, long rtSigaction) {
        this.oDirect = oDirect;
        this.oDirectory = oDirectory;
        this.rtSigaction = rtSigaction;
    }

    /** {@return that of this machine; empty if it is another one, or not Linux} */
    public static Optional<Processor> here() {
        return of(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    static Optional<Processor> of(String system, String machine) {
        return Arrays.stream(values())
                .filter(each -> system.equals("Linux") && each.name().equalsIgnoreCase(machine))
                .findFirst();
    }

    /** {@return the flag {@code O_DIRECT} of {@code open}} */
    public int oDirect() {
        return oDirect;
    }

    /** {@return the flag {@code O_TMPFILE} of {@code open}, which has {@code O_DIRECTORY} in it} */
    public int oTmpfile() {
        return O_TMPFILE_ALONE | oDirectory;
    }

    /** {@return the number of the system call {@code rt_sigaction}} */
    long rtSigaction() {
        return rtSigaction;
    }
}
