// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files that a scan reads, as they were when it was planned. Immutable and thread-safe.
 *
 * @param groups in the order in which they are read
 */
record ScanFiles(List<Group> groups) implements Serializable {
    private static final Pattern WILD = Pattern.compile("[*?\\[{]");

    /**
     * Files that are read together: one of each input, equally long.
     *
     * @param paths in the inputs' order
     * @param versions of each
     */
    record Group(List<String> paths, List<InputVersion> versions) implements Serializable {
        long byteSize() {
            return versions.getFirst().byteSize();
        }

        /**
         * Checks that the files are what they were.
         *
         * @throws IllegalStateException if one was written to
         */
        void check() {
            for (int i = 0; i < paths.size(); i++) {
                InputVersion now = InputVersion.of(Path.of(paths.get(i)), "this executor");
                if (!now.equals(versions.get(i))) {
                    throw new IllegalStateException("input " + paths.get(i) + " has changed since"
                            + " load(): it was " + versions.get(i) + " and is " + now
                            + "; load it again when nobody writes to it");
                }
            }
        }
    }

    /**
     * Finds the files.
     *
     * @param inputs for each input, paths of files, of folders of them, or patterns
     * @param elementBytes of which each file has a whole number
     * @return the files: those of a pattern in the order of their names, and of each input one at a
     *     time
     * @throws IllegalArgumentException if there are none, or they do not fit together
     * @throws UncheckedIOException if a folder cannot be read
     */
    static ScanFiles find(List<List<String>> inputs, long elementBytes) {
        List<List<Path>> found = inputs.stream().map(ScanFiles::find).toList();
        List<Path> first = found.getFirst();
        for (int input = 1; input < found.size(); input++) {
            if (found.get(input).size() != first.size()) {
                throw new IllegalArgumentException("inputs need equally many files: "
                        + inputs.getFirst() + " is " + first.size() + " and " + inputs.get(input)
                        + " is " + found.get(input).size());
            }
        }
        List<Group> groups = new ArrayList<>();
        for (int i = 0; i < first.size(); i++) {
            int number = i;
            List<Path> paths = found.stream().map(files -> files.get(number)).toList();
            groups.add(group(paths, elementBytes));
        }
        return new ScanFiles(List.copyOf(groups));
    }

    /** {@return bytes of one input, over all its files} */
    long byteSize() {
        return groups.stream().mapToLong(Group::byteSize).sum();
    }

    /**
     * {@return ranges of the files, each for a task; none of an empty file}
     *
     * @param pieceBytes of which each has a whole number, but for the end of a file
     * @param partitionBytes the most that each has, if that is a piece at least
     */
    List<ScanRange> ranges(long pieceBytes, long partitionBytes) {
        long step = Math.max(1, partitionBytes / pieceBytes) * pieceBytes;
        List<ScanRange> ranges = new ArrayList<>();
        for (Group group : groups) {
            long offset = 0;
            while (offset < group.byteSize()) {
                long byteSize = Math.min(step, group.byteSize() - offset);
                ranges.add(new ScanRange(group, offset, byteSize));
                offset += byteSize;
            }
        }
        return ranges;
    }

    private static Group group(List<Path> paths, long elementBytes) {
        List<InputVersion> versions =
                paths.stream().map(path -> InputVersion.of(path, "the driver")).toList();
        long byteSize = versions.getFirst().byteSize();
        if (byteSize % elementBytes != 0) {
            throw new IllegalArgumentException("input " + paths.getFirst() + " has " + byteSize
                    + " bytes, which are no whole number of elements of " + elementBytes);
        }
        for (int i = 1; i < paths.size(); i++) {
            if (versions.get(i).byteSize() != byteSize) {
                throw new IllegalArgumentException("files that are read together are equally long,"
                        + " and " + paths.getFirst() + " has " + byteSize + " bytes, "
                        + paths.get(i) + " has " + versions.get(i).byteSize());
            }
        }
        return new Group(paths.stream().map(Path::toString).toList(), versions);
    }

    // ---- finding ----

    private static List<Path> find(List<String> patterns) {
        List<Path> all = new ArrayList<>();
        for (String pattern : patterns) {
            List<Path> found;
            try {
                found = find(LocalPath.of(pattern));
            } catch (IOException e) {
                throw new UncheckedIOException("the driver cannot look for " + pattern, e);
            }
            if (found.isEmpty()) {
                throw new IllegalArgumentException("the driver finds no file " + pattern
                        + "; the driver and all executors read inputs under one path");
            }
            all.addAll(found);
        }
        return all;
    }

    private static List<Path> find(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return inFolder(path);
        }
        if (Files.exists(path)) {
            return List.of(path);
        }
        return WILD.matcher(path.toString()).find() ? matching(path) : List.of();
    }

    /** Names that begin so are of marks and unfinished files, as Spark and Hadoop leave them. */
    private static List<Path> inFolder(Path folder) throws IOException {
        TreeSet<Path> files = new TreeSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, "[!._]*")) {
            for (Path entry : entries) {
                if (Files.isRegularFile(entry)) {
                    files.add(entry);
                }
            }
        }
        return List.copyOf(files);
    }

    private static List<Path> matching(Path pattern) throws IOException {
        Path base = pattern;
        while (WILD.matcher(base.toString()).find()) {
            base = Objects.requireNonNull(base.getParent()); // a root has no pattern
        }
        if (!Files.isDirectory(base)) {
            return List.of();
        }
        int depth = pattern.toString().contains("**")
                ? Integer.MAX_VALUE
                : pattern.getNameCount() - base.getNameCount();
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        try (Stream<Path> files = Files.find(
                base, depth, (file, kind) -> kind.isRegularFile() && matcher.matches(file))) {
            return files.sorted().toList();
        }
    }
}
