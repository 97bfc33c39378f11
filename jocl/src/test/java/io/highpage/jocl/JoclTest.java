// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.device.Devices;
import io.highpage.junit.HighpageLeakCheck;
import io.highpage.opencl.OpenClDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.Residency;
import io.highpage.testkit.opencl.OpenClBridgeTest;
import io.highpage.testkit.opencl.OpenClProgram;
import io.highpage.testkit.opencl.RequireOpenCl;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_platform_id;
import org.jocl.cl_program;
import org.jocl.cl_sampler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;

@ExtendWith(HighpageLeakCheck.class)
class JoclTest extends OpenClBridgeTest {
    private static final int WORDS = 4096;

    /** Writes both only after a while. */
    private static final String SLOW = """
            kernel void slow(global int *a, global int *b, int value, float scale, int rounds) {
                size_t i = get_global_id(0);
                int waste = value;
                for (int round = 0; round < rounds; round++) {
                    waste = waste * 1103515245 + 12345;
                }
                a[i] = value + (waste == 1 ? 1 : 0);
                b[i] = (int) (value * scale);
            }
            """;

    @Override
    protected OpenClProgram open() {
        return JoclProgram.open();
    }

    @Test
    void whatJoclThrows_hasATypeToLookAt() {
        CLException gone = new CLException("CL_INVALID_COMMAND_QUEUE", -36);
        assertThat(Jocl.failure("clFlush", gone))
                .isInstanceOf(DeviceLostException.class)
                .hasMessage("clFlush failed with CL_INVALID_COMMAND_QUEUE (-36)")
                .hasCause(gone);
        assertThat(Jocl.failure("clFlush", new CLException("CL_OUT_OF_RESOURCES", -5)))
                .isExactlyInstanceOf(DeviceException.class);
    }

    /** Closing each of the accesses waits, although the kernel is not on the device's queue. */
    @ParameterizedTest
    @EnumSource
    void aKernelOnAnotherQueue_isAwaitedByAllItsAccesses(OpenClProgram.Mode mode) {
        RequireOpenCl.mode(mode);
        JoclProgram program = JoclProgram.open();
        cl_command_queue other = program.newQueue();
        cl_program built = program.build(SLOW);
        cl_kernel kernel = CL.clCreateKernel(built, "slow", null);
        try (Highpage hp = Highpage.builder().device(program.device(mode)).open();
                PageBuffer a = hp.allocate(4L * WORDS);
                PageBuffer b = hp.allocate(4L * WORDS)) {
            for (int round = 1; round <= 3; round++) {
                DeviceAccess ofA = a.access(hp.device(), AccessMode.READ_WRITE);
                DeviceAccess ofB = b.access(hp.device(), AccessMode.READ_WRITE);
                Jocl.launch(
                        other, kernel, new long[] {WORDS}, null, ofA, ofB, round, 2.5f, 300_000);
                ofB.close();
                assertThat(words(b)).containsOnly((int) (round * 2.5f));
                ofA.close();
                assertThat(words(a)).containsOnly(round);
            }
        } finally {
            CL.clReleaseKernel(kernel);
            CL.clReleaseProgram(built);
            CL.clReleaseCommandQueue(other);
            program.close();
        }
    }

    private static int[] words(PageBuffer buffer) {
        int[] words = new int[WORDS];
        buffer.read(0, MemorySegment.ofArray(words));
        return words;
    }

    @Test
    void launchThatIsRefused_saysWhy_andKeepsNothing() {
        JoclProgram program = JoclProgram.open();
        cl_command_queue queue = program.newQueue();
        cl_program built = program.build(SLOW);
        cl_kernel kernel = CL.clCreateKernel(built, "slow", null);
        try (Highpage hp = Highpage.builder().device(program.device()).open();
                PageBuffer a = hp.allocate(4L * WORDS)) {
            try (DeviceAccess access = a.access(hp.device(), AccessMode.READ_WRITE)) {
                long[] items = {WORDS};
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> Jocl.launch(queue, kernel, items, null, access, "b"))
                        .withMessage("kernel slow has 5 arguments, not 2: give all of them, in"
                                + " order");
                assertThatIllegalArgumentException()
                        .isThrownBy(() ->
                                Jocl.launch(queue, kernel, items, null, access, access, 1L, 1f, 1))
                        .withMessageContaining("argument 2 is the Long 1");
                assertThatThrownBy(() -> Jocl.launch(
                                queue,
                                kernel,
                                items,
                                new long[] {WORDS * 2L},
                                access,
                                access,
                                1,
                                1f,
                                1))
                        .isInstanceOf(DeviceException.class)
                        .hasMessageContaining("clEnqueueNDRangeKernel failed")
                        .hasMessageContaining("items=[4096] groups=[8192]");
            }
            assertThat(a.residency().count(Residency.MOVING)).isZero();
        } finally {
            CL.clReleaseKernel(kernel);
            CL.clReleaseProgram(built);
            CL.clReleaseCommandQueue(queue);
            program.close();
        }
    }

    /** A program that has no OpenCL of its own takes all of it from there. */
    @ParameterizedTest
    @EnumSource
    void deviceThatWasFound_hasJoclsObjects(OpenClProgram.Mode mode) {
        RequireOpenCl.check();
        RequireOpenCl.mode(mode);
        OpenClDevice device = Jocl.open(Devices.named(
                switch (mode) {
                    case FINE_GRAINED_SVM -> "opencl";
                    case COARSE_GRAINED_SVM -> "opencl-private";
                    case BUFFER -> "opencl-buffer";
                }));
        CL.setExceptionsEnabled(true);
        assertThat(device.mode().name()).isEqualTo(mode.name());
        assertThat(platformOf(Jocl.deviceId(device))).isEqualTo(Jocl.platformId(device));
        cl_context context = Jocl.context(device);
        cl_program built =
                CL.clCreateProgramWithSource(context, 1, new String[] {SLOW}, null, null);
        CL.clBuildProgram(built, 0, null, null, null, null);
        cl_kernel kernel = CL.clCreateKernel(built, "slow", null);
        try (Highpage hp = Highpage.builder().device(device).open();
                PageBuffer a = hp.allocate(4L * WORDS);
                PageBuffer b = hp.allocate(4L * WORDS)) {
            try (DeviceAccess ofA = a.access(hp.device(), AccessMode.READ_WRITE);
                    DeviceAccess ofB = b.access(hp.device(), AccessMode.READ_WRITE)) {
                cl_command_queue queue = Jocl.queue(device);
                Jocl.launch(queue, kernel, new long[] {WORDS}, null, ofA, ofB, 7, 2f, 10);
            }
            assertThat(words(a)).containsOnly(7);
            assertThat(words(b)).containsOnly(14);
        }
        CL.clReleaseKernel(kernel); // which the program's own context was kept for
        CL.clReleaseProgram(built);
        assertThatIllegalStateException()
                .isThrownBy(() -> Jocl.queue(device))
                .withMessageContaining("is closed");
    }

    private static cl_platform_id platformOf(cl_device_id device) {
        cl_platform_id platform = new cl_platform_id();
        CL.clGetDeviceInfo(
                device, CL.CL_DEVICE_PLATFORM, Sizeof.POINTER, Pointer.to(platform), null);
        return platform;
    }

    /** PoCL ends the process for a sampler that is set where the kernel has a pointer. */
    @SuppressWarnings("deprecation") // the call that makes a sampler on every driver
    @Test
    void samplerForAPointer_isRefused_andWhatIsNullIsNamed() {
        JoclProgram program = JoclProgram.open();
        cl_command_queue queue = program.newQueue();
        cl_program built = program.build(SLOW);
        cl_kernel kernel = CL.clCreateKernel(built, "slow", null);
        long[] items = {WORDS};
        try (OpenClDevice device = program.device()) {
            cl_sampler sampler = CL.clCreateSampler(
                    program.context, false, CL.CL_ADDRESS_CLAMP, CL.CL_FILTER_NEAREST, null);
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            Jocl.launch(queue, kernel, items, null, sampler, sampler, 1, 1f, 1))
                    .withMessageContaining("argument 0 is the sampler 0x")
                    .withMessageContaining("it is a pointer: give it an access");
            CL.clReleaseSampler(sampler);
            assertThatNullPointerException()
                    .isThrownBy(() -> Jocl.launch(null, kernel, items, null))
                    .withMessage("queue");
            assertThatNullPointerException()
                    .isThrownBy(() -> Jocl.launch(queue, null, items, null))
                    .withMessage("kernel");
            assertThatNullPointerException()
                    .isThrownBy(() -> Jocl.launch(queue, kernel, items, null, (Object[]) null))
                    .withMessage("arguments");
            assertThatNullPointerException()
                    .isThrownBy(() -> Jocl.completion(device, null))
                    .withMessage("event");
        } finally {
            CL.clReleaseKernel(kernel);
            CL.clReleaseProgram(built);
            CL.clReleaseCommandQueue(queue);
            program.close();
        }
    }

    @Test
    void deviceThatIsNotOpenCl_hasNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Jocl.open(Devices.named("host")))
                .withMessageContaining("device host is no OpenCL device");
    }
}
