// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import io.highpage.internal.os.NewFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The new file that is to take the place of another one. It is beside it, since only there can it
 * take its place in one step, and that folder may be one that others write to: its name, if it has
 * one yet, cannot be guessed, and nothing is ever done to it by that name that would follow a link.
 * Confined to one thread.
 */
final class Unfinished implements AutoCloseable {
    private static final String PREFIX = ".highpage-";
    private static final String SUFFIX = ".part";
    private static final SecureRandom RANDOM = new SecureRandom();

    private static final int FOR_ALL = 0666; // less the umask, as for any new file
    private static final int FOR_ME = 0600;
    private static final int PERMISSIONS = 0777;

    /** Names that have to go should the process end before its work does. */
    private static final Set<Path> NAMED = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() -> NAMED.forEach(Unfinished::deleteAtLast), "outputs"));
    }

    private final NewFile file;

    /** Null for a temporary file. */
    private final @Nullable Path target;

    private final boolean replaces;
    /** Another name of what was there, until all is done. */
    private @Nullable Path former;

    private boolean replaced;

    private Unfinished(NewFile file, @Nullable Path target) {
        this.file = file;
        this.target = target;
        this.replaces = target != null && Files.exists(target, LinkOption.NOFOLLOW_LINKS);
    }

    /** {@return an empty file with the permissions and the owner of what it is to replace} */
    static Unfinished replacing(Path path, boolean unnamed) throws IOException {
        boolean exists = Files.exists(path);
        if (exists) {
            // The kernel says whether this user may write it, and follow the link that it may be.
            FileChannel.open(path, StandardOpenOption.WRITE).close();
        }
        // Through links, so that the file and not the link to it is replaced.
        Path target = exists ? path.toRealPath() : path.toAbsolutePath();
        // Nobody may read what he could not read before, not even for a moment.
        NewFile file = create(folderOf(target), exists ? FOR_ME : FOR_ALL, unnamed);
        try {
            if (exists) {
                makeAlike(file, target);
            }
            return new Unfinished(file, target);
        } catch (IOException | RuntimeException e) {
            discard(file);
            throw e;
        }
    }

    /** {@return an empty file that takes nobody's place} */
    static Unfinished temporary(Path folder) throws IOException {
        return new Unfinished(create(folder.toAbsolutePath(), FOR_ME, true), null);
    }

    private static NewFile create(Path folder, int mode, boolean unnamed) throws IOException {
        NewFile file = NewFile.create(freshName(folder), mode, unnamed);
        if (file.isNamed()) {
            NAMED.add(file.name());
        }
        return file;
    }

    /** {@return the folder of a file, which is not the root, since that is a folder} */
    private static Path folderOf(Path target) {
        return Objects.requireNonNull(target.getParent());
    }

    private static Path freshName(Path folder) {
        byte[] random = new byte[Long.BYTES];
        RANDOM.nextBytes(random);
        return folder.resolve(PREFIX + HexFormat.of().formatHex(random) + SUFFIX);
    }

    private static void makeAlike(NewFile file, Path target) throws IOException {
        Map<String, Object> wanted = Files.readAttributes(target, "unix:mode,uid,gid");
        if (!file.isReachable()) {
            throw new IOException(
                    "its permissions and owner can be kept only where there is /proc; write a"
                            + " new file");
        }
        Map<String, Object> made = Files.readAttributes(file.path(), "unix:uid,gid");
        try {
            for (String owner : List.of("gid", "uid")) {
                if (!Objects.equals(wanted.get(owner), made.get(owner))) {
                    Files.setAttribute(file.path(), "unix:" + owner, wanted.get(owner));
                }
            }
        } catch (IOException refused) {
            throw new IOException(
                    "it belongs to user " + wanted.get("uid") + " and group " + wanted.get("gid")
                            + ", which this user cannot give to the file that would replace it;"
                            + " write another file, or"
                            + " remove this one first",
                    refused);
        }
        Files.setAttribute(
                file.path(),
                "unix:mode",
                (int) Objects.requireNonNull(wanted.get("mode")) & PERMISSIONS);
    }

    /** {@return what runs left in a folder that were killed where files cannot be without names} */
    static List<Path> leftovers(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(path -> isUnfinished(path) && !NAMED.contains(path))
                    .toList();
        } catch (IOException | UncheckedIOException unreadable) {
            return List.of();
        }
    }

    private static boolean isUnfinished(Path path) {
        String name = path.getFileName().toString();
        return name.startsWith(PREFIX)
                && name.endsWith(SUFFIX)
                && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
    }

    boolean isTemporary() {
        return target == null;
    }

    boolean isReachable() {
        return file.isReachable();
    }

    Path path() {
        return file.path();
    }

    /** {@return a channel to it, which the caller closes} */
    FileChannel open() throws IOException {
        return isReachable()
                ? FileChannel.open(path(), StandardOpenOption.WRITE)
                : FileChannel.open(
                        file.name(), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Does all that may fail, but for the last step.
     *
     * @param undoable whether to keep what is there, so that it can be put back
     */
    void prepare(boolean undoable) throws IOException {
        if (target == null) {
            return;
        }
        if (!file.isNamed()) {
            NAMED.add(file.name());
            file.giveName();
        }
        if (undoable && replaces) {
            Path name = freshName(folderOf(target));
            try {
                Files.createLink(name, target);
                NAMED.add(name);
                former = name;
            } catch (FileSystemException noLinks) {
                // a file system without links: what follows can fail all the same, but not be
                // undone
            }
        }
    }

    /** Takes the place. */
    void replace() throws IOException {
        if (target != null) {
            Files.move(
                    file.name(),
                    target,
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.ATOMIC_MOVE);
            NAMED.remove(file.name());
            replaced = true;
        }
    }

    /** Undoes {@link #replace()}, if it was done. */
    void putBack() throws IOException {
        if (!replaced || target == null) {
            return;
        }
        if (!replaces) {
            Files.deleteIfExists(target);
        } else if (former == null) {
            throw new IOException(
                    "what was there cannot be put back, since this file system has no links");
        } else {
            Files.move(
                    former,
                    target,
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.ATOMIC_MOVE);
            NAMED.remove(former);
            former = null;
        }
        replaced = false;
    }

    /** Has the disk take the new name. */
    void forceFolder() throws IOException {
        if (target != null) {
            try (FileChannel folder = FileChannel.open(folderOf(target))) {
                folder.force(true);
            }
        }
    }

    @Override
    public void close() throws IOException {
        try {
            if (former != null) {
                Files.deleteIfExists(former);
                NAMED.remove(former);
            }
        } finally {
            discard(file);
        }
    }

    private static void discard(NewFile file) throws IOException {
        file.close();
        if (NAMED.contains(file.name())) {
            Files.deleteIfExists(file.name());
            NAMED.remove(file.name());
        }
    }

    private static void deleteAtLast(Path name) {
        try {
            Files.deleteIfExists(name);
        } catch (IOException tooLate) {
            // the next run names it
        }
    }
}
