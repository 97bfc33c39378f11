// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.cli.console.FileTransfer;
import io.highpage.cli.console.OutputFile;
import io.highpage.cli.console.Progress;
import io.highpage.cli.console.UserError;
import io.highpage.cli.kernel.OpenClProgram;
import io.highpage.cli.kernel.ScalarArgument;

import java.io.IOException;
import java.util.List;

/** Runs a kernel over whole files, one step after the other. */
final class OnePiece implements Way {
    private final Highpage runtime;
    private final OpenClProgram program;
    private final JobFiles files;
    private final List<ScalarArgument> scalars;

    OnePiece(
            Highpage runtime, OpenClProgram program, JobFiles files, List<ScalarArgument> scalars) {
        this.runtime = runtime;
        this.program = program;
        this.files = files;
        this.scalars = scalars;
    }

    @Override
    public Result run(List<OutputFile> outputs, Progress progress) {
        long start = System.nanoTime();
        try (FileTransfer transfer = FileTransfer.open(runtime);
                DeviceSet set = DeviceSet.allocate(runtime, files)) {
            for (int i = 0; i < files.count(); i++) {
                if (!files.arguments().get(i).output()) {
                    load(transfer, files.arguments().get(i), set.buffer(i), progress);
                }
            }
            set.launch(program, scalars);
            long kernelNanos = set.await();
            int output = 0;
            for (int i = 0; i < files.count(); i++) {
                if (files.arguments().get(i).output()) {
                    transfer.write(
                            set.buffer(i), files.byteSize(), outputs.get(output++), progress::add);
                }
            }
            return Result.of(files, start, kernelNanos, 1, transfer.description());
        }
    }

    private void load(
            FileTransfer transfer, FileArgument file, PageBuffer buffer, Progress progress) {
        try {
            transfer.read(file.path(), 0, buffer, files.byteSize(), progress::add);
        } catch (IOException e) {
            throw UserError.io("cannot read " + file, e);
        }
    }
}
