// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.Devices;
import io.highpage.opencl.OpenClDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Terms;
import io.highpage.pipe.KernelCall;
import io.highpage.pipe.KernelProgram;
import io.highpage.pipe.KernelSource;
import io.highpage.pipe.PieceInput;
import io.highpage.pipe.PieceOutput;
import io.highpage.pipe.PieceStream;
import io.highpage.pipe.PipePool;
import io.highpage.pipe.PipeShape;
import io.highpage.pipe.Stages;
import io.highpage.testkit.Eventually;

import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What tests have executors do. In a class of its own, since executors load the whole class. */
final class Tasks {
    static final long BYTES = 4L << 20;
    static final Duration WAIT = Duration.ofMinutes(5);
    private static final int TOGETHER_MILLIS = 200;

    private Tasks() {}

    /** What an executor's process has. */
    record State(
            long pid,
            int threads,
            String device,
            long limit,
            long used,
            int holders,
            int buffers,
            int budgets,
            long reserved,
            int leases,
            long files,
            String locked)
            implements Serializable {

        static State here() {
            ExecutorDevice device = HighpageExecutor.current().device();
            Highpage runtime = device.runtime();
            return new State(
                    ProcessHandle.current().pid(),
                    HighpageExecutor.current().settings().threads(),
                    runtime.device().name(),
                    runtime.device().limitBytes(),
                    runtime.device().usedBytes(),
                    runtime.holders().size(),
                    runtime.buffers().size(),
                    runtime.budget().info().budgets().size(),
                    device.room().reservedBytes(),
                    device.pool().leases().size(),
                    openFiles(),
                    lockedMemory());
        }

        /** Without sockets: those of Spark come and go. */
        private static long openFiles() {
            try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
                return all.filter(file -> !target(file).startsWith("socket:")).count();
            } catch (IOException gone) {
                throw new UncheckedIOException(gone);
            }
        }

        private static String target(Path link) {
            try {
                return Files.readSymbolicLink(link).toString();
            } catch (IOException closed) {
                return "socket:"; // was that of this look, or is gone
            }
        }

        private static String lockedMemory() {
            try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
                return lines.filter(line -> line.startsWith("VmLck:"))
                        .findFirst()
                        .orElseThrow();
            } catch (IOException gone) {
                throw new UncheckedIOException(gone);
            }
        }
    }

    /** {@return what each of so many executors answers} */
    static <T> Map<String, T> onEach(
            JavaSparkContext spark, int executors, Function<Integer, T> question) {
        Map<String, T> answers = new TreeMap<>();
        Eventually.becomesSlowly("an answer of " + executors + " executors", () -> {
            spark.parallelize(IntStream.range(0, executors).boxed().toList(), executors)
                    .map(each -> {
                        Thread.sleep(TOGETHER_MILLIS); // so that no executor does all
                        return new Answer<>(SparkEnv.get().executorId(), question.call(each));
                    })
                    .collect()
                    .forEach(answer -> answers.put(answer.executor(), answer.value()));
            return answers.size() >= executors;
        });
        assertThat(answers).hasSize(executors);
        return answers;
    }

    private record Answer<T>(String executor, T value) implements Serializable {}

    /** Takes a buffer, a pin that keeps it at home, and another that a kernel may use. */
    @SuppressWarnings("resource") // that is the point
    static void takeAndForget() throws InterruptedException {
        TaskPages task = TaskPages.ofThisTask();
        task.reserve(2 * BYTES, WAIT);
        PageBuffer pinned = task.allocate(BYTES);
        Pin pin = task.pin(pinned, Pin.longTerm().pageLocked());
        pin.segment().fill((byte) 1);
        PageBuffer used = task.allocate(BYTES);
        used.fill((byte) 2);
        DeviceAccess access = task.access(used, Terms.defaults().mode(AccessMode.READ_WRITE));
        assertThat(access.device()).isSameAs(task.device());
    }

    /** The same, as a task should. */
    static void takeAndClose() {
        TaskPages task = TaskPages.ofThisTask();
        try (PageBuffer buffer = task.allocate(BYTES);
                Pin pin = task.pin(buffer, Pin.longTerm().owner("mine"))) {
            pin.segment().fill((byte) 1);
            assertThat(pin.owner()).isEqualTo(task.owner() + ": mine");
        }
    }

    @SuppressWarnings("resource") // that is the point
    static void forgetLittle() {
        TaskPages.ofThisTask().allocate(1);
    }

    private static final List<AutoCloseable> ELSEWHERE = new ArrayList<>();

    /** A pin that {@link TaskPages} knows nothing of. */
    static void pinElsewhere() {
        PageBuffer buffer = TaskPages.ofThisTask().allocate(BYTES);
        synchronized (ELSEWHERE) {
            ELSEWHERE.add(buffer);
            ELSEWHERE.add(buffer.pin(Pin.longTerm().shared().owner("wild")));
        }
    }

    static int closeElsewhere() throws Exception {
        synchronized (ELSEWHERE) {
            for (AutoCloseable each : ELSEWHERE.reversed()) {
                each.close();
            }
            ELSEWHERE.clear();
        }
        TaskPages.ofThisTask().close(); // what earlier tasks could not close is tried again then
        return 0;
    }

    static String pagesTwice() {
        TaskPages first = TaskPages.ofThisTask();
        boolean same = first == TaskPages.ofThisTask();
        first.close();
        boolean other = first != TaskPages.ofThisTask();
        assertThatThrownBy(() -> first.allocate(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has ended");
        return (same ? "same" : "") + ", " + (other ? "other" : "");
    }

    /** Keeps memory until there is a file {@code go}. */
    static int workUntilToldToGo(String folder, int number) {
        TaskPages task = TaskPages.ofThisTask();
        try (PageBuffer buffer = task.allocate(BYTES);
                Pin pin = task.pin(buffer, Pin.longTerm())) {
            pin.segment().fill((byte) 1);
            mark(folder + "/task" + number);
            while (!Files.exists(Path.of(folder, "go"))) {
                Eventually.sleep(20);
            }
        }
        return number;
    }

    private static volatile CountDownLatch outliving = new CountDownLatch(1);
    private static volatile CountDownLatch end = new CountDownLatch(1);

    /** Keeps memory, whatever happens, until the test ends it; in the test's process. */
    static void outlive() {
        TaskPages task = TaskPages.ofThisTask();
        try (PageBuffer buffer = task.allocate(BYTES)) {
            buffer.fill((byte) 1);
            outliving.countDown();
            while (end.getCount() > 0) {
                try {
                    end.await();
                } catch (InterruptedException killed) {
                    // is what it is to outlive
                }
            }
        }
    }

    static void awaitOutliving() {
        Eventually.becomes("a task under way", () -> outliving.getCount() == 0);
    }

    static void endOutliving() {
        end.countDown();
    }

    /** {@return the bytes of the first OpenCL device} */
    static long capacity() {
        return Devices.named("opencl:0").capacityBytes();
    }

    /** When a task had room. */
    record Span(long begin, long end) implements Serializable {
        boolean isBeside(Span other) {
            return begin < other.end && other.begin < end;
        }
    }

    static Span haveRoom(long bytes, long millis) throws InterruptedException {
        TaskPages.ofThisTask().reserve(bytes, WAIT);
        long begin = System.nanoTime();
        Thread.sleep(millis);
        return new Span(begin, System.nanoTime());
    }

    /** {@return what the second thread is told while the first one waits} */
    static String reserveByTwo(long bytes) throws InterruptedException {
        TaskPages pages = TaskPages.ofThisTask();
        Thread first = Thread.ofPlatform().daemon().start(() -> {
            try {
                pages.reserve(bytes, WAIT);
            } catch (InterruptedException | RuntimeException ended) {
                // with the task
            }
        });
        Eventually.becomes(
                "a thread that waits", () -> first.getState() == Thread.State.TIMED_WAITING);
        try {
            pages.reserve(bytes, WAIT);
            return "has room";
        } catch (IllegalStateException refused) {
            return refused.getMessage();
        }
    }

    static void useWithoutRoom() {
        TaskPages task = TaskPages.ofThisTask();
        try (PageBuffer buffer = task.allocate(BYTES);
                DeviceAccess access = task.access(buffer, Terms.defaults())) {
            throw new AssertionError(access);
        }
    }

    /** Leases a pipe, runs a kernel in it that doubles, and forgets the lease, or not. */
    static int doubleThrough(Path in, Path out, boolean forget) throws Exception {
        TaskPages task = TaskPages.ofThisTask();
        PipePool.Lease lease = task.lease(new PipeShape(1, 1, 1 << 20, 2));
        try (KernelProgram program = twice(task)) {
            lease.pipe()
                    .run(
                            List.of(PieceInput.of(in, 0, Files.size(in))),
                            new KernelCall(program, List.of(), Integer.BYTES, OptionalLong.empty()),
                            List.of(PieceOutput.of(out)),
                            Stages.CALLER);
        }
        if (!forget) {
            lease.close();
        }
        return HighpageExecutor.current().device().pool().pipesMade();
    }

    private static KernelProgram twice(TaskPages task) {
        return KernelProgram.compile(
                (OpenClDevice) task.device().memory(),
                KernelSource.of(
                        "twice.cl",
                        "kernel void twice(global const int *a, global int *b) {"
                                + " size_t i = get_global_id(0); b[i] = 2 * a[i]; }"),
                "twice");
    }

    private static volatile CountDownLatch gate = new CountDownLatch(1);
    private static volatile @Nullable TaskPages closing;

    /** Ends with a pipe that another thread still runs, until {@link #openGate}. */
    static void leaveRunning() throws InterruptedException {
        TaskPages task = TaskPages.ofThisTask();
        PipePool.Lease lease = task.lease(new PipeShape(1, 1, 1 << 20, 2));
        GatedInput input = new GatedInput(gate, new CountDownLatch(1));
        Thread.ofPlatform().daemon().start(() -> {
            try (KernelProgram program = twice(task)) {
                lease.pipe().run(List.of(input), call(program), List.of(nowhere()), Stages.CALLER);
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        input.begun.await();
    }

    /** Ends with a stream that another thread waits in: its close waits for that. */
    static void closeSlowly() throws InterruptedException {
        TaskPages task = TaskPages.ofThisTask();
        PipePool.Lease lease = task.lease(new PipeShape(1, 1, 1 << 20, 2));
        GatedInput input = new GatedInput(gate, new CountDownLatch(1));
        Thread.ofPlatform().daemon().start(() -> {
            try (KernelProgram program = twice(task);
                    PieceStream pieces = lease.pipe().stream(List.of(input), call(program))) {
                pieces.next();
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        input.begun.await();
        closing = task;
        task.close();
    }

    private static PieceOutput nowhere() {
        return new PieceOutput() {
            @Override
            public Optional<Path> file() {
                return Optional.empty();
            }

            @Override
            public Sink open() {
                return new Sink() {
                    @Override
                    public void write(MemorySegment source) {}

                    @Override
                    public void close() {}
                };
            }
        };
    }

    private static KernelCall call(KernelProgram program) {
        return new KernelCall(program, List.of(), Integer.BYTES, OptionalLong.empty());
    }

    static void awaitClosing() {
        Eventually.becomesSlowly("a task that closes", () -> closing != null);
    }

    /** As Spark does, in whatever thread it was told to. */
    static void killClosing() {
        closing.killed();
    }

    static void openGate() {
        closing = null;
        gate.countDown();
        gate = new CountDownLatch(1);
    }

    /** Gives nothing until its gate opens. */
    private record GatedInput(CountDownLatch gate, CountDownLatch begun) implements PieceInput {
        @Override
        public long byteSize() {
            return 4096;
        }

        @Override
        public Optional<Path> file() {
            return Optional.empty();
        }

        @Override
        public long offset() {
            return 0;
        }

        @Override
        public Source open() {
            return new Source() {
                @Override
                public void read(long position, MemorySegment target) {
                    begun.countDown();
                    try {
                        gate.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                }

                @Override
                public void close() {}
            };
        }
    }

    /** Says that a task is under way. */
    static void mark(String file) {
        try {
            Files.writeString(Path.of(file), "");
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    /** Waits to be killed: by an interrupt, or by asking. */
    static void untilKilled(boolean byInterrupt) throws InterruptedException {
        while (true) {
            if (byInterrupt) {
                Thread.sleep(60_000);
            } else {
                Eventually.sleep(10);
                TaskContext.get().killTaskIfInterrupted();
            }
        }
    }
}
