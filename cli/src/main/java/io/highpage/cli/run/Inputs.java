// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.cli.console.CloseAll;
import io.highpage.cli.console.Descriptors;
import io.highpage.cli.console.OutputFile;
import io.highpage.cli.console.UserError;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The files of a job, in which pipes, such as standard input, are replaced by temporary files with
 * all that came out of them: a job knows how long its files are, and reads them where it likes.
 * Confined to one thread.
 */
public final class Inputs implements AutoCloseable {
    private static final int PIECE = 1 << 16;

    private static final int TYPE = 0170000;
    private static final int PIPE = 0010000;
    private static final int TERMINAL = 0020000; // and other things that give characters
    private static final int SOCKET = 0140000;

    private final Map<Path, OutputFile> copies = new HashMap<>();
    private final List<FileArgument> arguments = new ArrayList<>();

    private Inputs() {}

    /**
     * Reads the pipes to their ends.
     *
     * @param arguments the files, in the kernel's order
     * @return the same, all of which can be read now, if they are there at all
     * @throws UserError if one cannot be read, or there is no room for it
     */
    public static Inputs of(List<FileArgument> arguments) {
        Inputs inputs = new Inputs();
        try {
            for (FileArgument file : arguments) {
                inputs.arguments.add(
                        file.output() || !isPipe(file.path())
                                ? file
                                : file.copiedTo(inputs.copy(file).written()));
            }
            return inputs;
        } catch (RuntimeException | Error failed) {
            CloseAll.after(failed, inputs);
            throw failed;
        }
    }

    /** {@return the files, in the kernel's order} */
    public List<FileArgument> arguments() {
        return List.copyOf(arguments);
    }

    private static boolean isPipe(Path path) {
        try {
            int type = (int) Files.getAttribute(path, "unix:mode") & TYPE;
            return type == PIPE
                    || type == SOCKET
                    || type == TERMINAL && Descriptors.isStandardInput(path);
        } catch (IOException none) {
            return false; // whoever reads it says so
        }
    }

    /** A pipe that is given twice is read once. */
    private OutputFile copy(FileArgument input) {
        OutputFile known = copies.get(input.path());
        if (known != null) {
            return known;
        }
        OutputFile copy = OutputFile.temporary();
        copies.put(input.path(), copy);
        byte[] piece = new byte[PIECE];
        try (InputStream in = open(input.path())) {
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                copy.append(MemorySegment.ofArray(piece).asSlice(0, count), bytes -> {});
            }
        } catch (IOException e) {
            throw UserError.io("cannot read " + input, e);
        }
        return copy;
    }

    private static InputStream open(Path path) throws IOException {
        // A socket cannot be opened again.
        return Descriptors.isStandardInput(path)
                ? new FileInputStream(FileDescriptor.in)
                : Files.newInputStream(path);
    }

    @Override
    public void close() {
        CloseAll.inOrder(List.copyOf(copies.values()));
    }
}
