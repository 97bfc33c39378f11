// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.cli.console.CloseAll;
import io.highpage.cli.console.FileLength;
import io.highpage.cli.console.OutputFile;
import io.highpage.cli.console.SameFile;
import io.highpage.cli.console.SystemMemory;
import io.highpage.cli.console.Units;
import io.highpage.cli.console.UserError;
import io.highpage.outcome.Allocation;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The files of a job, which have one length, but for outputs that are counted, and how they are
 * cut.
 *
 * @param arguments the files, in the kernel's order; at least one input and one output
 * @param byteSize the length of each
 * @param pieceBytes the length of each piece; the last one may be shorter
 * @param elementBytes bytes for each work-item
 * @param stride how far apart the pieces are in a buffer that has several
 * @param own for each file, its length if that is another; there is one piece then
 */
record JobFiles(
        List<FileArgument> arguments,
        long byteSize,
        long pieceBytes,
        long elementBytes,
        long stride,
        List<OptionalLong> own) {

    /**
     * Looks at the files.
     *
     * @param arguments the files, in the kernel's order
     * @return the files, in one piece of bytes
     * @throws UserError if they do not fit together
     */
    static JobFiles of(List<FileArgument> arguments) {
        long byteSize = commonLength(arguments);
        arguments.stream()
                .filter(FileArgument::output)
                .forEach(output -> checkApart(output, arguments));
        return new JobFiles(
                List.copyOf(arguments),
                byteSize,
                byteSize,
                1,
                SystemMemory.wholePages(byteSize),
                Collections.nCopies(arguments.size(), OptionalLong.empty()));
    }

    /**
     * Cuts them.
     *
     * @param newElementBytes bytes for each work-item
     * @param largestPiece the most bytes of a piece, if the kernel is element-wise
     * @return the files, cut
     * @throws UserError if an element does not divide them
     */
    JobFiles cut(long newElementBytes, OptionalLong largestPiece) {
        if (largestPiece.isPresent() && largestPiece.getAsLong() % newElementBytes != 0) {
            throw UserError.usage("--chunk " + largestPiece.getAsLong()
                    + " is not a positive multiple of --element-bytes " + newElementBytes);
        }
        if (byteSize % newElementBytes != 0) {
            throw UserError.failed(firstInput() + " has " + byteSize
                    + " bytes, which is not a multiple of --element-bytes " + newElementBytes);
        }
        long piece = Math.min(largestPiece.orElse(byteSize), byteSize);
        return new JobFiles(
                arguments, byteSize, piece, newElementBytes, SystemMemory.wholePages(piece), own);
    }

    /**
     * Gives files lengths of their own.
     *
     * @param lengths for each file, its length if it is not that of the inputs
     * @return the files
     */
    JobFiles with(List<OptionalLong> lengths) {
        return new JobFiles(arguments, byteSize, pieceBytes, elementBytes, stride, lengths);
    }

    /**
     * Cuts them at spans: each has as many whole elements as go into it.
     *
     * @param spanBytes the length of a span, at least an element
     * @return the files, cut; as they are if they are shorter than a span
     */
    JobFiles inSpans(long spanBytes) {
        long piece = spanBytes / elementBytes * elementBytes;
        return piece >= byteSize
                ? this
                : new JobFiles(arguments, byteSize, piece, elementBytes, spanBytes, own);
    }

    /** {@return whether the places of pieces in a buffer can be spans} */
    boolean inSpans() {
        return Long.bitCount(stride) == 1 && stride >= Allocation.SPAN_BYTES_MIN;
    }

    List<FileArgument> inputs() {
        return arguments.stream().filter(file -> !file.output()).toList();
    }

    List<FileArgument> outputs() {
        return arguments.stream().filter(FileArgument::output).toList();
    }

    /**
     * Starts to write a file for each output.
     *
     * @param name makes the name of a file of that of an output
     * @return the files; the caller closes them
     * @throws UserError if one cannot be written; none is open then
     */
    List<OutputFile> createOutputs(UnaryOperator<Path> name) {
        List<OutputFile> outputs = new ArrayList<>();
        try {
            for (FileArgument file : outputs()) {
                outputs.add(OutputFile.create(name.apply(file.path())));
            }
            return outputs;
        } catch (UserError failed) {
            CloseAll.inOrder(outputs);
            throw failed;
        }
    }

    /** {@return whether an output is counted} */
    boolean hasCounted() {
        return own.stream().anyMatch(OptionalLong::isPresent);
    }

    /** {@return the largest file and its length, in words} */
    String largest() {
        int largest = arguments.indexOf(firstInput());
        for (int file = 0; file < count(); file++) {
            if (length(file) > length(largest)) {
                largest = file;
            }
        }
        return arguments.get(largest) + " with " + Units.bytes(length(largest));
    }

    private long length(int file) {
        return own.get(file).orElse(byteSize);
    }

    FileArgument firstInput() {
        return firstInput(arguments);
    }

    int count() {
        return arguments.size();
    }

    /** {@return the bytes of all files} */
    long totalBytes() {
        return IntStream.range(0, count()).mapToLong(this::length).sum();
    }

    /** {@return the bytes that a piece of a file takes in memory} */
    long room(int file) {
        return own.get(file).isPresent()
                ? SystemMemory.wholePages(own.get(file).getAsLong())
                : stride;
    }

    /** {@return the length of each output} */
    List<Long> outputBytes() {
        return IntStream.range(0, count())
                .filter(file -> arguments.get(file).output())
                .mapToObj(this::length)
                .toList();
    }

    /** {@return the number of work-items of a range} */
    long items(long bytes) {
        return bytes / elementBytes;
    }

    // ---- pieces ----

    long pieces() {
        return Math.ceilDiv(byteSize, pieceBytes);
    }

    /** {@return where a piece starts in every file} */
    long position(long piece) {
        return piece * pieceBytes;
    }

    /** {@return the length of a piece of one of the files} */
    long bytes(int file, long piece) {
        return own.get(file).orElseGet(() -> bytes(piece));
    }

    /** {@return the length of a piece of those that have one length} */
    long bytes(long piece) {
        return Math.min(pieceBytes, byteSize - position(piece));
    }

    // ---- checks ----

    private static FileArgument firstInput(List<FileArgument> arguments) {
        return arguments.stream().filter(file -> !file.output()).findFirst().orElseThrow();
    }

    private static long commonLength(List<FileArgument> arguments) {
        FileArgument first = null;
        long length = 0;
        for (FileArgument file : arguments) {
            if (file.output()) {
                continue;
            }
            long bytes = length(file);
            if (first != null && bytes != length) {
                throw UserError.failed("all inputs must have one length, but " + first + " has "
                        + length + " bytes and " + file + " has " + bytes);
            }
            first = first == null ? file : first;
            length = bytes;
        }
        if (first == null || arguments.stream().noneMatch(FileArgument::output)) {
            throw UserError.usage("give at least one --in FILE and one --out FILE");
        }
        return length;
    }

    private static long length(FileArgument file) {
        try {
            if (Files.exists(file.readable()) && !Files.isRegularFile(file.readable())) {
                throw UserError.failed("cannot read " + file + ": it is not a regular file");
            }
            try (FileChannel readable = FileChannel.open(file.readable())) {
                if (readable.size() == 0) {
                    throw UserError.failed(
                            file + " is empty: there is nothing to run the kernel over");
                }
                return FileLength.checked(file, readable.size(), 1);
            }
        } catch (IOException e) {
            throw UserError.io("cannot read " + file, e);
        }
    }

    // An output that is also an input would be overwritten; two outputs of one name would overwrite
    // each other.
    private static void checkApart(FileArgument output, List<FileArgument> arguments) {
        for (FileArgument other : arguments) {
            if (other != output && SameFile.is(output.path(), other.path())) {
                throw UserError.usage(output + " and " + other + " are the same file");
            }
        }
    }
}
