// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.util.concurrent.TimeUnit;

/**
 * Question: what does it cost that a device has room for a quarter of the data only? The work is
 * that of {@link ScarceMix}: two threads, kernels on each span in turn, long-term pins in between.
 *
 * <p>Hypothesis: less than the plain way on the same driver, where each kernel's data is written to
 * a {@code cl_mem} and read back by hand, since a quarter of the spans stays. More than where all
 * fits, by the copies of the other three quarters. Refuted by a longer time than the plain way's.
 *
 * <p>Not measured here: how many bytes move, which is counted.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ScarceBenchmark {
    private static final int TIMES = 4;
    private static final int PASSES = 2;

    /** Of the work. */
    @State(Scope.Thread)
    public static class Data {
        /** As {@code highpage devices} names it. */
        @Param({"host", "host-private", "opencl:0"})
        String device;

        /** Of 2 MiB each. */
        @Param("64")
        int spans;
    }

    /** All of it fits. */
    @State(Scope.Thread)
    public static class Fitting {
        private ScarceMix mix;

        @Setup
        public void open(Data data) {
            mix = Scarce.open(data.device, data.spans, 1);
        }

        @TearDown
        public void close() {
            mix.close();
        }
    }

    /** A quarter fits. */
    @State(Scope.Thread)
    public static class FourTimes {
        private ScarceMix mix;

        @Setup
        public void open(Data data) {
            mix = Scarce.open(data.device, data.spans, TIMES);
        }

        @TearDown
        public void close() {
            mix.close();
        }
    }

    /** Without Highpage; OpenCL devices only. */
    @State(Scope.Thread)
    public static class Plain {
        private ScarceMix mix;

        @Setup
        public void open(Data data) {
            mix = new ScarceByHand(data.device, data.spans);
        }

        @TearDown
        public void close() {
            mix.close();
        }
    }

    @Benchmark
    public long fits(Fitting fitting) {
        return fitting.mix.run(PASSES);
    }

    @Benchmark
    public long fourTimes(FourTimes scarce) {
        return scarce.mix.run(PASSES);
    }

    @Benchmark
    public long baselineByHand(Plain plain) {
        return plain.mix.run(PASSES);
    }
}
