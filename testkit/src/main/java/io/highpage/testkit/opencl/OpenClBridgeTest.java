// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.device.DeviceMemory;
import io.highpage.device.Devices;
import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.Residency;
import io.highpage.outcome.Terms;
import io.highpage.testkit.opencl.OpenClProgram.Mode;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;

/** What a bridge to an OpenCL library does, whatever the library. */
@Tag("opencl")
public abstract class OpenClBridgeTest {
    private static final int WORDS = 100_000;
    private static final long BYTES = 4L * WORDS;
    private static final int CL_COMPLETE = 0;
    private static final int CL_OUT_OF_RESOURCES = -5;

    private OpenClProgram program;

    /** Makes a context, a queue and a kernel of the first device that the library finds. */
    protected abstract OpenClProgram open();

    @BeforeEach
    void openProgram() {
        RequireOpenCl.check();
        program = open();
    }

    @AfterEach
    void closeProgram() {
        if (program != null) {
            program.close();
        }
    }

    private DeviceMemory device(Mode mode) {
        RequireOpenCl.mode(mode);
        return program.device(mode);
    }

    @ParameterizedTest
    @EnumSource
    void aKernelWorksOnTheMemoryOfEachMode(Mode mode) {
        try (Highpage runtime = runtime(device(mode));
                PageBuffer buffer = numbered(runtime)) {
            addSeven(runtime, buffer, 0, BYTES);
            assertThat(buffer.residency().count(Residency.DEVICE)).isEqualTo(buffer.pageCount());
            assertAdded(buffer, 0, BYTES);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRangeBeginsWhereItShould(Mode mode) {
        try (Highpage runtime = runtime(device(mode));
                PageBuffer buffer = numbered(runtime)) {
            long page = buffer.pageBytes();
            addSeven(runtime, buffer, 2 * page, page);
            assertAdded(buffer, 2 * page, page);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLaunchOnAnotherQueue_isAwaitedByItsAccess(Mode mode) {
        try (Highpage runtime = runtime(device(mode));
                PageBuffer buffer = numbered(runtime)) {
            try (DeviceAccess access = buffer.access(runtime.device(), AccessMode.READ_WRITE)) {
                program.launchAddElsewhere(access, 7, WORDS);
            }
            assertAdded(buffer, 0, BYTES);
        }
    }

    @Test
    void theBestModeIsTakenIfNoneIsGiven() {
        try (DeviceMemory bridged = program.device();
                DeviceMemory found = Devices.named("opencl").open()) {
            assertThat(program.modeOf(bridged)).isEqualTo(program.modeOf(found));
        }
    }

    @Test
    void aQueueOfAnotherContextIsRefused() {
        try (OpenClProgram other = open()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> program.deviceWithQueueOf(other))
                    .withMessageContaining("the queue belongs to another context");
        }
    }

    @Test
    void whatWasNeverMadeIsRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(program::deviceWithoutQueue)
                .withMessageContaining("the queue is NULL");
        try (Highpage runtime = runtime(program.device());
                PageBuffer buffer = runtime.allocate(BYTES);
                DeviceAccess access = buffer.access(runtime.device(), AccessMode.READ)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> program.setArgumentOfNoKernel(access))
                    .withMessageContaining("the kernel is NULL");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> program.completesWithNoEvent(access))
                    .withMessageContaining("the event is NULL");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aKernelOfAnotherContextIsRefused(Mode mode) {
        try (OpenClProgram other = open();
                Highpage runtime = runtime(device(mode));
                PageBuffer buffer = numbered(runtime)) {
            try (DeviceAccess access = buffer.access(runtime.device(), AccessMode.READ_WRITE)) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> other.setArgument(0, access))
                        .withMessageContaining("the kernel belongs to another context")
                        .withMessageContaining("Jocl.device or Lwjgl.device")
                        .withMessageContaining("OpenClDevice.context() of this one");
                program.add(access, 7, WORDS);
            }
            assertAdded(buffer, 0, BYTES);
        }
    }

    @Test
    void anArgumentThatTheKernelDoesNotHaveIsADriversError() {
        try (Highpage runtime = runtime(program.device());
                PageBuffer buffer = runtime.allocate(BYTES);
                DeviceAccess access = buffer.access(runtime.device(), AccessMode.READ)) {
            assertThatThrownBy(() -> program.setArgument(5, access))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("CL_INVALID_ARG_INDEX")
                    .hasMessageContaining("arg_index=5");
        }
    }

    @Test
    void aClosedAccessIsNoArgument() {
        try (Highpage runtime = runtime(program.device());
                PageBuffer buffer = runtime.allocate(BYTES)) {
            DeviceAccess access = buffer.access(runtime.device(), AccessMode.READ_WRITE);
            access.close();
            assertThatIllegalStateException().isThrownBy(() -> program.setArgument(0, access));
        }
    }

    @Test
    void theMemoryOfAnotherKindOfDeviceIsRefused() {
        try (Highpage runtime = runtime(HostDevice.coherent(BYTES * 2));
                PageBuffer buffer = runtime.allocate(BYTES);
                DeviceAccess access = buffer.access(runtime.device(), AccessMode.READ)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> program.setArgument(0, access))
                    .withMessageContaining("device=host is not an OpenCL device");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> program.completesWithNoEvent(access))
                    .withMessageContaining("device=host is not an OpenCL device");
        }
    }

    @Test
    void closingAnAccessWaitsForItsEvent() throws Exception {
        try (Highpage runtime = runtime(program.device());
                PageBuffer buffer = numbered(runtime)) {
            DeviceAccess access =
                    buffer.range(0, BYTES).access(Terms.defaults().shared(), runtime.device());
            IntConsumer event = program.completesWithUserEvent(access);
            CompletableFuture<Void> closing = CompletableFuture.runAsync(access::close);
            assertThatThrownBy(() -> closing.get(50, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
            event.accept(CL_COMPLETE);
            closing.get(60, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEventThatFailsIsReportedByTheClose_andThePagesAreIntact(Mode mode) {
        try (Highpage runtime = runtime(device(mode));
                PageBuffer buffer = numbered(runtime)) {
            addSeven(runtime, buffer, 0, BYTES);
            DeviceAccess access = buffer.access(runtime.device(), AccessMode.READ_WRITE);
            IntConsumer event = program.completesWithUserEvent(access);
            event.accept(CL_OUT_OF_RESOURCES);
            assertThatThrownBy(access::close)
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("CL_OUT_OF_RESOURCES (-5)");
            assertThat(access.isOpen()).isFalse();
            assertAdded(buffer, 0, BYTES);
        }
    }

    @Test
    void anEventOfAnotherContextIsRefused() {
        try (OpenClProgram other = open();
                Highpage runtime = runtime(program.device());
                PageBuffer buffer = runtime.allocate(BYTES);
                DeviceAccess access = buffer.access(runtime.device(), AccessMode.READ)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> other.completesWithUserEvent(access))
                    .withMessageContaining("the event belongs to another context");
        }
    }

    private void addSeven(Highpage runtime, PageBuffer buffer, long offset, long bytes) {
        try (DeviceAccess access =
                buffer.range(offset, bytes).access(runtime.device(), AccessMode.READ_WRITE)) {
            program.add(access, 7, bytes / Integer.BYTES);
        }
    }

    private static PageBuffer numbered(Highpage runtime) {
        PageBuffer buffer = runtime.allocate(BYTES);
        int[] words = new int[WORDS];
        for (int i = 0; i < WORDS; i++) {
            words[i] = i;
        }
        buffer.write(0, MemorySegment.ofArray(words));
        return buffer;
    }

    private static void assertAdded(PageBuffer buffer, long offset, long bytes) {
        int[] words = new int[WORDS];
        buffer.read(0, MemorySegment.ofArray(words));
        for (int i = 0; i < WORDS; i++) {
            boolean inRange = 4L * i >= offset && 4L * i < offset + bytes;
            assertThat(words[i]).as("word %d", i).isEqualTo(inRange ? i + 7 : i);
        }
    }

    private static Highpage runtime(DeviceMemory memory) {
        return Highpage.builder().device(memory).open();
    }
}
