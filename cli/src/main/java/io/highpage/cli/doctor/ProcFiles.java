// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.doctor;

import io.highpage.internal.os.ProcFile;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What Linux tells in files about itself and this process. */
final class ProcFiles {
    /** The bit of the capability to lock any amount of memory. */
    static final int CAP_IPC_LOCK = 14;
    /** The bit of the capability to trace other processes. */
    static final int CAP_SYS_PTRACE = 19;

    private static final Pattern LOCKED = Pattern.compile("Max locked memory\\s+(\\S+)");
    private static final Pattern EFFECTIVE = Pattern.compile("CapEff:\\s+(\\p{XDigit}+)");

    private final Path root;

    ProcFiles() {
        this(Path.of("/"));
    }

    ProcFiles(Path root) {
        this.root = root;
    }

    Optional<String> read(String path) {
        return ProcFile.read(at(path));
    }

    boolean isUsable(String path) {
        return Files.isReadable(at(path)) && Files.isWritable(at(path));
    }

    String memlockLimit() {
        return find("/proc/self/limits", LOCKED).orElse("unknown");
    }

    boolean hasCapability(int bit) {
        return find("/proc/self/status", EFFECTIVE)
                .map(hex -> (Long.parseUnsignedLong(hex, 16) >> bit & 1) == 1)
                .orElse(false);
    }

    private Optional<String> find(String path, Pattern pattern) {
        return read(path)
                .map(pattern::matcher)
                .filter(Matcher::find)
                .map(matcher -> matcher.group(1));
    }

    private Path at(String path) {
        return root.resolve(path.substring(1));
    }
}
