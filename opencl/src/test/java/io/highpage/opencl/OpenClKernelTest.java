// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_COMPLETE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_HOST_MEMORY;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.bindings.opencl.opencl_h;
import io.highpage.host.HostDevice;
import io.highpage.internal.opencl.Cl;
import io.highpage.internal.opencl.ClFaults;
import io.highpage.internal.opencl.FaultAt;
import io.highpage.internal.opencl.FirstDevice;
import io.highpage.internal.opencl.TestKernel;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.Terms;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** What a launch takes, and what it refuses before anything runs. */
@Tag("opencl")
class OpenClKernelTest {
    private static final int WORDS = 1024;
    private static final long BYTES = 4L * WORDS;

    /** Every kind of parameter that a launch can set. */
    private static final String SOURCE = """
            typedef struct { int add; float scale; } Change;
            kernel void change(
                    global int *words, global const int *more, local int *sums, Change change,
                    int2 two, short few, long many) {
                size_t i = get_global_id(0);
                sums[get_local_id(0)] = more[i];
                barrier(CLK_LOCAL_MEM_FENCE);
                int next = sums[(get_local_id(0) + 1) % get_local_size(0)];
                words[i] = (int) (next * change.scale) + change.add + two.x + two.y + few
                        + (int) many;
            }
            kernel void picture(read_only image2d_t from, sampler_t how, global float *to) {
                to[0] = read_imagef(from, how, (int2) (0, 0)).x;
            }
            kernel void add(global int *words, int value) { words[get_global_id(0)] += value; }
            kernel void put(global int *words, int value) { words[get_global_id(0)] = value; }
            kernel void twice(global const int *from, global int *to) {
                to[get_global_id(0)] = 2 * from[get_global_id(0)];
            }
            kernel void halve(global float *words, float by) { words[get_global_id(0)] *= by; }
            kernel void share(global int *words, local int *one, local int *two) {
                one[0] = two[0] = words[0];
            }
            typedef struct { int value; } image_t;
            typedef struct { int value; } pipeline;
            kernel void named(global int *words, image_t one, pipeline two) {
                words[get_global_id(0)] = one.value + two.value;
            }
            """;

    private final Calls calls = new Calls();
    private OpenClDevice device;
    private TestKernel change;
    private TestKernel add;
    private Highpage highpage;
    private PageBuffer words;

    @BeforeEach
    void open() {
        device = OpenClDevice.open(
                Cl.open(calls), "opencl:test", FirstDevice.handle(), OpenClMemoryMode.BUFFER);
        change = TestKernel.compile(device, SOURCE, "change");
        add = TestKernel.compile(device, SOURCE, "add");
        highpage = Highpage.builder().device(device).open();
        words = highpage.allocate(BYTES);
        words.fill((byte) 0);
        words.prefetch(highpage.device()); // takes the device's memory
    }

    @AfterEach
    void close() {
        if (device != null) {
            words.close();
            add.close();
            change.close();
            highpage.close();
        }
    }

    private DeviceAccess access(AccessMode mode) {
        return words.access(highpage.device(), mode);
    }

    private void launch(TestKernel kernel, NdRange range, @Nullable Object... arguments) {
        OpenClKernel.launch(device.queue().address(), kernel.address(), range, arguments);
    }

    private int[] words() {
        int[] read = new int[WORDS];
        words.read(0, MemorySegment.ofArray(read));
        return read;
    }

    /** The queue was asked for its context just before: it was valid. */
    @ParameterizedTest
    @ValueSource(ints = {-2, -34, -36, -777, -9999})
    void launchOnADeviceThatIsGone_saysSoByItsType(int code) {
        try (DeviceAccess access = access(AccessMode.READ_WRITE)) {
            calls.answers = Map.of("clEnqueueNDRangeKernel", code);
            assertThatThrownBy(() -> launch(add, NdRange.of(WORDS), access, 1))
                    .isInstanceOf(DeviceLostException.class)
                    .hasMessageStartingWith("clEnqueueNDRangeKernel failed with ")
                    .hasMessageContaining("(" + code + ")");
            assertThat(OpenClDevice.failure("clFlush", code, null))
                    .isInstanceOf(DeviceLostException.class);
        }
    }

    @Test
    void launchThatIsRefused_isNoLoss() {
        RuntimeException cause = new RuntimeException("of a binding");
        try (DeviceAccess access = access(AccessMode.READ_WRITE)) {
            assertThatThrownBy(() -> launch(add, NdRange.of(WORDS).groups(1 << 30), access, 1))
                    .isExactlyInstanceOf(DeviceException.class);
        }
        assertThat(OpenClDevice.failure("clFlush", CL_OUT_OF_HOST_MEMORY(), cause))
                .isExactlyInstanceOf(DeviceException.class)
                .hasMessage("clFlush failed with CL_OUT_OF_HOST_MEMORY (-6)")
                .hasCause(cause);
    }

    @Test
    void everyKindOfArgumentArrives() {
        int[] numbers = new int[WORDS];
        for (int i = 0; i < WORDS; i++) {
            numbers[i] = i;
        }
        try (PageBuffer more = highpage.allocate(BYTES);
                Arena arena = Arena.ofConfined()) {
            more.write(0, MemorySegment.ofArray(numbers));
            MemorySegment by = arena.allocate(8, 4);
            by.set(ValueLayout.JAVA_INT, 0, 1000);
            by.set(ValueLayout.JAVA_FLOAT, 4, 2);
            try (DeviceAccess to = access(AccessMode.WRITE);
                    DeviceAccess from = more.access(highpage.device(), AccessMode.READ)) {
                launch(
                        change,
                        NdRange.of(WORDS).groups(16),
                        to,
                        from,
                        KernelArgument.local(16 * 4),
                        by,
                        MemorySegment.ofArray(new int[] {10, 20}),
                        (short) 3,
                        100L);
            }
        }
        int[] read = words();
        for (int i = 0; i < WORDS; i++) {
            int next = i / 16 * 16 + (i + 1) % 16;
            assertThat(read[i]).isEqualTo(next * 2 + 1000 + 30 + 3 + 100);
        }
    }

    @Test
    void anOffsetMovesTheItems_andADriverWaitsForAnEvent() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment error = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment first = opencl_h.clCreateUserEvent(device.context(), error);
            try (DeviceAccess access = access(AccessMode.READ_WRITE)) {
                long done = OpenClKernel.enqueue(
                        device.queue().address(),
                        add.address(),
                        NdRange.of(4).groups(2).offset(8),
                        new long[] {first.address()},
                        access,
                        5);
                MemorySegment event = MemorySegment.ofAddress(done);
                MemorySegment status = arena.allocate(ValueLayout.JAVA_INT);
                assertThat(opencl_h.clFlush(device.queue())).isZero();
                assertThat(opencl_h.clGetEventInfo(event, 0x11D3, 4, status, MemorySegment.NULL))
                        .isZero();
                assertThat(status.get(ValueLayout.JAVA_INT, 0)).isNotEqualTo(CL_COMPLETE());
                assertThat(opencl_h.clSetUserEventStatus(first, CL_COMPLETE())).isZero();
                assertThat(opencl_h.clReleaseEvent(event)).isZero();
            }
            assertThat(opencl_h.clReleaseEvent(first)).isZero();
        }
        int[] read = words();
        assertThat(read).startsWith(0, 0, 0, 0, 0, 0, 0, 0, 5, 5, 5, 5, 0);
    }

    /** A driver need not begin what nobody has flushed, and some do not. */
    @Test
    void anEventOfAnotherQueue_isBegunBeforeADriverWaitsForIt() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment error = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment other =
                    opencl_h.clCreateCommandQueue(device.context(), FirstDevice.handle(), 0, error);
            TestKernel.check("clCreateCommandQueue", error.get(ValueLayout.JAVA_INT, 0));
            try (PageBuffer parts = highpage.allocate(BYTES)) {
                assertTimeoutPreemptively(Duration.ofMinutes(1), () -> addTwice(other, parts));
            }
            TestKernel.check("clReleaseCommandQueue", opencl_h.clReleaseCommandQueue(other));
        }
        assertThat(words()).startsWith(5, 5, 0);
    }

    /** The access that is closed first knows of the second kernel only. */
    private void addTwice(MemorySegment other, PageBuffer parts) {
        try (DeviceAccess first = access(AccessMode.READ_WRITE);
                DeviceAccess second = parts.access(highpage.device(), AccessMode.READ_WRITE)) {
            long after = OpenClKernel.enqueue(
                    device.queue().address(), add.address(), NdRange.of(2), new long[0], first, 5);
            try (TestKernel another = TestKernel.compile(device, SOURCE, "add")) {
                long done = OpenClKernel.enqueue(
                        other.address(),
                        another.address(),
                        NdRange.of(2),
                        new long[] {after},
                        second,
                        7);
                for (long event : new long[] {after, done}) {
                    TestKernel.check(
                            "clReleaseEvent",
                            opencl_h.clReleaseEvent(MemorySegment.ofAddress(event)));
                }
            }
        }
    }

    /** The driver would take some of these, and run. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "few | kernel add has 2 arguments, not 1: give all of them, in order",
                "long | argument 1 is the Long 1 for the kernel's \"int value\": it has 4 bytes",
                "float | argument 1 is the Float 1.0 for the kernel's \"int value\": other bits",
                "null | argument 1 is null for the kernel's \"int value\": it is a value",
                "string | argument 1 is a java.lang.String, x for the kernel's \"int value\"",
                "access | argument 1 is an access for the kernel's \"int value\": it is a value",
                "local | argument 1 is 4 bytes of local memory for the kernel's \"int value\"",
                "object | argument 1 is the memory object or sampler 0x1 for the kernel's",
                "bytes | argument 1 is 3 bytes for the kernel's \"int value\": it has 4 bytes",
                "sampler | argument 0 is the sampler 0x1 for the kernel's \"int* words\": it is a",
                "number | argument 0 is the Integer 1 for the kernel's \"int* words\": it is",
                "big | argument 1 is a java.math.BigInteger, 1 for the kernel's"
            })
    void whatTheKernelDoesNotTake_isRefusedInWords(String mistake, String words) {
        try (DeviceAccess access = access(AccessMode.READ_WRITE)) {
            @Nullable
            Object[] given = switch (mistake) {
                case "few" -> new Object[] {access};
                case "long" -> new Object[] {access, 1L};
                case "float" -> new Object[] {access, 1f};
                case "null" -> new @Nullable Object[] {access, null};
                case "string" -> new Object[] {access, "x"};
                case "access" -> new Object[] {access, access};
                case "local" -> new Object[] {access, KernelArgument.local(4)};
                case "object" -> new Object[] {access, KernelArgument.object(1)};
                case "bytes" -> new Object[] {access, MemorySegment.ofArray(new byte[3])};
                case "sampler" -> new Object[] {KernelArgument.sampler(1), 1};
                case "number" -> new Object[] {1, 1};
                default -> new Object[] {access, BigInteger.ONE};
            };
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> launch(add, NdRange.of(4), given))
                    .withMessageContaining(words);
        }
        assertThat(words()).containsOnly(0);
    }

    @Test
    void imagesAndSamplersAreNotPlainMemory() {
        try (TestKernel picture = TestKernel.compile(device, SOURCE, "picture");
                DeviceAccess access = access(AccessMode.READ_WRITE)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> launch(picture, NdRange.of(1), access, 1, access))
                    .withMessageContaining("argument 0 is an access for the kernel's \"image2d_t")
                    .withMessageContaining("give it an image or a sampler of yours");
        }
    }

    @Test
    void structsOfAnyName_arePlainMemory() {
        try (TestKernel named = TestKernel.compile(device, SOURCE, "named")) {
            try (DeviceAccess access = access(AccessMode.READ_WRITE)) {
                launch(
                        named,
                        NdRange.of(WORDS),
                        access,
                        MemorySegment.ofArray(new int[] {3}),
                        MemorySegment.ofArray(new int[] {4}));
            }
        }
        assertThat(words()).containsOnly(7);
    }

    /** Another thread closes it while the driver is being told of the kernel. */
    @Test
    void aCloseWaitsForALaunch() throws Exception {
        DeviceAccess access = words.access(Terms.defaults().shared(), highpage.device());
        CompletableFuture<Void> closed = new CompletableFuture<>();
        AtomicBoolean openMeanwhile = new AtomicBoolean();
        calls.before("clEnqueueNDRangeKernel", () -> {
            Thread.ofPlatform().start(() -> {
                access.close();
                closed.complete(null);
            });
            // Asked by another thread: this one is inside, and so let in.
            while (!CompletableFuture.supplyAsync(() -> isBeingClosed(access)).join()) {
                Thread.onSpinWait();
            }
            closed.completeOnTimeout(null, 100, TimeUnit.MILLISECONDS).join();
            openMeanwhile.set(access.isOpen());
        });
        launch(add, NdRange.of(WORDS), access, 1);
        assertThat(openMeanwhile).as("open while its kernel was enqueued").isTrue();
        access.close(); // waits for the other
        assertThatIllegalStateException()
                .isThrownBy(() -> launch(add, NdRange.of(WORDS), access, 1))
                .withMessageContaining("is closed");
        assertThat(words()).containsOnly(1);
    }

    private static boolean isBeingClosed(DeviceAccess access) {
        try {
            access.givenTo("nothing");
            return false;
        } catch (IllegalStateException closing) {
            return true;
        }
    }

    @Test
    void anAccessThatOnlyWrites_isNoConst() {
        try (DeviceAccess access = access(AccessMode.WRITE)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> launch(
                            change,
                            NdRange.of(4),
                            access,
                            access,
                            KernelArgument.local(4),
                            MemorySegment.ofArray(new int[2]),
                            MemorySegment.ofArray(new int[2]),
                            (short) 1,
                            1L))
                    .withMessageContaining("argument 1 is access")
                    .withMessageContaining("is const, and no kernel before it was told of");
        }
    }

    /** What the first kernel has overwritten the second one reads, under one access. */
    @Test
    void anAccessThatOnlyWrites_isConstForWhoComesAfterAKernel() {
        try (TestKernel put = TestKernel.compile(device, SOURCE, "put");
                TestKernel twice = TestKernel.compile(device, SOURCE, "twice");
                PageBuffer sums = highpage.allocate(4L * WORDS)) {
            try (DeviceAccess written = access(AccessMode.WRITE);
                    DeviceAccess sum = sums.access(highpage.device(), AccessMode.WRITE)) {
                launch(put, NdRange.of(WORDS), written, 3);
                launch(twice, NdRange.of(WORDS), written, sum);
            }
            int[] read = new int[WORDS];
            sums.read(0, read);
            assertThat(read).containsOnly(6);
        }
    }

    @Test
    void sizesThatCannotBeAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> NdRange.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NdRange.of(1, 1, 1, 1))
                .withMessageContaining("4 dimensions");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NdRange.of(0))
                .withMessageContaining("items[0] has to be at least 1: 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NdRange.of(4).groups(2, 2))
                .withMessageContaining("groups=[2, 2] has 2 dimensions, items=[4] has 1");
        assertThatIllegalArgumentException().isThrownBy(() -> KernelArgument.local(0));
        assertThatIllegalArgumentException().isThrownBy(() -> KernelArgument.object(0));
        assertThatIllegalArgumentException().isThrownBy(() -> KernelArgument.sampler(0));
        try (DeviceAccess access = access(AccessMode.READ_WRITE);
                TestKernel share = TestKernel.compile(device, SOURCE, "share")) {
            for (long much : new long[] {1L << 40, Long.MAX_VALUE}) {
                KernelArgument local = KernelArgument.local(much);
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> launch(share, NdRange.of(4), access, local, local))
                        .withMessageContaining("kernel share is given ")
                        .withMessageContaining(" bytes of local memory");
            }
            assertThatThrownBy(() -> launch(add, NdRange.of(100).groups(64), access, 1))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("clEnqueueNDRangeKernel failed")
                    .hasMessageContaining("items=[100] groups=[64]; items[0] is no multiple");
        }
        assertThat(words()).containsOnly(0);
    }

    @Test
    void whatIsNotThere_isRefused() {
        long queue = device.queue().address();
        NdRange range = NdRange.of(4);
        DeviceAccess closed = access(AccessMode.READ_WRITE);
        closed.close();
        assertThatIllegalStateException().isThrownBy(() -> launch(add, range, closed, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OpenClKernel.launch(0, add.address(), range))
                .withMessageContaining("the queue is NULL");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OpenClKernel.launch(queue, 0, range))
                .withMessageContaining("the kernel is NULL");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OpenClKernel.enqueue(queue, add.address(), range, new long[1]))
                .withMessageContaining("the event is NULL");
    }

    @Test
    void whatIsOfAnotherContext_isRefused_andTheWayOutIsSaid() {
        try (OpenClDevice other = OpenClDevice.open(
                        "opencl:other", FirstDevice.handle(), OpenClMemoryMode.BUFFER);
                TestKernel kernel = TestKernel.compile(other, SOURCE, "add");
                DeviceAccess access = access(AccessMode.READ_WRITE)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> launch(kernel, NdRange.of(4), access, 1))
                    .withMessageContaining("the queue belongs to another context");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> OpenClKernel.launch(
                            other.queue().address(), kernel.address(), NdRange.of(4), access, 1))
                    .withMessageContaining("the kernel belongs to another context")
                    .withMessageContaining("the context of device opencl:test")
                    .withMessageContaining("Highpage.builder().device(...)");
        }
        try (Highpage host =
                        Highpage.builder().device(HostDevice.coherent(1 << 20)).open();
                PageBuffer buffer = host.allocate(4);
                DeviceAccess access = buffer.access(host.device(), AccessMode.READ)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> launch(add, NdRange.of(1), access, 1))
                    .withMessageContaining("device=host is not an OpenCL device");
        }
    }

    /** Whatever call fails, nothing stays open, and no kernel is left that nobody waits for. */
    @Test
    void aLaunchThatFailsAnywhere_leavesNothing() {
        int n = 1;
        while (failsAt(n)) {
            n++;
        }
        assertThat(n).as("calls of a launch and a close").isBetween(8, 200);
        assertThat(words()).doesNotContain(0);
    }

    private boolean failsAt(int n) {
        Map<String, Integer> before = calls.counted.live();
        DeviceAccess access = access(AccessMode.READ_WRITE);
        calls.arm(n);
        try {
            launch(add, NdRange.of(WORDS), access, 1);
        } catch (DeviceException failed) {
            assertThat(failed).hasMessageContaining("CL_OUT_OF_HOST_MEMORY");
        }
        try {
            access.close();
        } catch (DeviceException failed) {
            assertThat(failed).hasMessageContaining("CL_OUT_OF_HOST_MEMORY");
        }
        boolean fired = calls.disarm();
        access.close();
        assertThat(calls.counted.live()).as("after call %d", n).isEqualTo(before);
        return fired;
    }

    /** Counts what is alive, and fails one call when told to. */
    private static final class Calls implements ClFaults {
        private final FaultAt counted = new FaultAt(0, 0);
        private int left; // until the one that fails; 0 if none is to
        private volatile Map<String, Integer> answers = Map.of();
        private volatile String awaited = "";
        private volatile Runnable first = () -> {};

        void before(String call, Runnable runs) {
            first = runs;
            awaited = call;
        }

        synchronized void arm(int n) {
            left = n;
        }

        /** {@return whether it was reached} */
        synchronized boolean disarm() {
            boolean fired = left == 0;
            left = 0;
            return fired;
        }

        @Override
        public int code(String call) {
            return code(call, false);
        }

        @Override
        public int codeOfRelease(String call) {
            return code(call, true);
        }

        private int code(String call, boolean releases) {
            if (call.equals(awaited)) {
                awaited = "";
                first.run();
            }
            Integer answer = answers.get(call);
            if (answer != null) {
                return answer;
            }
            boolean fails = fails();
            if (releases) {
                counted.codeOfRelease(call);
            } else if (!fails) {
                counted.code(call);
            }
            return fails ? CL_OUT_OF_HOST_MEMORY() : 0;
        }

        private synchronized boolean fails() {
            return left > 0 && --left == 0;
        }

        @Override
        public Duration patience() {
            return counted.patience();
        }
    }
}
