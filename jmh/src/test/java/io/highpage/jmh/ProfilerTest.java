// SPDX-License-Identifier: Apache-2.0
package io.highpage.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.testkit.Example;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.profile.ProfilerException;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;

/**
 * Runs benchmarks in JVMs of their own, as JMH does, and compares what is known that they move.
 * Public, since JMH subclasses what is nested in it.
 */
public class ProfilerTest {
    private static final TimeValue SHORT = TimeValue.milliseconds(100);

    /** What one operation does is known: moves of one page. */
    public static class Benchmarks {
        // spotless:off
        // example
        @Benchmark
        public long pin(BufferState.EachInvocation state) {
            try (Pin pin = state.buffer.pin(Pin.longTerm())) {
                return pin.segment().address();
            }
        }
        // end of example
        // spotless:on

        @Benchmark
        public long roundTrip(BufferState.EachIteration state) {
            state.buffer.access(state.highpage.device(), AccessMode.READ_WRITE).close();
            try (Pin pin = state.buffer.pin(Pin.longTerm())) {
                return pin.segment().address();
            }
        }

        @Benchmark
        public long ownRuntime(Own own) {
            own.buffer.access(own.hp.device(), AccessMode.READ_WRITE).close();
            try (Pin pin = own.buffer.pin(Pin.longTerm())) {
                return pin.segment().address();
            }
        }

        @Benchmark
        public Object leavesPin(BufferState.EachInvocation state) {
            return state.buffer.pin(Pin.longTerm());
        }
    }

    /** A state that has a runtime of its own. */
    @State(Scope.Thread)
    public static class Own {
        Highpage hp;
        PageBuffer buffer;
        private Measured measured;

        /** Opens it. */
        @Setup
        public void open() {
            hp = Highpage.builder().device(HostDevice.coherent(1 << 20)).open();
            measured = Measured.of(hp);
            measured.apart(() -> {
                buffer = hp.allocate(8192);
                buffer.prefetch(hp.device());
                buffer.evict();
            });
        }

        /** Closes it. */
        @TearDown
        public void close() {
            measured.close();
            hp.close();
        }
    }

    private static RunResult run(String benchmark, ChainedOptionsBuilder options)
            throws RunnerException {
        Collection<RunResult> results = new Runner(
                        options.include("ProfilerTest.Benchmarks." + benchmark + "$")
                                .forks(1)
                                .warmupIterations(1)
                                .warmupTime(SHORT)
                                .measurementIterations(1)
                                .measurementTime(SHORT)
                                .shouldFailOnError(true)
                                .jvmArgs("-Xmx128m", "--enable-native-access=ALL-UNNAMED")
                                .build())
                .run();
        assertThat(results).hasSize(1);
        return results.iterator().next();
    }

    private static double score(RunResult result, String label) {
        return result.getSecondaryResults().get("highpage." + label).getScore();
    }

    @ParameterizedTest
    @CsvSource({
        // where it starts; bytes and copies home of a pin
        "DEVICE, 4096, 1",
        "BOTH, 0, 0",
        "HOME, 0, 0",
        "ABSENT, 0, 0",
    })
    void pin_ofAPage_movesWhatItsStartSays(Start start, double bytes, double moves)
            throws RunnerException {
        RunResult result = run(
                "pin",
                new OptionsBuilder()
                        .addProfiler("highpage")
                        .param("start", start.name())
                        .param("bufferBytes", "4096"));
        assertThat(score(result, "out.host")).isEqualTo(bytes);
        assertThat(score(result, "moves.out.host")).isEqualTo(moves);
        assertThat(score(result, "in.host")).as("of the set-up").isZero();
        assertThat(score(result, "moves.in.host")).as("of the set-up").isZero();
        assertThat(score(result, "evicted.host")).isZero();
        assertThat(score(result, "pins.open")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"roundTrip", "ownRuntime"})
    void roundTrip_ofTwoPages_isTwoCopies(String benchmark) throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder().addProfiler(HighpageProfiler.class);
        RunResult result = run(
                benchmark,
                benchmark.equals("ownRuntime") ? options : options.param("bufferBytes", "8192"));
        for (String way : new String[] {"in", "out"}) {
            assertThat(score(result, way + ".host")).isCloseTo(8192, within(1e-6));
            assertThat(score(result, "moves." + way + ".host")).isCloseTo(1, within(1e-6));
        }
    }

    @Test
    void state_thatCannotBePutBack_saysWhy(@TempDir Path folder) {
        Path output = folder.resolve("output");
        ChainedOptionsBuilder options = new OptionsBuilder()
                .output(output.toString())
                .param("start", "DEVICE")
                .param("bufferBytes", "4096");
        assertThatThrownBy(() -> run("leavesPin", options)).isInstanceOf(RunnerException.class);
        assertThat(output)
                .content()
                .contains("start=DEVICE: ")
                .contains("a benchmark closes its pins, holds and accesses before its method ends");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.12", "1.19", "1.36.1"})
    void jmh_thatIsTooOld_isToldInASentence(String version) {
        assertThatThrownBy(() -> HighpageProfiler.check(version))
                .isInstanceOf(ProfilerException.class)
                .hasMessageContaining("needs JMH 1.37 or newer, and this is " + version);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.37", "1.38", "2.0", "-"})
    void jmh_thatIsNewEnough_orCannotBeRead_isTaken(String version) {
        assertThatCode(() -> HighpageProfiler.check(version)).doesNotThrowAnyException();
    }

    @Test
    void documents_showTheBenchmarkThatRunsHere() throws IOException {
        for (String document : new String[] {"README.md", "../docs/measuring.md"}) {
            assertThat(Path.of(document)).content().contains(Example.block(ProfilerTest.class));
        }
    }
}
