// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * How much memory this process may take: of the machine, and of the control groups (containers)
 * that it is in, of either version. Above a group's limit the kernel ends the process without a
 * word. Sizes are bytes. Thread-safe.
 */
public final class MemoryLimits {
    /** Of this machine. */
    public static final MemoryLimits HERE = new MemoryLimits(Path.of("/"));

    private static final String UNLIMITED = "max";

    private final Path root;

    /** As seen below a folder that stands for {@code /}. */
    MemoryLimits(Path root) {
        this.root = root;
    }

    /**
     * What bounds the memory of this process.
     *
     * @param name the machine, or which group
     * @param limit its memory
     * @param free how much of it can still be had: unused, cached files, and swap
     */
    public record Bound(String name, long limit, long free) {}

    /**
     * {@return the memory of the machine, or of the container if that has less; empty if it is not
     * told}
     */
    public OptionalLong totalBytes() {
        return bounds().stream().mapToLong(Bound::limit).min();
    }

    /** {@return what is exhausted first; empty if nothing is told} */
    public Optional<Bound> tightest() {
        return bounds().stream().min(Comparator.comparingLong(Bound::free));
    }

    private List<Bound> bounds() {
        List<Bound> bounds = new ArrayList<>();
        Path meminfo = at("/proc/meminfo");
        OptionalLong total = ProcFile.bytes(meminfo, "MemTotal:");
        OptionalLong available = ProcFile.bytes(meminfo, "MemAvailable:");
        long swap = ProcFile.bytes(meminfo, "SwapFree:")
                .orElse(0); // where it is not told, nothing is counted on
        if (total.isPresent() && available.isPresent()) {
            bounds.add(new Bound("this machine", total.getAsLong(), available.getAsLong() + swap));
        }
        for (Path group : groups(true)) {
            first(group, swap).ifPresent(bounds::add);
        }
        for (Path group : groups(false)) {
            second(group, swap).ifPresent(bounds::add);
        }
        return bounds;
    }

    private Path at(String absolute) {
        return root.resolve(absolute.substring(1));
    }

    /** {@return the bound of a group of version 1; empty if it has none} */
    private static Optional<Bound> first(Path group, long swap) {
        OptionalLong limit = number(group, "memory.limit_in_bytes");
        OptionalLong used = number(group, "memory.usage_in_bytes");
        if (limit.isEmpty() || used.isEmpty()) {
            return Optional.empty();
        }
        long left = limit.getAsLong() - used.getAsLong();
        long both = number(group, "memory.memsw.limit_in_bytes").orElse(limit.getAsLong())
                - number(group, "memory.memsw.usage_in_bytes").orElse(used.getAsLong());
        long cached = field(group, "total_inactive_file ") + field(group, "total_active_file ");
        return bound(group, limit.getAsLong(), left + cached, Math.min(swap, both - left));
    }

    /** {@return the bound of a group of version 2; empty if it has none} */
    private static Optional<Bound> second(Path group, long swap) {
        OptionalLong limit = number(group, "memory.max");
        OptionalLong used = number(group, "memory.current");
        if (limit.isEmpty() || used.isEmpty()) {
            return Optional.empty();
        }
        long swappable = number(group, "memory.swap.max").orElse(Long.MAX_VALUE)
                - number(group, "memory.swap.current").orElse(0);
        long cached = field(group, "inactive_file ") + field(group, "active_file ");
        return bound(
                group,
                limit.getAsLong(),
                limit.getAsLong() - used.getAsLong() + cached,
                Math.min(swap, swappable));
    }

    private static Optional<Bound> bound(Path group, long limit, long free, long swap) {
        return Optional.of(
                new Bound("its container (" + group + ")", limit, free + Math.max(0, swap)));
    }

    private static OptionalLong number(Path group, String file) {
        return ProcFile.read(group.resolve(file))
                .filter(text -> !text.equals(UNLIMITED))
                .map(text -> OptionalLong.of(Long.parseLong(text)))
                .orElse(OptionalLong.empty());
    }

    /** {@return a part of what is used; where it is not told, nothing is counted on} */
    private static long field(Path group, String word) {
        return ProcFile.field(group.resolve("memory.stat"), word)
                .map(Long::parseLong)
                .orElse(0L);
    }

    /**
     * {@return the folders of the memory groups of one version that this process is in, and those
     * above them}
     */
    private List<Path> groups(boolean firstVersion) {
        Optional<String> own = lines("/proc/self/cgroup")
                .map(line -> line.split(":", 3))
                .filter(parts -> parts.length == 3)
                .filter(parts -> firstVersion
                        ? List.of(parts[1].split(",")).contains("memory")
                        : parts[0].equals("0"))
                .map(parts -> parts[2])
                .findFirst();
        Optional<Mount> mount = lines("/proc/self/mountinfo")
                .flatMap(line -> Mount.parse(line, firstVersion).stream())
                .findFirst();
        if (own.isEmpty() || mount.isEmpty()) {
            return List.of();
        }
        Path top = at(mount.get().point());
        List<Path> groups = new ArrayList<>();
        for (Path group = top.resolve(mount.get().below(own.get()));
                group != null && group.startsWith(top);
                group = group.getParent()) {
            // Seen from inside of a container its own folder may be the top.
            if (Files.isDirectory(group)) {
                groups.add(group);
            }
        }
        return groups;
    }

    private Stream<String> lines(String file) {
        return ProcFile.read(at(file)).stream().flatMap(String::lines);
    }

    /** Where the groups of a version are, and which of them is there. */
    private record Mount(String of, String point) {
        /**
         * {@return the mount of a line such as {@code 30 25 0:26 / /sys/fs/cgroup rw - cgroup2 none
         * rw}}
         */
        static Optional<Mount> parse(String line, boolean firstVersion) {
            String[] fields = line.split(" ");
            int dash = List.of(fields).indexOf("-");
            if (dash < 5 || fields.length < dash + 4) {
                return Optional.empty();
            }
            boolean wanted = firstVersion
                    ? fields[dash + 1].equals("cgroup")
                            && List.of(fields[dash + 3].split(",")).contains("memory")
                    : fields[dash + 1].equals("cgroup2");
            return wanted ? Optional.of(new Mount(fields[3], fields[4])) : Optional.empty();
        }

        /** {@return the path of a group below the mount} */
        String below(String group) {
            String below = group.startsWith(of) ? group.substring(of.length()) : "";
            return below.startsWith("/") ? below.substring(1) : below;
        }
    }
}
