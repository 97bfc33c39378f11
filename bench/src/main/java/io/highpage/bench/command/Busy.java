// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.command;

import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Optional;

/** Whether others use the machine on which something is to be measured. */
public final class Busy {
    /** The share of the processors that may be busy before it counts. */
    private static final double SHARE = 0.25;

    private Busy() {}

    /** {@return what to say of it before measuring; empty on a quiet machine} */
    public static Optional<String> now() {
        return word(
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                Runtime.getRuntime().availableProcessors());
    }

    /**
     * {@return what to say}
     *
     * @param load how many threads ran or waited to run in the last minute, negative if not known
     * @param processors how many can run
     */
    static Optional<String> word(double load, int processors) {
        return load > SHARE * processors
                ? Optional.of(String.format(
                        Locale.ROOT,
                        "this machine is busy: its load in the last minute was %.1f, on %d"
                                + " processor%s. Times will be too%nlong, and ratios less sure; see"
                                + " what runs with 'top', or wait.",
                        load,
                        processors,
                        processors == 1 ? "" : "s"))
                : Optional.empty();
    }
}
