// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.Highpage;
import io.highpage.device.DeviceInfo;
import io.highpage.device.Devices;
import io.highpage.jocl.Jocl;
import io.highpage.junit.HighpageLeakCheck;
import io.highpage.opencl.OpenClDevice;
import io.highpage.testkit.opencl.RequireOpenCl;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Pipes with real kernels over real files. */
@Tag("opencl")
@ExtendWith(HighpageLeakCheck.class)
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PipeTest {
    private static final int PIECE = 12_000;
    private static final KernelSource SOURCE = KernelSource.of("test.cl", """
            kernel void two(global const uint *a, global uint *sum,
                    global const uint *b, global uint *sevens, uint by) {
                size_t i = get_global_id(0);
                sum[i] = a[i] * by + b[i];
                if (a[i] % 7 == 0) {
                    sevens[i] = a[i];
                }
            }
            kernel void add(global const uint *in, global uint *out, uint more) {
                out[get_global_id(0)] = in[get_global_id(0)] + more;
            }
            kernel __attribute__((reqd_work_group_size(8, 1, 1)))
            void eights(global const uchar *in, global uchar *out) {
                out[get_global_id(0)] = in[get_global_id(0)];
            }
            kernel __attribute__((reqd_work_group_size(2, 2, 1)))
            void square(global const uchar *in, global uchar *out) {
                out[get_global_id(0)] = in[get_global_id(0)];
            }
            """);

    @TempDir
    private Path folder;

    private final Random random = new Random(42);

    @BeforeEach
    void devices() {
        RequireOpenCl.check();
    }

    private interface Steps {
        void run(Highpage hp, OpenClDevice device) throws Exception;
    }

    private static void on(String name, Steps steps) throws Exception {
        Optional<DeviceInfo> found = Devices.find().stream()
                .filter(device -> device.name().startsWith(name + ":"))
                .findFirst();
        assumeTrue(found.isPresent(), "no device " + name);
        OpenClDevice device = Jocl.open(found.orElseThrow());
        try (Highpage hp = Highpage.builder().device(device).open()) {
            steps.run(hp, device);
            assertThat(hp.holders()).isEmpty();
            assertThat(hp.buffers()).isEmpty();
        }
    }

    static Stream<Arguments> everyWay() {
        return Stream.of("opencl", "opencl-private", "opencl-buffer")
                .flatMap(device -> Stream.of(Stages.values())
                        .flatMap(stages -> Stream.of(Uring.values())
                                .map(uring -> Arguments.of(device, stages, uring))));
    }

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private static PieceInput whole(Path file) throws IOException {
        return PieceInput.of(file, 0, Files.size(file));
    }

    private byte[] words(int count) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.nativeOrder());
        while (bytes.hasRemaining()) {
            bytes.putInt(random.nextInt(Integer.MAX_VALUE));
        }
        return bytes.array();
    }

    private static byte[] added(byte[] words, int more) {
        ByteBuffer in = ByteBuffer.wrap(words).order(ByteOrder.nativeOrder());
        ByteBuffer out = ByteBuffer.allocate(words.length).order(ByteOrder.nativeOrder());
        while (in.hasRemaining()) {
            out.putInt(in.getInt() + more);
        }
        return out.array();
    }

    private static KernelCall add(KernelProgram program, int more) {
        return new KernelCall(program, List.of(more), 4, OptionalLong.empty());
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void onePipe_runsManyTimes_whateverTheSize(String device, Stages stages, Uring uring)
            throws Exception {
        on(
                device,
                (hp, memory) -> uring.run(() -> {
                    PipeShape shape = new PipeShape(1, 1, PIECE, 2);
                    try (KernelProgram program = KernelProgram.compile(memory, SOURCE, "add");
                            Pipe pipe = Pipe.open(hp.budget(), hp.device(), shape, "test")) {
                        assertThat(hp.budget().usedBytes(hp.device()))
                                .isEqualTo(shape.deviceBytes());
                        int more = 1;
                        for (int bytes : new int[] {
                            0, 4, PIECE - 4, PIECE, PIECE + 4, 2 * PIECE, 5 * PIECE + 8
                        }) {
                            byte[] content = words(bytes / 4);
                            Path in = file("in", content);
                            Path out = folder.resolve("out");
                            PipeResult result = pipe.run(
                                    List.of(whole(in)),
                                    add(program, ++more),
                                    List.of(PieceOutput.of(out)),
                                    stages);
                            assertThat(result.pieces()).isEqualTo(Math.ceilDiv(bytes, PIECE));
                            assertThat(result.bytes()).isEqualTo(bytes);
                            assertThat(result.kernelNanos()).isGreaterThanOrEqualTo(0);
                            assertThat(out).hasBinaryContent(added(content, more));
                        }
                        uring.check(pipe, stages);
                        assertThat(hp.budget().usedBytes(hp.device()))
                                .isEqualTo(shape.deviceBytes());
                    }
                    assertThat(hp.budget().usedBytes(hp.device())).isZero();
                }));
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void inputsAndOutputs_mayTakeTurns_andOutputsBeginAsZeros(
            String device, Stages stages, Uring uring) throws Exception {
        on(
                device,
                (hp, memory) -> uring.run(() -> {
                    byte[] a = words(9 * PIECE / 4);
                    byte[] b = words(9 * PIECE / 4);
                    List<PieceInput> in = List.of(whole(file("a", a)), whole(file("b", b)));
                    List<Path> out = List.of(folder.resolve("sum"), folder.resolve("sevens"));
                    for (int[] size : new int[][] {{1, 1}, {1, 2}, {2, 1}, {2, 2}, {3, 2}}) {
                        PipeShape shape = new PipeShape(2, 2, PIECE, size[0], size[1]);
                        try (KernelProgram program = KernelProgram.compile(memory, SOURCE, "two");
                                Pipe pipe = Pipe.open(hp.budget(), hp.device(), shape, "test")) {
                            KernelCall call = new KernelCall(
                                    program, List.of(3), 4, OptionalLong.empty(), List.of(1, 3));
                            pipe.run(in, call, out.stream().map(PieceOutput::of).toList(), stages);
                            checkTwo(a, b, out);
                        }
                    }
                }));
    }

    private static void checkTwo(byte[] a, byte[] b, List<Path> out) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(a).order(ByteOrder.nativeOrder());
        ByteBuffer right = ByteBuffer.wrap(b).order(ByteOrder.nativeOrder());
        ByteBuffer sum = ByteBuffer.allocate(a.length).order(ByteOrder.nativeOrder());
        ByteBuffer sevens = ByteBuffer.allocate(a.length).order(ByteOrder.nativeOrder());
        while (left.hasRemaining()) {
            int word = left.getInt();
            sum.putInt(word * 3 + right.getInt());
            sevens.putInt(word % 7 == 0 ? word : 0);
        }
        assertThat(out.getFirst()).hasBinaryContent(sum.array());
        assertThat(out.getLast()).hasBinaryContent(sevens.array());
    }

    @ParameterizedTest
    @EnumSource
    void aStream_handsOutPieces_andMayEndInTheMiddle(Uring uring) throws Exception {
        on(
                "opencl-private",
                (hp, memory) -> uring.run(() -> {
                    byte[] content = words(3 * PIECE / 4 + 25);
                    List<PieceInput> in = List.of(whole(file("in", content)));
                    try (KernelProgram program = KernelProgram.compile(memory, SOURCE, "add");
                            Pipe pipe = Pipe.open(
                                    hp.budget(),
                                    hp.device(),
                                    new PipeShape(1, 1, PIECE, 2),
                                    "test")) {
                        for (int pieces = 0; pieces <= 4; pieces++) {
                            try (PieceStream stream = pipe.stream(in, add(program, pieces))) {
                                assertThat(first(stream, pieces))
                                        .isEqualTo(Arrays.copyOf(
                                                added(content, pieces),
                                                Math.min(pieces * PIECE, content.length)));
                            }
                        }
                        assertThat(pipe.isUsable()).isTrue();
                    }
                }));
    }

    private static byte[] first(PieceStream stream, int pieces) throws Exception {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int piece = 0; piece < pieces; piece++) {
            assertThat(stream.next()).isTrue();
            assertThat(stream.position()).isEqualTo(all.size());
            assertThat(stream.output(0).byteSize()).isEqualTo(stream.byteSize());
            all.writeBytes(stream.output(0).toArray(ValueLayout.JAVA_BYTE));
        }
        if (pieces == 4) {
            assertThat(stream.next()).isFalse();
            assertThatThrownBy(stream::byteSize)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageEndingWith("has no piece now");
        }
        return all.toByteArray();
    }

    @ParameterizedTest
    @EnumSource
    void aRangeOfAFile_isAnInput_andAnythingElseToo(Uring uring) throws Exception {
        on(
                "opencl",
                (hp, memory) -> uring.run(() -> {
                    byte[] content = words(PIECE);
                    Path file = file("in", content);
                    Path out = folder.resolve("out");
                    byte[] part = Arrays.copyOfRange(content, 400, 400 + 2 * PIECE);
                    try (KernelProgram program = KernelProgram.compile(memory, SOURCE, "add");
                            Pipe pipe = Pipe.open(
                                    hp.budget(),
                                    hp.device(),
                                    new PipeShape(1, 1, PIECE, 2),
                                    "test")) {
                        for (PieceInput in :
                                List.of(PieceInput.of(file, 400, 2 * PIECE), new InMemory(part))) {
                            pipe.run(
                                    List.of(in),
                                    add(program, 5),
                                    List.of(PieceOutput.of(out)),
                                    Stages.CALLER);
                            assertThat(out).hasBinaryContent(added(part, 5));
                        }
                    }
                }));
    }

    /** An input that is no file. */
    private record InMemory(byte[] bytes) implements PieceInput {
        @Override
        public long byteSize() {
            return bytes.length;
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
                    target.copyFrom(
                            MemorySegment.ofArray(bytes).asSlice(position, target.byteSize()));
                }

                @Override
                public void close() {}
            };
        }
    }

    @Test
    void aKernelThatDoesNotCompile_saysSoInTheCompilersWords() throws Exception {
        on("opencl", (hp, memory) -> {
            KernelSource broken = KernelSource.of("broken.cl", "kernel void k() { nothing; }");
            assertThatThrownBy(() -> KernelProgram.compile(memory, broken, "k"))
                    .isInstanceOf(KernelException.class)
                    .hasMessageStartingWith(
                            "broken.cl does not compile for device " + memory.name())
                    .hasMessageContaining("undeclared");
            assertThatThrownBy(() -> KernelProgram.compile(memory, SOURCE, "none"))
                    .isInstanceOfSatisfying(
                            KernelException.class,
                            e -> assertThat(e.kernels().orElseThrow())
                                    .containsExactlyInAnyOrder("two", "add", "eights", "square"))
                    .hasMessageStartingWith("test.cl has no kernel 'none'; it has: ");
            assertThatThrownBy(() -> KernelProgram.compile(
                            memory,
                            KernelSource.of("empty.cl", "int nothing() { return 1; }"),
                            "none"))
                    .isInstanceOf(KernelException.class)
                    .hasMessageContaining("it has none at all");
        });
    }

    @ParameterizedTest
    @EnumSource
    void aLaunchThatIsRefused_endsTheRun(Stages stages) throws Exception {
        on("opencl", (hp, memory) -> {
            Path in = file("in", new byte[8 * 800]);
            refused(
                    hp,
                    memory,
                    "eights",
                    in,
                    stages,
                    "could not run over 100 work-items on device");
            refused(hp, memory, "square", in, stages, "it is written for groups of 2 x 2 x 1");
        });
    }

    private void refused(
            Highpage hp, OpenClDevice memory, String kernel, Path in, Stages stages, String words)
            throws IOException {
        try (KernelProgram program = KernelProgram.compile(memory, SOURCE, kernel);
                Pipe pipe =
                        Pipe.open(hp.budget(), hp.device(), new PipeShape(1, 1, 100, 2), "test")) {
            KernelCall call = new KernelCall(program, List.of(), 1, OptionalLong.of(7));
            List<PieceInput> inputs = List.of(whole(in));
            List<PieceOutput> outputs = List.of(PieceOutput.of(folder.resolve("out")));
            assertThatThrownBy(() -> pipe.run(inputs, call, outputs, stages))
                    .isInstanceOf(KernelException.class)
                    .hasMessageStartingWith("kernel '" + kernel + "' could not run")
                    .hasMessageContaining(words);
            assertThatThrownBy(() -> pipe.run(inputs, call, outputs, stages))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("close it, and open another");
        }
    }

    @Test
    void whatDoesNotFit_isRefusedBeforeAnythingIsDone() throws Exception {
        on("opencl", (hp, memory) -> {
            Path in = file("in", new byte[100]);
            List<PieceInput> one = List.of(whole(in));
            List<PieceOutput> out = List.of(PieceOutput.of(folder.resolve("out")));
            try (KernelProgram program = KernelProgram.compile(memory, SOURCE, "add");
                    Pipe pipe = Pipe.open(
                            hp.budget(), hp.device(), new PipeShape(1, 1, 64, 2), "test")) {
                refused(() -> pipe.run(List.of(), add(program, 1), out, Stages.CALLER), "0 inputs");
                refused(
                        () -> pipe.run(one, add(program, 1), List.of(), Stages.CALLER),
                        "0 outputs");
                refused(
                        () -> pipe.stream(one, call(program, 8)),
                        "not a multiple of elementBytes=8");
                refused(() -> pipe.stream(one, call(program, 100)), "more than a piece has");
                refused(
                        () -> pipe.stream(
                                one,
                                new KernelCall(
                                        program, List.of(1), 4, OptionalLong.empty(), List.of(2))),
                        "outputsAt=[2] are not 1 of the first 2");
                refused(() -> call(program, 0), "elementBytes=0");
                on("opencl", (other, otherMemory) -> {
                    try (KernelProgram foreign =
                            KernelProgram.compile(otherMemory, SOURCE, "add")) {
                        refused(() -> pipe.stream(one, add(foreign, 1)), "is for another device");
                    }
                });
                assertThat(pipe.run(one, add(program, 1), out, Stages.CALLER).pieces())
                        .isEqualTo(2);
            }
        });
    }

    private static KernelCall call(KernelProgram program, long elementBytes) {
        return new KernelCall(program, List.of(1), elementBytes, OptionalLong.empty());
    }

    private static void refused(ThrowingCallable call, String words) {
        assertThatThrownBy(call)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(words);
    }

    @Test
    void oneProgram_runsInManyPipesAtOnce() throws Exception {
        on("opencl", (hp, memory) -> {
            byte[] content = words(4 * PIECE);
            Path in = file("in", content);
            try (KernelProgram program = KernelProgram.compile(memory, SOURCE, "add")) {
                List<Thread> threads = Stream.of(1, 2, 3, 4)
                        .map(more -> Thread.ofPlatform().unstarted(() -> {
                            Path out = folder.resolve("out" + more);
                            try (Pipe pipe = Pipe.open(
                                    hp.budget(),
                                    hp.device(),
                                    new PipeShape(1, 1, PIECE, 2),
                                    "test")) {
                                pipe.run(
                                        List.of(whole(in)),
                                        add(program, more),
                                        List.of(PieceOutput.of(out)),
                                        Stages.CALLER);
                            } catch (IOException | InterruptedException e) {
                                throw new AssertionError(e);
                            }
                        }))
                        .toList();
                threads.forEach(Thread::start);
                for (Thread each : threads) {
                    each.join();
                }
                for (int more = 1; more <= 4; more++) {
                    assertThat(folder.resolve("out" + more)).hasBinaryContent(added(content, more));
                }
            }
        });
    }
}
