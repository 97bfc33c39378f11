// SPDX-License-Identifier: Apache-2.0
package io.highpage.interop.jocl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.AccessMode;
import io.highpage.DeviceAccess;
import io.highpage.DeviceException;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.Residency;
import io.highpage.device.DeviceMemory;
import io.highpage.device.Devices;
import io.highpage.device.HostDevice;
import io.highpage.opencl.OpenClDevice;
import io.highpage.opencl.OpenClMemoryMode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_event;
import org.jocl.cl_kernel;
import org.jocl.cl_platform_id;
import org.jocl.cl_program;
import org.jocl.cl_queue_properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JoclTest {
    private static final int WORDS = 100_000;
    private static final long BYTES = 4L * WORDS;

    private cl_device_id device;
    private cl_context context;
    private cl_command_queue queue;
    private cl_program program;
    private cl_kernel kernel;

    @AfterEach
    void close() {
        if (context != null) {
            CL.clReleaseKernel(kernel);
            CL.clReleaseProgram(program);
            CL.clReleaseCommandQueue(queue);
            CL.clReleaseContext(context);
        }
    }

    @ParameterizedTest
    @EnumSource(OpenClMemoryMode.class)
    void aKernelWorksOnTheMemoryOfEachMode(OpenClMemoryMode mode) {
        openJocl();
        try (Highpage runtime = runtime(Jocl.device(context, device, queue, mode));
                PageBuffer buffer = runtime.allocate(BYTES)) {
            write(buffer);
            addTo(runtime, buffer, 0, BYTES);
            assertThat(buffer.residency().count(Residency.DEVICE)).isEqualTo(buffer.pageCount());
            try (Pin pin = buffer.pin(Pin.longTerm())) {
                for (int i = 0; i < WORDS; i++) {
                    assertThat(pin.segment().getAtIndex(ValueLayout.JAVA_INT, i))
                            .isEqualTo(i + 7);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(OpenClMemoryMode.class)
    void aRangeBeginsWhereItShould(OpenClMemoryMode mode) {
        openJocl();
        try (Highpage runtime = runtime(Jocl.device(context, device, queue, mode));
                PageBuffer buffer = runtime.allocate(BYTES)) {
            write(buffer);
            long offset = 2 * buffer.pageBytes();
            long bytes = buffer.pageBytes();
            addTo(runtime, buffer, offset, bytes);
            try (Pin pin = buffer.pin(Pin.longTerm())) {
                for (int i = 0; i < WORDS; i++) {
                    boolean inRange = 4L * i >= offset && 4L * i < offset + bytes;
                    assertThat(pin.segment().getAtIndex(ValueLayout.JAVA_INT, i))
                            .isEqualTo(inRange ? i + 7 : i);
                }
            }
        }
    }

    @Test
    void theBestModeIsTakenIfNoneIsGiven() {
        openJocl();
        try (OpenClDevice memory = Jocl.device(context, device, queue)) {
            assertThat(memory.mode())
                    .isEqualTo(((OpenClDevice) closed(Devices.named("opencl").open())).mode());
        }
    }

    @Test
    void whatHasBeenReleasedIsRefusedByName() {
        openJocl();
        assertThatThrownBy(() -> Jocl.device(context, device, new cl_command_queue()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("queue=");
        try (OpenClDevice memory = Jocl.device(context, device, queue)) {
            assertThatThrownBy(() -> Jocl.completion(memory, new cl_event()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("event=");
        }
    }

    @Test
    void anArgumentThatTheKernelDoesNotHaveIsADriversError() {
        openJocl();
        try (Highpage runtime = runtime(Jocl.device(context, device, queue));
                PageBuffer buffer = runtime.allocate(BYTES);
                DeviceAccess access = buffer.access(runtime.device(), AccessMode.READ)) {
            assertThatThrownBy(() -> Jocl.setArgument(kernel, 5, access))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("CL_INVALID_ARG_INDEX")
                    .hasMessageContaining("argument=5");
        }
    }

    @Test
    void aClosedAccessIsNoArgument() {
        openJocl();
        try (Highpage runtime = runtime(Jocl.device(context, device, queue));
                PageBuffer buffer = runtime.allocate(BYTES)) {
            DeviceAccess access = buffer.access(runtime.device(), AccessMode.READ);
            access.close();
            assertThatThrownBy(() -> Jocl.setArgument(kernel, 0, access)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void theMemoryOfAnotherKindOfDeviceIsRefused() {
        try (Highpage runtime = runtime(HostDevice.coherent(BYTES * 2));
                PageBuffer buffer = runtime.allocate(BYTES);
                DeviceAccess access = buffer.access(runtime.device(), AccessMode.READ)) {
            assertThatThrownBy(() -> Jocl.setArgument(new cl_kernel(), 0, access))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("device=host is not an OpenCL device");
        }
    }

    @Test
    void aPinIsAByteBufferWhileItIsOpen() {
        try (Highpage runtime = runtime(HostDevice.coherent(BYTES * 2));
                PageBuffer buffer = runtime.allocate(BYTES)) {
            write(buffer);
            Pin pin = buffer.pin(Pin.longTerm(), 4, 8);
            ByteBuffer bytes = Jocl.buffer(pin);
            assertThat(bytes.isDirect()).isTrue();
            assertThat(bytes.order()).isEqualTo(ByteOrder.nativeOrder());
            assertThat(bytes.remaining()).isEqualTo(8);
            assertThat(bytes.getInt(4)).isEqualTo(2);
            pin.close();
            assertThatThrownBy(() -> bytes.getInt(0)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> Jocl.buffer(pin)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aPinBeyondTheEndOfByteBuffersIsRefusedWithItsSize() {
        long largest = Integer.MAX_VALUE - 8;
        try (Highpage runtime = runtime(HostDevice.coherent(BYTES));
                PageBuffer buffer = runtime.allocate(largest + 1)) {
            try (Pin pin = buffer.pin(Pin.longTerm(), 0, largest)) {
                assertThat(Jocl.buffer(pin).capacity()).isEqualTo((int) largest);
            }
            try (Pin pin = buffer.pin(Pin.longTerm())) {
                assertThatThrownBy(() -> Jocl.buffer(pin))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("at most 2147483639 bytes")
                        .hasMessageContaining("byteSize=2147483640");
            }
        }
    }

    private void addTo(Highpage runtime, PageBuffer buffer, long offset, long bytes) {
        try (DeviceAccess access = buffer.access(runtime.device(), AccessMode.READ_WRITE, offset, bytes)) {
            Jocl.setArgument(kernel, 0, access);
            CL.clSetKernelArg(kernel, 1, Sizeof.cl_int, Pointer.to(new int[] {7}));
            cl_event done = new cl_event();
            long[] items = {bytes / Integer.BYTES};
            int status = CL.clEnqueueNDRangeKernel(queue, kernel, 1, null, items, null, 0, null, done);
            assertThat(status).isEqualTo(CL.CL_SUCCESS);
            Jocl.completesWith(access, done);
            CL.clReleaseEvent(done);
        }
    }

    private static void write(PageBuffer buffer) {
        int[] words = new int[WORDS];
        for (int i = 0; i < WORDS; i++) {
            words[i] = i;
        }
        buffer.write(0, MemorySegment.ofArray(words));
    }

    private static Highpage runtime(DeviceMemory memory) {
        return Highpage.builder().device(memory).open();
    }

    private static DeviceMemory closed(DeviceMemory memory) {
        memory.close();
        return memory;
    }

    private void openJocl() {
        boolean there = Devices.find().stream().anyMatch(found -> found.name().equals("opencl:0"));
        if (Boolean.parseBoolean(System.getenv("HIGHPAGE_REQUIRE_OPENCL"))) {
            assertThat(there)
                    .as("an OpenCL device, since HIGHPAGE_REQUIRE_OPENCL=true")
                    .isTrue();
        }
        assumeTrue(there, String.join("; ", Devices.missing()));
        cl_platform_id[] platforms = new cl_platform_id[1];
        CL.clGetPlatformIDs(1, platforms, null);
        cl_device_id[] devices = new cl_device_id[1];
        CL.clGetDeviceIDs(platforms[0], CL.CL_DEVICE_TYPE_ALL, 1, devices, null);
        device = devices[0];
        context = CL.clCreateContext(new cl_context_properties(), 1, devices, null, null, null);
        queue = CL.clCreateCommandQueueWithProperties(context, device, new cl_queue_properties(), null);
        String source = "kernel void add(global int *words, int more) { words[get_global_id(0)] += more; }";
        program = CL.clCreateProgramWithSource(context, 1, new String[] {source}, null, null);
        CL.clBuildProgram(program, 0, null, null, null, null);
        kernel = CL.clCreateKernel(program, "add", null);
    }
}
