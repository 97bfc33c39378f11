// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** How many mappings this process has, and may have. Thread-safe. */
public final class Mappings {
    private Mappings() {}

    /** {@return how many mappings a process may have; empty if it is not told} */
    public static OptionalLong max() {
        return ProcFile.read(Path.of("/proc/sys/vm/max_map_count"))
                .map(text -> OptionalLong.of(Long.parseLong(text)))
                .orElse(OptionalLong.empty());
    }

    private static OptionalLong count() {
        try (BufferedReader lines = ProcFile.open(Path.of("/proc/self/maps"))) {
            return OptionalLong.of(lines.lines().count());
        } catch (IOException | UncheckedIOException unreadable) {
            return OptionalLong.empty();
        }
    }

    /**
     * {@return that the limit is reached, and how to raise it; empty if it is not, or nobody tells}
     */
    static Optional<String> full() {
        OptionalLong count = count();
        OptionalLong most = max();
        if (count.isEmpty()
                || most.isEmpty()
                || count.getAsLong() + 2 < most.getAsLong()) { // a split makes two more
            return Optional.empty();
        }
        return Optional.of("the process has " + count.getAsLong() + " mappings, the limit is "
                + most.getAsLong()
                + ", and each change of a part of a mapping splits it; use fewer and larger"
                + " buffers and ranges, or raise the"
                + " limit with 'sysctl vm.max_map_count=" + 2 * most.getAsLong() + "' as root");
    }
}
