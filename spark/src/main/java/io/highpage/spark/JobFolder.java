// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Objects;

/**
 * The driver's side of a job's attempts: {@code OUTPUT/_highpage/JOB/}, which is there while the
 * job runs. Attempts are files in it and make no folders, so once it has gone no attempt that is
 * still running can begin another file or commit one.
 *
 * <p>The driver keeps a lock on a file in it, which ends with its process, however that ends. So
 * who comes later knows what a dead driver has left, on any file system whose locks reach all
 * drivers. Closing any descriptor of a file gives up all locks that the process has on it, so
 * folders of this process, told by their names, are not looked at. Confined to one thread.
 */
final class JobFolder implements AutoCloseable {
    /** Beside the outputs: Spark's own readers and Hadoop's leave out what begins like this. */
    static final String PARENT = "_highpage";

    private static final Logger LOG = LoggerFactory.getLogger(JobFolder.class);
    private static final String PREFIX = "job-";
    private static final String ENDED = ".ended";
    private static final String LOCK = "lock";
    private static final String LINK = "link";
    private static final int TRIES = 100;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Tells the jobs of this process from those of all others, also of one with its number. */
    private static final String PROCESS =
            Long.toHexString(ProcessHandle.current().pid())
                    + "-"
                    + Long.toHexString(ManagementFactory.getRuntimeMXBean().getStartTime())
                    + ".";

    private final Path folder;
    private final FileChannel lock;

    private JobFolder(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /**
     * Makes the folder of outputs, if there is none, and in it that of a job, and removes what dead
     * drivers left there.
     *
     * @param application Spark's name of the application, for whoever looks into the folder
     * @throws IOException if it cannot be written, or there are no locks
     */
    static JobFolder begin(Path outputs, String application) throws IOException {
        Path parent = outputs.resolve(PARENT);
        removeLeftovers(parent);
        for (int i = 1; ; i++) {
            try {
                Files.createDirectories(parent);
                return lock(Files.createDirectory(parent.resolve(freshName(application))));
            } catch (NoSuchFileException | FileAlreadyExistsException removed) {
                // by a job that ends, or that took it for a dead driver's before it was locked
                if (i == TRIES) {
                    throw removed;
                }
            }
        }
    }

    @SuppressWarnings("resource") // the lock is kept by its channel, which the object closes
    private static JobFolder lock(Path folder) throws IOException {
        Path path = folder.resolve(LOCK);
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() == null || !Files.exists(path)) {
                throw new NoSuchFileException(path.toString());
            }
            return linking(new JobFolder(folder, channel));
        } catch (IOException | RuntimeException e) {
            closeAfter(e, channel);
            throw e;
        }
    }

    /** Looks whether an attempt can commit, before there is one. */
    private static JobFolder linking(JobFolder made) throws IOException {
        try {
            Files.createLink(made.folder.resolve(LINK), made.folder.resolve(LOCK));
            return made;
        } catch (NoSuchFileException removed) {
            throw removed;
        } catch (IOException | UnsupportedOperationException none) {
            made.close();
            throw new IOException("its file system makes no hard links: " + none, none);
        }
    }

    private static void closeAfter(Exception failed, FileChannel channel) {
        try {
            channel.close();
        } catch (IOException alsoFailed) {
            failed.addSuppressed(alsoFailed);
        }
    }

    /** {@return the job's name, which no other has} */
    String jobId() {
        return folder.getFileName().toString();
    }

    /** {@return where attempts are} */
    Path folder() {
        return folder;
    }

    /**
     * Removes what attempts left. An attempt that still writes then writes to a file that nobody
     * sees.
     *
     * @throws IOException if something stays
     */
    @Override
    public void close() throws IOException {
        Path ended;
        try {
            ended = end(folder);
            empty(ended);
        } finally {
            // NFS keeps a name for a removed file that is open, so it is closed first.
            lock.close();
        }
        removeEmptied(ended);
        removeIfEmpty(Objects.requireNonNull(folder.getParent())); // OUTPUT/_highpage
    }

    // ---- what dead drivers left ----

    private static void removeLeftovers(Path parent) throws IOException {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path left : folders) {
                if (!left.getFileName().toString().contains(PROCESS)) {
                    tryToRemove(left);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException nothing) {
            // no job was here, or the last one has just ended
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    /** No job is kept from its work by what it may not remove, such as another user's. */
    private static void tryToRemove(Path left) {
        try {
            removeIfDead(left);
        } catch (IOException e) {
            LOG.warn("What another driver has or left in {} stays: {}", left, e.toString());
        }
    }

    private static void removeIfDead(Path left) throws IOException {
        Path path = left.resolve(LOCK);
        Path ended;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE);
                FileLock locked = channel.tryLock()) {
            if (locked == null) {
                return; // its driver lives
            }
            ended = end(left);
            empty(ended);
        } catch (NoSuchFileException unlocked) {
            removeIfEmpty(left); // not locked yet, or no more
            return;
        } catch (OverlappingFileLockException alive) {
            return;
        }
        removeEmptied(ended);
    }

    // ---- removal: first out of the attempts' reach, at last the lock ----

    private static Path end(Path folder) throws IOException {
        String name = folder.getFileName().toString();
        if (name.endsWith(ENDED)) {
            return folder;
        }
        return Files.move(
                folder, folder.resolveSibling(name + ENDED), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void empty(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                if (!file.endsWith(LOCK)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static void removeEmptied(Path folder) throws IOException {
        Files.deleteIfExists(folder.resolve(LOCK));
        Files.deleteIfExists(folder);
    }

    private static void removeIfEmpty(Path folder) throws IOException {
        try {
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException used) {
            // by another job
        }
    }

    private static String freshName(String application) {
        byte[] random = new byte[Integer.BYTES];
        RANDOM.nextBytes(random);
        return PREFIX + application.replaceAll("[^A-Za-z0-9-]", "-") + "." + PROCESS
                + HexFormat.of().formatHex(random);
    }
}
