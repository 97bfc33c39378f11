// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import io.highpage.device.Devices;
import io.highpage.outcome.HighpageException;

import org.jocl.CLException;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.function.LongConsumer;

/** Filters a file of records on a device. */
public final class Ingest {
    private Ingest() {}

    /**
     * The program.
     *
     * @param arguments see {@link Options#USAGE}
     */
    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments), System.out, bytes -> {}));
    }

    /**
     * Does what the command line says, in this thread.
     *
     * @param arguments see {@link Options#USAGE}
     * @param out where to tell of it
     * @param progress is told how many bytes of the input are read, by this thread
     * @return 0, or 1 if it failed, or 2 if the command line is wrong
     */
    static int run(List<String> arguments, PrintStream out, LongConsumer progress) {
        Options options;
        try {
            options = Options.parse(arguments);
        } catch (IllegalArgumentException wrong) {
            out.println("ingest: " + wrong.getMessage());
            out.print(Options.USAGE);
            return 2;
        }
        try {
            run(options, out, progress);
            return 0;
        } catch (IOException | HighpageException | IllegalArgumentException failed) {
            out.println("ingest: " + failed.getMessage() + "; " + options.job().output()
                    + " is as it was");
            return 1;
        }
    }

    private static void run(Options options, PrintStream out, LongConsumer progress)
            throws IOException {
        Job job = options.job();
        if (options.make() > 0) {
            make(job, options.make() / Records.BYTES);
        }
        check(job);
        if (options.compare()) {
            new Comparison(job, options.device(), out).run();
            return;
        }
        try (NewFile output = create(job);
                Filter filter = filter(options.device(), job, out)) {
            Result result = new Pipeline(job, filter, progress).run(output.part());
            output.finish();
            out.println(result.way() + ", " + filter.description());
            out.printf(
                    "kept %d of %d records, %.2f GB/s%n",
                    result.kept(),
                    result.records(),
                    (double) result.records() * Records.BYTES / result.nanos());
        }
    }

    private static void make(Job job, long records) throws IOException {
        try {
            Records.make(job.input(), records);
        } catch (FileAlreadyExistsException there) {
            throw new IOException(
                    "cannot make " + job.input() + ": it is there already, and is read without"
                            + " --make",
                    there);
        } catch (IOException failed) {
            Files.deleteIfExists(job.input());
            throw failed("cannot make " + job.input(), failed);
        }
    }

    private static void check(Job job) throws IOException {
        try {
            if (Files.exists(job.input()) && !Files.isRegularFile(job.input())) {
                throw new IOException("it is not a regular file");
            }
            long bytes = Files.size(job.input());
            if (bytes % Records.BYTES != 0) {
                throw new IOException("its length of " + bytes + " bytes is not a multiple of "
                        + Records.BYTES + ": that is not a file of records");
            }
        } catch (IOException failed) {
            throw failed("cannot read " + job.input(), failed);
        }
        if (Files.exists(job.output()) && Files.isSameFile(job.input(), job.output())) {
            throw new IOException("cannot write " + job.output() + ": it is the input");
        }
    }

    /** {@return the output, to be written} */
    static NewFile create(Job job) throws IOException {
        try {
            return new NewFile(job.output());
        } catch (IOException failed) {
            throw failed("cannot write " + job.output(), failed);
        }
    }

    /** {@return the job on the device of a name} */
    static Filter filter(String device, Job job, PrintStream out) throws IOException {
        float threshold = job.threshold();
        if (device.equals("host")) {
            return new JavaFilter(job.memory(), threshold);
        }
        boolean any = device.equals("auto");
        try {
            return OpenClFilter.open(Devices.named(any ? "opencl" : device), threshold);
        } catch (HighpageException | CLException | LinkageError | IllegalArgumentException no) {
            if (!any) {
                throw new IOException(no.getMessage(), no);
            }
            out.println(no.getMessage() + "; doing it in Java");
            return new JavaFilter(job.memory(), threshold);
        }
    }

    /** {@return an error that says what failed and why} */
    static IOException failed(String what, IOException why) {
        String reason = switch (why) {
            case NoSuchFileException absent -> "no such file or folder";
            case AccessDeniedException denied -> "permission denied";
            case FileAlreadyExistsException left ->
                left.getFile() + " is there, of a run that goes on or was killed; if it"
                        + " was killed, remove it";
            default -> why.getMessage();
        };
        boolean interrupted =
                why instanceof InterruptedIOException && Thread.currentThread().isInterrupted()
                        || why instanceof ClosedByInterruptException;
        return interrupted ? interrupted(why) : new IOException(what + ": " + reason, why);
    }

    private static IOException interrupted(IOException why) {
        return (IOException) new InterruptedIOException("interrupted").initCause(why);
    }
}
