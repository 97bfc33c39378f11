// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.examples;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.ImageLayout;
import io.highpage.opencl.NdRange;
import io.highpage.opencl.OpenClMemoryMode;
import io.highpage.outcome.AccessMode;

import org.jocl.CL;
import org.jocl.cl_event;
import org.jocl.cl_kernel;

/** A kernel of images, on pages. */
final class OverImages {
    private static final String NEGATE = """
            kernel void negate(read_only image2d_t from, write_only image2d_t to) {
                int2 at = (int2) (get_global_id(0), get_global_id(1));
                write_imagei(to, at, -read_imagei(from, at));
            }
            """;

    private OverImages() {}

    /** Negates the pixels of a square image. */
    static void run(OpenClMemoryMode mode, int[] pixels, int side) {
        Gpu gpu = Gpu.open();
        cl_kernel negate = gpu.kernel(NEGATE, "negate");
        try (Highpage hp = Highpage.builder()
                        .device(Jocl.device(gpu.context(), gpu.device(), gpu.queue(), mode))
                        .open();
                PageBuffer first = hp.allocate(4L * pixels.length);
                PageBuffer second = hp.allocate(4L * pixels.length)) {
            first.write(0, pixels);
            // example
            ImageLayout layout = ImageLayout.of(CL.CL_R, CL.CL_SIGNED_INT32, side, side);
            try (DeviceAccess from = first.access(hp.device(), AccessMode.READ);
                    DeviceAccess to = second.access(hp.device(), AccessMode.WRITE)) {
                cl_event done = Jocl.enqueue(
                        gpu.queue(),
                        negate,
                        NdRange.of(side, side),
                        null,
                        Jocl.image(from, layout), // until the access is closed
                        Jocl.image(to, layout));
                Jocl.completesWith(done, from, to); // a launch does not see them behind images
                CL.clReleaseEvent(done);
            }
            // end of example
            second.read(0, pixels);
        } finally {
            gpu.close(negate);
        }
    }

    /** For a driver that has images over buffers. */
    static final class Main {
        private Main() {}

        public static void main(String[] arguments) {
            int[] pixels = new int[64 * 64];
            for (OpenClMemoryMode mode : OpenClMemoryMode.values()) {
                for (int i = 0; i < pixels.length; i++) {
                    pixels[i] = i;
                }
                run(mode, pixels, 64);
                for (int i = 0; i < pixels.length; i++) {
                    if (pixels[i] != -i) {
                        throw new AssertionError("pixel " + i + " is " + pixels[i]);
                    }
                }
                System.out.println(mode.name() + " is right");
            }
        }
    }
}
