// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_IMAGE_PITCH_ALIGNMENT;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_R;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_SIGNED_INT32;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.internal.opencl.Cl;
import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.internal.opencl.FaultAt;
import io.highpage.internal.opencl.FirstDevice;
import io.highpage.internal.opencl.ShimDriver;
import io.highpage.internal.opencl.TestKernel;
import io.highpage.outcome.AccessMode;
import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Images over pages. No driver that is tested with has them, so they are tried on the driver for
 * tests, whose images over buffers are PoCL's over the same bytes.
 */
class ImageTest {
    private static final int WIDTH = 48;
    private static final int HEIGHT = 10;
    private static final int PITCH = 64 * 4;
    private static final long BYTES = 64 << 10;
    private static final long INSIDE = 16 << 10; // first byte of the range that is accessed

    private static final String TURN = """
            kernel void turn(read_only image2d_t from, write_only image2d_t to) {
                int2 at = (int2) (get_global_id(0), get_global_id(1));
                write_imagei(to, at, -read_imagei(from, at));
            }
            """;

    @Tag("opencl")
    @ParameterizedTest
    @EnumSource
    void aDeviceWithoutThemSaysSo_aDeviceWithThemWorks(OpenClMemoryMode mode) {
        ClDeviceFacts facts = FirstDevice.device();
        assumeTrue(mode.isSupported(facts.svm()), "the driver has no " + mode);
        check(mode);
    }

    @Test
    void theDriverForTestsHasThem(@TempDir Path folder) throws Exception {
        ProcessBuilder process =
                JavaProcess.of(List.of("--enable-native-access=ALL-UNNAMED"), Main.class);
        process.environment()
                .putAll(ShimDriver.alone(
                        folder,
                        "SHIM_SVM=fine",
                        "SHIM_ALIGN_BITS=1024",
                        "SHIM_IMAGE_PITCH=16",
                        "SHIM_CHECK=1"));
        assertThat(JavaProcess.run(process))
                .contains("FINE_GRAINED_SVM: right", "COARSE_GRAINED_SVM: right", "BUFFER: right");
    }

    /** Tries images on each kind of memory. */
    static final class Main {
        private Main() {}

        public static void main(String[] arguments) {
            for (OpenClMemoryMode mode : OpenClMemoryMode.values()) {
                System.out.println(mode.name() + ": " + (check(mode) ? "right" : "none"));
            }
        }
    }

    /** {@return whether there are images} */
    private static boolean check(OpenClMemoryMode mode) {
        ClDeviceFacts facts = FirstDevice.device();
        FaultAt calls = new FaultAt(0, 0);
        Cl cl = Cl.open(calls);
        boolean there =
                cl.deviceNumberIfKnown(facts.device(), CL_DEVICE_IMAGE_PITCH_ALIGNMENT()) != 0;
        OpenClDevice device = OpenClDevice.open(cl, "opencl:test", facts.device(), mode);
        try (Highpage highpage = Highpage.builder().device(device).open();
                PageBuffer buffer = highpage.allocate(BYTES)) {
            buffer.write(0, numbers());
            try (DeviceAccess access = buffer.range(INSIDE, 2L * HEIGHT * PITCH)
                    .access(highpage.device(), AccessMode.READ_WRITE)) {
                if (there) {
                    refuses(access);
                } else {
                    isSaid(access);
                }
            }
            if (there) {
                turns(highpage, device, buffer, calls);
            }
        }
        assertThat(calls.live()).isEmpty();
        return there;
    }

    private static void isSaid(DeviceAccess access) {
        ImageLayout layout = ImageLayout.of(CL_R(), CL_SIGNED_INT32(), WIDTH, HEIGHT);
        assertThatThrownBy(() -> OpenClDevice.image(access, layout))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("device opencl:test")
                .hasMessageContaining("cl_khr_image2d_from_buffer");
    }

    private static void refuses(DeviceAccess access) {
        ImageLayout layout = ImageLayout.of(CL_R(), CL_SIGNED_INT32(), 47, HEIGHT);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OpenClDevice.image(access, layout))
                .withMessageContaining("width=47 height=10 rowPitch=188 channel_order=0x10b0")
                .withMessageContaining("a multiple of 64 bytes, 16 pixels; the next one is 192");
        ImageLayout high = ImageLayout.of(CL_R(), CL_SIGNED_INT32(), WIDTH, 1000);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OpenClDevice.image(access, high))
                .withMessageContaining("needs 192000 bytes");
        assertThatIllegalArgumentException().isThrownBy(() -> layout.rowPitch(100));
        assertThatIllegalArgumentException().isThrownBy(() -> ImageLayout.of(1, 2, 3, 4));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageLayout.of(CL_R(), CL_SIGNED_INT32(), Long.MAX_VALUE / 2, 1))
                .withMessageContaining("more bytes than there can be");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageLayout.of(CL_R(), CL_SIGNED_INT32(), 1, 8)
                        .rowPitch(Long.MAX_VALUE / 4))
                .withMessageContaining("more bytes than there can be");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageLayout.of(CL_R(), CL_SIGNED_INT32(), 0, 1));
    }

    /** Two images in one buffer, each an access of its own. */
    private static void turns(
            Highpage highpage, OpenClDevice device, PageBuffer buffer, FaultAt calls) {
        Map<String, Integer> before = calls.live();
        ImageLayout layout =
                ImageLayout.of(CL_R(), CL_SIGNED_INT32(), WIDTH, HEIGHT).rowPitch(PITCH);
        try (TestKernel turn = TestKernel.compile(device, TURN, "turn");
                DeviceAccess from = buffer.range(INSIDE, HEIGHT * PITCH)
                        .access(highpage.device(), AccessMode.READ);
                DeviceAccess to = buffer.range(2 * INSIDE, HEIGHT * PITCH)
                        .access(highpage.device(), AccessMode.READ_WRITE)) {
            OpenClKernel.launch(
                    device.queue().address(),
                    turn.address(),
                    NdRange.of(WIDTH, HEIGHT),
                    KernelArgument.object(OpenClDevice.image(from, layout)),
                    KernelArgument.object(OpenClDevice.image(to, layout)));
        } // told nothing: closing waits for the device's queue
        assertThat(calls.live()).isEqualTo(before);
        int[] read = new int[(int) BYTES / 4];
        buffer.read(0, MemorySegment.ofArray(read));
        int[] expected = numbers();
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                int at = y * PITCH / 4 + x;
                expected[(int) INSIDE / 2 + at] = -expected[(int) INSIDE / 4 + at];
            }
        }
        assertThat(read).isEqualTo(expected);
    }

    private static int[] numbers() {
        int[] numbers = new int[(int) BYTES / 4];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i;
        }
        return numbers;
    }
}
