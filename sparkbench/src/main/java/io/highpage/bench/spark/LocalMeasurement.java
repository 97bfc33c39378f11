// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import io.highpage.Budget;
import io.highpage.Highpage;
import io.highpage.device.Devices;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;
import io.highpage.pipe.KernelCall;
import io.highpage.pipe.KernelProgram;
import io.highpage.pipe.KernelSource;
import io.highpage.pipe.PieceInput;
import io.highpage.pipe.PieceOutput;
import io.highpage.pipe.Pipe;
import io.highpage.pipe.PipeShape;
import io.highpage.pipe.Stages;

import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Jobs of Spark in one executor, which is this process and has a slot for each processor, against
 * what {@code highpage run --chunk} does: one file after another, with threads that read, run and
 * write.
 */
record LocalMeasurement(Run run) {
    void measure() throws Exception {
        OpenClDevice memory = Jocl.open(Devices.named(run.device()));
        try (Highpage runtime = Highpage.builder().device(memory).open();
                Budget budget = runtime.budget("pipeline", Long.MAX_VALUE);
                Pipe pipe = Pipe.open(
                        budget,
                        runtime.device(),
                        new PipeShape(1, 1, FileTask.PIECE_BYTES, 2),
                        "pipeline");
                Application application = Application.inThisProcess(run.device(), Run.ROOM)) {
            for (BenchKernel kernel : BenchKernel.values()) {
                try (KernelProgram program = KernelProgram.compile(
                        memory,
                        KernelSource.of("pipeline.cl", BenchKernel.source()),
                        kernel.id())) {
                    measure(application, kernel, pipe, program);
                }
            }
        }
    }

    private void measure(
            Application application, BenchKernel kernel, Pipe pipe, KernelProgram program)
            throws Exception {
        String name = "local-" + kernel.id();
        run.progress().accept(name);
        Path outputs = run.scratch().outputsFolder();
        KernelCall call =
                new KernelCall(program, List.of(BenchKernel.BY), Float.BYTES, OptionalLong.empty());
        Map<String, Times> times = run.rounds(application, run.files().size())
                .with(
                        "Highpage",
                        () -> Way.POOL.run(application.spark(), kernel, run.files(), outputs))
                .with("pipeline", () -> pipeline(pipe, call, outputs))
                .run(run.amount().warmUps(), run.amount().rounds(kernel));
        run.findings().add(name, times);
        run.findings()
                .atMost(
                        name,
                        "'" + kernel.id() + "' by Highpage's jobs in one executor with all"
                                + " processors, to the pipeline of 'highpage run --chunk' alone",
                        1.25,
                        times.get("Highpage"),
                        times.get("pipeline"));
    }

    /** As safe as a job's outputs: on the disk before it has its name. */
    private void pipeline(Pipe pipe, KernelCall call, Path outputs) throws Exception {
        for (Path file : run.files()) {
            Path attempt = outputs.resolve("attempt");
            pipe.run(
                    List.of(PieceInput.of(file, 0, Files.size(file))),
                    call,
                    List.of(PieceOutput.of(attempt)),
                    Stages.THREADS);
            try (FileChannel made = FileChannel.open(attempt, StandardOpenOption.WRITE)) {
                made.force(true);
            }
            Files.move(attempt, outputs.resolve(file.getFileName()));
        }
    }
}
