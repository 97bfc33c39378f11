// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.device.Completion;
import io.highpage.device.DeviceMemory;
import io.highpage.junit.HighpageLeakCheck;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.DeviceWaitException;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.testkit.Eventually;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.FaultyDevice;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Whatever fails in a run, nothing of it is at work or open afterwards. */
@ExtendWith(HighpageLeakCheck.class)
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PipeFailureTest {
    private static final int PIECE = 8192;
    private static final int PIECES = 6;
    private static final PipeShape SHAPE = new PipeShape(1, 1, PIECE, 2);

    @TempDir
    private Path folder;

    private final byte[] content = new byte[PIECES * PIECE - 100];
    private final JavaKernel kernel = new JavaKernel();
    private Path in;
    private Path out;
    private List<String> before;

    @BeforeEach
    void files() throws IOException {
        new Random(1).nextBytes(content);
        in = Files.write(folder.resolve("in"), content);
        out = folder.resolve("out");
        before = Descriptors.of(folder);
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        assertThat(Descriptors.of(folder)).isEqualTo(before);
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("reader", "fetcher", "writer");
    }

    static Stream<Arguments> everyWay() {
        return Stream.of(Stages.values())
                .flatMap(stages ->
                        Stream.of(Uring.values()).map(uring -> Arguments.of(stages, uring)));
    }

    /** A runtime with one pipe. */
    private final class Fixture implements AutoCloseable {
        final Highpage hp;
        final Pipe pipe;

        Fixture(DeviceMemory device) {
            hp = Highpage.builder().device(device).open();
            try {
                pipe = Pipe.open(hp.budget(), hp.device(), SHAPE, "test");
            } catch (Throwable failed) {
                hp.close();
                throw failed;
            }
        }

        Fixture() {
            this(new PrivateDevice());
        }

        PipeResult run(PieceInput input, PieceOutput output, Stages stages)
                throws IOException, InterruptedException {
            return pipe.run(
                    List.of(input), kernel.work(), List.of(output), stages, RunListener.NONE);
        }

        PipeResult run(Stages stages) throws IOException, InterruptedException {
            return run(input(), PieceOutput.of(out), stages);
        }

        /** After a run that failed: the kernel and its accesses are gone, the pipe is no use. */
        void checkEnded() {
            assertThat(kernel.open).isZero();
            assertThat(kernel.closed).isTrue();
            assertThat(hp.holders()).extracting(holder -> holder.owner()).doesNotContain("test");
            assertThat(pipe.isUsable()).isFalse();
            assertThat(pipe.isRunning()).isFalse();
        }

        @Override
        public void close() {
            pipe.close();
            assertThat(hp.buffers()).isEmpty();
            hp.close();
        }
    }

    private PieceInput input() {
        return PieceInput.of(in, 0, content.length);
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void theKernelInJava_makesTheRightBytes(Stages stages, Uring uring) throws Exception {
        uring.run(() -> {
            try (Fixture fixture = new Fixture()) {
                assertThat(fixture.run(stages).pieces()).isEqualTo(PIECES);
                assertThat(out).hasBinaryContent(JavaKernel.of(content));
                assertThat(kernel.open).isZero();
            }
        });
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void anInputThatEndsEarly_isNamedWithItsPosition(Stages stages, Uring uring) throws Exception {
        uring.run(() -> {
            try (Fixture fixture = new Fixture()) {
                PieceInput more = PieceInput.of(in, 10, content.length);
                assertThatThrownBy(() -> fixture.run(more, PieceOutput.of(out), stages))
                        .isInstanceOf(IOException.class)
                        .hasMessage("cannot read " + in + ": it ended at byte " + content.length
                                + " while being read");
                fixture.checkEnded();
            }
        });
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void whatCannotBeOpened_leavesThePipeAsItWas(Stages stages, Uring uring) throws Exception {
        uring.run(() -> {
            try (Fixture fixture = new Fixture()) {
                Path none = folder.resolve("none");
                PieceInput missing = PieceInput.of(none, 0, 10);
                assertThatThrownBy(() -> fixture.run(missing, PieceOutput.of(out), stages))
                        .isInstanceOf(IOException.class)
                        .hasMessage("cannot read " + none + ": no such file or folder");
                assertThatThrownBy(() -> fixture.run(input(), PieceOutput.of(folder), stages))
                        .isInstanceOf(IOException.class)
                        .hasMessageStartingWith("cannot write " + folder + ": ");
                assertThat(fixture.pipe.isUsable()).isTrue();
                fixture.run(stages);
                assertThat(out).hasBinaryContent(JavaKernel.of(content));
            }
        });
    }

    /** A file of a full disk, which a ring may write to. */
    private record Full(boolean byRing) implements PieceOutput {
        private static final Path PATH = Path.of("/dev/full");

        @Override
        public Optional<Path> file() {
            return byRing ? Optional.of(PATH) : Optional.empty();
        }

        @Override
        public Sink open() throws IOException {
            return PieceOutput.of(PATH).open();
        }

        @Override
        public String toString() {
            return PATH.toString();
        }
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void aFullDisk_isNamedWithThePosition(Stages stages, Uring uring) throws Exception {
        uring.run(() -> {
            try (Fixture fixture = new Fixture()) {
                assertThatThrownBy(() -> fixture.run(input(), new Full(uring == Uring.ON), stages))
                        .isInstanceOf(IOException.class)
                        .hasMessageStartingWith("cannot write /dev/full beyond byte 0: ")
                        .hasMessageContaining("No space left on device");
                fixture.checkEnded();
            }
        });
    }

    // ---- interrupts ----

    /** Where somebody interrupts the thread of the caller. */
    private enum Where {
        BEFORE,
        READING,
        LAUNCHING,
        WRITING
    }

    static Stream<Arguments> interrupts() {
        return everyWay()
                .flatMap(way -> Stream.of(Where.values())
                        .map(where -> Arguments.of(way.get()[0], way.get()[1], where)));
    }

    @ParameterizedTest
    @MethodSource("interrupts")
    void anInterruptAtAnyStage_endsTheRun(Stages stages, Uring uring, Where where)
            throws Exception {
        uring.run(() -> {
            Thread caller = Thread.currentThread();
            Interrupting interrupting = new Interrupting(where, caller);
            try (Fixture fixture = new Fixture()) {
                if (where == Where.BEFORE) {
                    caller.interrupt();
                }
                Throwable failed = catchThrowable(() -> fixture.pipe.run(
                        List.of(interrupting.input()),
                        interrupting.work(),
                        List.of(interrupting.output()),
                        stages,
                        RunListener.NONE));
                assertThat(failed).isInstanceOf(InterruptedException.class);
                assertThat(Thread.interrupted()).isFalse();
                assertThat(interrupting.open).isZero();
                assertThat(fixture.pipe.isUsable()).isFalse();
                assertThat(fixture.hp.holders()).hasSize(2); // the slots' pins
            }
        });
    }

    /** Everything of a run; at the third piece it interrupts the caller and waits for the end. */
    private final class Interrupting extends JavaKernel {
        private final Where where;
        private final Thread caller;

        Interrupting(Where where, Thread caller) {
            this.where = where;
            this.caller = caller;
        }

        private void at(Where here, long piece) {
            if (where == here && piece == 2) {
                caller.interrupt();
            }
        }

        @Override
        void launching() {
            at(Where.LAUNCHING, launches.get() - 1);
        }

        PieceInput input() {
            PieceInput file = PipeFailureTest.this.input();
            return new PieceInput() {
                @Override
                public long byteSize() {
                    return file.byteSize();
                }

                @Override
                public Optional<Path> file() {
                    return where == Where.READING ? Optional.empty() : file.file();
                }

                @Override
                public long offset() {
                    return 0;
                }

                @Override
                public Source open() throws IOException {
                    Source source = file.open();
                    return new Source() {
                        @Override
                        public void read(long position, MemorySegment target) throws IOException {
                            at(Where.READING, position / PIECE);
                            source.read(position, target);
                        }

                        @Override
                        public void close() throws IOException {
                            source.close();
                        }
                    };
                }
            };
        }

        PieceOutput output() {
            PieceOutput file = PieceOutput.of(out);
            return new PieceOutput() {
                @Override
                public Optional<Path> file() {
                    return where == Where.WRITING ? Optional.empty() : file.file();
                }

                @Override
                public Sink open() throws IOException {
                    Sink sink = file.open();
                    return new Sink() {
                        private long piece;

                        @Override
                        public void write(MemorySegment source) throws IOException {
                            at(Where.WRITING, piece++);
                            sink.write(source);
                        }

                        @Override
                        public void close() throws IOException {
                            sink.close();
                        }
                    };
                }
            };
        }
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void anInterruptOfOneThatWaitsForAPipe_endsTheRun(Stages stages, Uring uring) throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        Files.write(in, new byte[40 * PIECE]);
        uring.run(() -> {
            CompletableFuture<Throwable> ended = new CompletableFuture<>();
            try (Fixture fixture = new Fixture()) {
                PieceInput input = PieceInput.of(in, 0, 40 * PIECE); // more than a pipe takes
                Thread thread = new Thread(() -> ended.complete(
                        catchThrowable(() -> fixture.run(input, PieceOutput.of(pipe), stages))));
                thread.start();
                try (InputStream reader = Files.newInputStream(pipe)) {
                    assertThat(reader.read()).isEqualTo(1);
                    thread.interrupt();
                    assertThat(ended.get()).isInstanceOf(InterruptedException.class);
                }
                thread.join();
                fixture.checkEnded();
            }
        });
    }

    @Test
    void anInterruptOfARingThatReadsWhatDoesNotCome_endsTheRun() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        Uring.ON.run(() -> {
            CompletableFuture<Throwable> ended = new CompletableFuture<>();
            try (Fixture fixture = new Fixture()) {
                PieceInput input = PieceInput.of(pipe, 0, 40 * PIECE);
                Thread thread = new Thread(() -> ended.complete(catchThrowable(
                        () -> fixture.run(input, PieceOutput.of(out), Stages.THREADS))));
                thread.start();
                try (OutputStream writer = Files.newOutputStream(pipe)) {
                    writer.write(new byte[PIECE]); // and no more
                    Eventually.becomes("the first piece was read", () -> kernel.launches.get() > 0);
                    thread.interrupt();
                    assertThat(ended.get()).isInstanceOf(InterruptedException.class);
                }
                thread.join();
                fixture.checkEnded();
            }
        });
    }

    @Test
    void anInterruptOfAStream_endsIt() throws Exception {
        try (Fixture fixture = new Fixture()) {
            PieceStream stream = fixture.pipe.stream(List.of(input()), kernel.work());
            assertThat(stream.next()).isTrue();
            Thread.currentThread().interrupt();
            assertThatThrownBy(stream::next).isInstanceOf(InterruptedException.class);
            assertThatThrownBy(stream::next)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageEndingWith("has ended");
            stream.close();
            fixture.checkEnded();
        }
    }

    // ---- drivers ----

    @ParameterizedTest
    @EnumSource
    void eachCallOfTheDriver_mayFail(Stages stages) throws Exception {
        everyCall(
                stages,
                Faults.FAIL,
                failed -> failed instanceof DeviceException
                        || failed instanceof OutOfPageMemoryException);
    }

    @ParameterizedTest
    @EnumSource
    void eachCallOfTheDriver_mayLoseTheDevice(Stages stages) throws Exception {
        everyCall(stages, Faults.LOSE, DeviceLostException.class::isInstance);
    }

    @ParameterizedTest
    @EnumSource
    void eachCallOfTheDriver_mayBreakItsContract(Stages stages) throws Exception {
        everyCall(stages, Faults.BUG, failed -> true);
        everyCall(stages, Faults.THROW_ERROR, failed -> true);
    }

    private void everyCall(Stages stages, Faults.Action action, Predicate<Throwable> kind)
            throws Exception {
        int calls = callsOfARun(stages);
        assertThat(calls).isGreaterThan(PIECES);
        for (int call = 1; call <= calls; call++) {
            Faults faults = new Faults();
            JavaKernel one = new JavaKernel();
            FaultyDevice device = new FaultyDevice(new PrivateDevice(), faults);
            Highpage hp = Highpage.builder().device(device).open();
            Throwable failed = null;
            faults.arm(call, action);
            try (Pipe pipe = Pipe.open(hp.budget(), hp.device(), SHAPE, "test")) {
                failed = catchThrowable(() -> pipe.run(
                        List.of(input()),
                        one.work(),
                        List.of(PieceOutput.of(out)),
                        stages,
                        RunListener.NONE));
                if (failed == null) {
                    assertThat(out).hasBinaryContent(JavaKernel.of(content));
                } else {
                    assertThat(one.open).isZero();
                    assertThat(hp.holders()).as("call " + call).hasSize(2);
                    assertThat(pipe.isUsable()).isFalse();
                }
                faults.disarm();
            } catch (Throwable inOpen) { // or in close, of which the next one goes on
                failed = inOpen;
            }
            if (failed != null) {
                assertThat(failed).as("call " + call + " " + faults.hit()).matches(kind);
            }
            faults.disarm();
            hp.buffers().forEach(PageBuffer::close);
            assertThat(hp.holders()).isEmpty();
            hp.close();
            assertThat(device.openExtents()).isZero();
        }
    }

    private int callsOfARun(Stages stages) throws Exception {
        Faults faults = new Faults();
        FaultyDevice device = new FaultyDevice(new PrivateDevice(), faults);
        faults.arm(Integer.MAX_VALUE, Faults.FAIL);
        try (Fixture fixture = new Fixture(device)) {
            fixture.run(stages);
            return faults.calls();
        }
    }

    /** A kernel whose end nobody tells for a while. */
    private static final class Unanswered extends JavaKernel {
        volatile boolean answered;

        @Override
        Completion completion() {
            return () -> {
                if (!answered) {
                    throw new DeviceWaitException("the driver does not answer", null);
                }
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDriverThatDoesNotAnswer_keepsThePipesMemory(Stages stages) throws Exception {
        Unanswered unanswered = new Unanswered();
        try (Highpage hp = Highpage.builder().device(new PrivateDevice()).open()) {
            Pipe pipe = Pipe.open(hp.budget(), hp.device(), SHAPE, "test");
            assertThatThrownBy(() -> pipe.run(
                            List.of(input()),
                            unanswered.work(),
                            List.of(PieceOutput.of(out)),
                            stages,
                            RunListener.NONE))
                    .isInstanceOf(DeviceWaitException.class);
            assertThat(pipe.isUsable()).isFalse();
            assertThatThrownBy(pipe::close).isInstanceOf(DeviceWaitException.class);
            assertThat(hp.budget().usedBytes(hp.device())).isEqualTo(SHAPE.deviceBytes());
            unanswered.answered = true;
            pipe.close();
            assertThat(unanswered.open).isZero();
            assertThat(hp.budget().usedBytes(hp.device())).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aKernelThatFails_endsTheRun(Stages stages) throws Exception {
        JavaKernel failing = new JavaKernel() {
            @Override
            Completion completion() {
                int launch = launches.get();
                return () -> {
                    if (launch == 3) {
                        throw new DeviceException("launch 3 failed", null);
                    }
                };
            }
        };
        try (Fixture fixture = new Fixture()) {
            assertThatThrownBy(() -> fixture.pipe.run(
                            List.of(input()),
                            failing.work(),
                            List.of(PieceOutput.of(out)),
                            stages,
                            RunListener.NONE))
                    .isInstanceOf(DeviceException.class)
                    .hasMessage("launch 3 failed");
            assertThat(failing.open).isZero();
            assertThat(fixture.hp.holders()).hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aListenerThatThrows_endsTheRun(Stages stages) throws Exception {
        try (Fixture fixture = new Fixture()) {
            RunListener listener = new RunListener() {
                @Override
                public void moved(long bytes) {
                    throw new IllegalStateException("enough");
                }
            };
            assertThatThrownBy(() -> fixture.pipe.run(
                            List.of(input()),
                            kernel.work(),
                            List.of(PieceOutput.of(out)),
                            stages,
                            listener))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("enough");
            fixture.checkEnded();
        }
    }

    // ---- one at a time ----

    @Test
    void aPipeThatRuns_isNotClosed_andRunsNothingElse() throws Exception {
        CountDownLatch inKernel = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        JavaKernel waiting = new JavaKernel() {
            @Override
            void launching() {
                inKernel.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException nobody) {
                    throw new AssertionError(nobody);
                }
            }
        };
        try (Fixture fixture = new Fixture()) {
            Thread thread = new Thread(() -> {
                try {
                    fixture.pipe.run(
                            List.of(input()),
                            waiting.work(),
                            List.of(PieceOutput.of(out)),
                            Stages.CALLER,
                            RunListener.NONE);
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            thread.start();
            inKernel.await();
            assertThatThrownBy(fixture.pipe::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has a run that goes on");
            assertThatThrownBy(() -> fixture.run(Stages.CALLER))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has a run that goes on");
            goOn.countDown();
            thread.join();
            assertThat(out).hasBinaryContent(JavaKernel.of(content));
            fixture.run(Stages.THREADS);
        }
    }

    @Test
    void aClosedPipe_saysSo() {
        Fixture fixture = new Fixture();
        fixture.close();
        fixture.pipe.close();
        assertThatThrownBy(() -> fixture.run(Stages.CALLER))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageEndingWith("is closed");
    }

    @Test
    void noRoom_isToldWhenItIsOpened() {
        for (long device : new long[] {4096, 3 * PIECE}) {
            try (Highpage hp = Highpage.builder()
                    .device(new PrivateDevice())
                    .deviceMemory(device)
                    .open()) {
                assertThatThrownBy(() -> Pipe.open(hp.budget(), hp.device(), SHAPE, "test"))
                        .isInstanceOf(OutOfPageMemoryException.class);
                assertThat(hp.buffers()).isEmpty();
            }
        }
    }

    @Test
    void noHostMemory_isToldWhenItIsOpened_orWhenItIsUsed() {
        IntStream.rangeClosed(0, 8).map(pages -> pages * 4096).forEach(bytes -> {
            try (Highpage hp = Highpage.builder()
                    .device(new PrivateDevice())
                    .hostMemory(bytes)
                    .open()) {
                Throwable failed = catchThrowable(() -> {
                    try (Pipe pipe = Pipe.open(hp.budget(), hp.device(), SHAPE, "test")) {
                        pipe.run(
                                List.of(input()),
                                new JavaKernel().work(),
                                List.of(PieceOutput.of(out)),
                                Stages.CALLER,
                                RunListener.NONE);
                    }
                });
                if (bytes < SHAPE.hostBytes()) {
                    assertThat(failed).isInstanceOf(OutOfPageMemoryException.class);
                }
                assertThat(hp.buffers()).isEmpty();
            }
        });
    }
}
