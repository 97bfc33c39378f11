// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.Statistics;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Runs tasks by JMH. What JMH says goes to a log. Confined to one thread. */
final class Measurer {
    private static final long SMALL_BYTES = 64 << 10;

    private final Form form;
    private final Path log;
    private final Consumer<String> progress;

    Measurer(Form form, Path log, Consumer<String> progress) {
        this.form = form;
        this.log = log;
        this.progress = progress;
    }

    /** Adds what a task measured, or why it did not, to the figures. */
    void run(Task task, Figures figures) {
        if (task.missing().isPresent()) {
            figures.miss(task.type() + ".", task.missing().get());
            return;
        }
        progress.accept(task.benchmarks() + " " + task.params());
        for (RunResult result : jmh(task)) {
            figures.add(figure(task, result));
        }
    }

    private Collection<RunResult> jmh(Task task) {
        try (OutputStream file = Files.newOutputStream(
                        log,
                        java.nio.file.StandardOpenOption.CREATE,
                        java.nio.file.StandardOpenOption.APPEND);
                PrintStream out = new PrintStream(file, true, StandardCharsets.UTF_8)) {
            OutputFormat format = OutputFormatFactory.createFormatInstance(out, VerboseMode.NORMAL);
            return new Runner(options(task), format).run();
        } catch (RunnerException failed) {
            throw new IllegalStateException(task.benchmarks() + ": " + failed.getMessage(), failed);
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot write " + log, failed);
        }
    }

    private Options options(Task task) {
        boolean own = form == Form.FULL || form == Form.QUICK && needsOwnJvm(task);
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(task.pattern())
                .addProfiler(GCProfiler.class)
                .threads(task.threads())
                .forks(own ? 1 : 0)
                .jvmArgsAppend(task.copying().options().toArray(String[]::new));
        task.params().forEach((name, values) -> options.param(name, values.toArray(String[]::new)));
        switch (form) {
            case MINIATURE -> iterations(options, 0, 1, 10);
            case QUICK -> quick(options, task);
            case FULL -> iterations(options, 5, 7, 300);
        }
        return options.build();
    }

    /**
     * It costs a second: for nanoseconds, which depend on what the compiler has seen, and a copier
     * chosen at start.
     */
    private static boolean needsOwnJvm(Task task) {
        return task.copying() != Copying.DEFAULT
                || task.type().matches("Pin(Range|Strategy)?Benchmark|Kernel(Pin|Held)Benchmark");
    }

    /** As short as each class bears. */
    private static void quick(ChainedOptionsBuilder options, Task task) {
        switch (task.type()) {
            case "PinBenchmark", "PinRangeBenchmark", "KernelHeldBenchmark" ->
                iterations(options, 14, 5, 70);
            case "TableBenchmark" -> iterations(options, 1, 3, 60);
            case "PeersBenchmark" -> iterations(options, peerWarmUps(task), 4, 50);
            case "PinStrategyBenchmark" -> iterations(options, 5, 5, 80);
            default -> iterations(options, 1, 4, 50);
        }
    }

    /**
     * What others bring is a native call each. Ours is compiled from Java, which on one core waits
     * for the compiler: until then a page takes ten times as long.
     */
    private static int peerWarmUps(Task task) {
        long bytes = Long.parseLong(task.params().get("bufferBytes").getFirst());
        return (bytes <= SMALL_BYTES ? 10 : 4) * (task.benchmarks().endsWith(".highpage") ? 3 : 1);
    }

    private static void iterations(
            ChainedOptionsBuilder options, int warmup, int measured, int millis) {
        options.warmupIterations(warmup)
                .warmupTime(TimeValue.milliseconds(millis))
                .measurementIterations(measured)
                .measurementTime(TimeValue.milliseconds(millis));
    }

    private static Figure figure(Task task, RunResult result) {
        BenchmarkParams params = result.getParams();
        Map<String, String> values = new TreeMap<>();
        params.getParamsKeys().forEach(name -> values.put(name, params.getParam(name)));
        String name = params.getBenchmark();
        String method = name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1);
        double nanos = params.getTimeUnit().toNanos(1);
        Statistics times = result.getPrimaryResult().getStatistics();
        Result<?> garbage = result.getSecondaryResults().get("gc.alloc.rate.norm");
        return new Figure(
                method,
                task.copying(),
                task.threads(),
                values,
                times.getMin() * nanos,
                times.getPercentile(50) * nanos,
                times.getMax() * nanos,
                garbage == null ? Double.NaN : garbage.getScore());
    }
}
