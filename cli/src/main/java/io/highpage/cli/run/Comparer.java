// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.cli.console.CloseAll;
import io.highpage.cli.console.OutputFile;
import io.highpage.cli.console.Progress;
import io.highpage.cli.console.UserError;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Does a job in two ways in turns, and checks that their outputs are the same bytes. */
final class Comparer {
    private final JobFiles files;
    private final Way pipeline;
    private final Way plain;
    private final boolean quiet;

    /** Of each output, the first time that it was made. */
    private List<String> digests = List.of();

    Comparer(JobFiles files, Way pipeline, Way plain, boolean quiet) {
        this.files = files;
        this.pipeline = pipeline;
        this.plain = plain;
        this.quiet = quiet;
    }

    Comparison compare() {
        List<OutputFile> outputs = files.createOutputs(path -> path);
        try {
            outputs.forEach(Comparer::checkRegular);
            // Both once to warm up; then each goes first once, so that what changes with time does
            // not favour either.
            drop(plain, "plain way, to warm up");
            drop(pipeline, "pipeline, to warm up");
            double firstPipeline = drop(pipeline, "pipeline, 1 of 2");
            double firstPlain = drop(plain, "plain way, 1 of 2");
            double secondPlain = drop(plain, "plain way, 2 of 2");
            Result last = run(pipeline, outputs, "pipeline, 2 of 2");
            OutputFile.complete(outputs);
            return new Comparison(
                    last,
                    List.of(firstPipeline, last.nanos() / 1e9),
                    List.of(firstPlain, secondPlain),
                    digests);
        } finally {
            CloseAll.inOrder(outputs);
        }
    }

    private static void checkRegular(OutputFile output) {
        if (!output.isRegular()) {
            throw UserError.usage(
                    "--compare needs files: --out " + output.path() + " cannot be read again");
        }
    }

    /**
     * Runs and throws the outputs away, which were files beside the real ones. {@return the time it
     * took, in seconds}
     */
    private double drop(Way way, String task) {
        List<OutputFile> outputs =
                files.createOutputs(path -> path.resolveSibling(path.getFileName() + ".compare"));
        try {
            return run(way, outputs, task).nanos() / 1e9;
        } finally {
            CloseAll.inOrder(outputs);
        }
    }

    private Result run(Way way, List<OutputFile> outputs, String task) {
        try (Progress progress = Progress.ofBytes(task, files.totalBytes(), quiet)) {
            Result result = way.run(outputs, progress);
            List<Path> written = outputs.stream().map(OutputFile::written).toList();
            written.forEach(Comparer::force);
            check(written.stream().map(Comparer::sha256).toList(), task);
            return result;
        }
    }

    private void check(List<String> made, String task) {
        if (digests.isEmpty()) {
            digests = made;
        }
        for (int i = 0; i < made.size(); i++) {
            if (!made.get(i).equals(digests.get(i))) {
                throw UserError.failed("--compare: " + files.outputs().get(i)
                        + " differs from run to run: its SHA-256 was "
                        + digests.get(i) + " the first time and is " + made.get(i) + " now (" + task
                        + "); does the kernel work on each element by itself?");
            }
        }
    }

    /** Has the disk take the bytes: the next run would be slowed down by those that wait. */
    private static void force(Path path) {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
            file.force(false);
        } catch (IOException e) {
            throw UserError.io("cannot write " + path, e);
        }
    }

    private static String sha256(Path path) {
        try (DigestInputStream in = new DigestInputStream(
                Files.newInputStream(path), MessageDigest.getInstance("SHA-256"))) {
            byte[] piece = new byte[1 << 20];
            while (in.read(piece) >= 0) {
                // the digest takes them
            }
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        } catch (IOException e) {
            throw UserError.io("cannot read " + path, e);
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every Java has SHA-256", impossible);
        }
    }
}
