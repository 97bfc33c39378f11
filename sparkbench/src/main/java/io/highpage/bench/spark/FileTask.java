// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.VoidFunction;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * What a program writes by hand for a file of numbers: reads it, works on it, writes the output
 * under another name, has the disk take it and renames it. Serializable, and used by one thread in
 * each copy.
 */
abstract class FileTask implements VoidFunction<String> {
    private static final long serialVersionUID = 1;

    /** As large as Highpage's pieces, and in a core's cache. */
    static final int PIECE_BYTES = 4 << 20;

    private final String outputs;

    FileTask(Path outputs) {
        this.outputs = outputs.toString();
    }

    @Override
    public final void call(String file) throws IOException {
        Path input = Path.of(file);
        Path output = Path.of(outputs).resolve(input.getFileName());
        Path attempt = Path.of(output + "." + TaskContext.get().taskAttemptId());
        try {
            try (FileChannel in = FileChannel.open(input);
                    FileChannel out = FileChannel.open(
                            attempt, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                work(in, out);
                out.force(true);
            }
            Files.move(attempt, output, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(attempt);
        }
    }

    /** Works on all of a file. */
    abstract void work(FileChannel in, FileChannel out) throws IOException;
}
