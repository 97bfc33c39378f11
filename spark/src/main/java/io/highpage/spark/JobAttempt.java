// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * An attempt at one output, in a task: a file in the job's folder until it is committed.
 *
 * <p>A commit is a hard link from the output's name to the attempt's file, which fails if the name
 * is there. Attempts' files stay until the job ends; so whether an output that is there is this
 * job's is asked of the files themselves, which are one file, also where the link was made and the
 * answer was lost. Beside each file is a record of what made it, written before the link. Confined
 * to one thread.
 */
final class JobAttempt implements AutoCloseable {
    private static final String DATA = ".part";
    private static final String RECORD = ".record";
    private static final String MODEL = "model";

    /** How long a file system may take to show an executor what the driver has made. */
    private static final Duration SHOWN = Duration.ofSeconds(5);

    private final Path folder;
    private final PlannedRange planned;
    private final String executor;
    private final long attempt;
    private final Path file;

    /** Whether the output is this file, which then stays for others to compare with. */
    private boolean committed;

    private JobAttempt(Path folder, PlannedRange planned, String executor, long attempt) {
        this.folder = folder;
        this.planned = planned;
        this.executor = executor;
        this.attempt = attempt;
        this.file = folder.resolve(planned.index() + "-" + attempt + DATA);
    }

    /**
     * Begins an attempt, which has no file yet.
     *
     * @param folder the job's
     * @param executor and its host, for messages and the record
     * @param attempt unique in the job
     * @throws RefusedException if the executor does not see the folder that the driver has made
     */
    static JobAttempt begin(Path folder, PlannedRange planned, String executor, long attempt)
            throws InterruptedException {
        long start = System.nanoTime();
        while (!Files.isDirectory(folder)) {
            if (System.nanoTime() - start > SHOWN.toNanos()) {
                throw new RefusedException(executor + " has no folder " + folder
                        + ", which the driver has made: the output folder is another one there."
                        + " Give one that is mounted under the same path on all machines");
            }
            Thread.sleep(100);
        }
        return new JobAttempt(folder, planned, executor, attempt);
    }

    /**
     * Has all outputs of the job made by one model of device.
     *
     * @param device the model here
     * @throws RefusedException if another one was first
     */
    void claim(String device) throws IOException {
        Path mine = folder.resolve(MODEL + "-" + attempt);
        Path first = folder.resolve(MODEL);
        Files.writeString(mine, device);
        try {
            Files.createLink(first, mine);
        } catch (FileAlreadyExistsException another) {
            String model = Files.readString(first);
            if (!model.equals(device)) {
                throw new RefusedException("the job's first output is made by '" + model + "', and "
                        + executor + " has '" + device + "': with sameBits they are not mixed."
                        + " Have Spark put the job on executors of one model, or leave sameBits"
                        + " out");
            }
        } finally {
            Files.deleteIfExists(mine);
        }
    }

    /**
     * Makes the attempt's file.
     *
     * @return the file, which is empty
     * @throws RefusedException if this executor may not write there
     */
    Path create() throws IOException {
        try {
            return Files.createFile(file);
        } catch (NoSuchFileException ended) {
            throw ended; // the job has, and nobody waits for this attempt
        } catch (IOException e) {
            throw new RefusedException(executor + " cannot write to " + folder + ": " + e, e);
        }
    }

    /**
     * Commits the attempt's file, which is complete and closed; unless another attempt was first.
     *
     * @param device what made it
     * @return the output that is committed, of whichever attempt
     * @throws RefusedException if somebody else has made a file of that name
     */
    JobOutput commit(String device) throws IOException {
        force(file);
        Path record = record(attempt);
        Files.write(record, List.of(device, executor));
        force(record);
        Path output = Path.of(planned.output());
        committed = true; // until it is known that it is not: by this file others know it
        try {
            Files.createLink(output, file);
            return output(attempt);
        } catch (FileAlreadyExistsException another) {
            return found().orElseThrow(() -> new RefusedException("output " + output
                    + " was made by somebody else while the job ran; it stays as it is. Give each"
                    + " job a folder of its own"));
        } finally {
            committed = isSame(file, output);
        }
    }

    /** {@return the output, if an attempt of this job has committed it} */
    Optional<JobOutput> found() throws IOException {
        Path output = Path.of(planned.output());
        if (!Files.exists(output)) {
            return Optional.empty();
        }
        String prefix = planned.index() + "-";
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, prefix + "*" + DATA)) {
            for (Path one : all) {
                if (isSame(one, output)) {
                    String name = one.getFileName().toString();
                    return Optional.of(output(Long.parseLong(
                            name.substring(prefix.length(), name.length() - DATA.length()))));
                }
            }
        }
        return Optional.empty();
    }

    /** {@return whether two names are of one file; not if one is gone by now, or not there yet} */
    private static boolean isSame(Path one, Path output) throws IOException {
        try {
            return Files.isSameFile(one, output);
        } catch (NoSuchFileException removed) {
            return false;
        }
    }

    private JobOutput output(long maker) throws IOException {
        List<String> made = Files.readAllLines(record(maker));
        return new JobOutput(planned.range(), planned.output(), made.get(0), made.get(1), maker);
    }

    private Path record(long maker) {
        return folder.resolve(planned.index() + "-" + maker + RECORD);
    }

    private static void force(Path written) throws IOException {
        try (FileChannel channel = FileChannel.open(written, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /** Removes what was not committed. */
    @Override
    public void close() throws IOException {
        if (!committed) {
            Files.deleteIfExists(file);
            Files.deleteIfExists(record(attempt));
        }
    }
}
