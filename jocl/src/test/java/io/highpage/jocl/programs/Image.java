// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.programs;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.ImageLayout;
import io.highpage.outcome.AccessMode;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_image_desc;
import org.jocl.cl_image_format;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

import java.util.stream.IntStream;

/** Turns an image's pixels into their negatives. */
final class Image implements Program {
    private static final int SIDE = 256;
    private static final String SOURCE = """
            kernel void negate(read_only image2d_t from, write_only image2d_t to) {
                int2 at = (int2) (get_global_id(0), get_global_id(1));
                write_imagei(to, at, -read_imagei(from, at));
            }
            """;

    private final int[] pixels = IntStream.range(0, SIDE * SIDE).toArray();

    @Override
    public boolean isPortable(Setup cl) {
        int[] pitch = new int[1];
        int imagePitchAlignment = 0x104A; // JOCL has no name for it
        CL.clGetDeviceInfo(
                cl.devices[0], imagePitchAlignment, Sizeof.cl_uint, Pointer.to(pitch), null);
        return pitch[0] != 0;
    }

    @Override
    public int[] plain(Setup cl) {
        int[] negatives = new int[SIDE * SIDE];
        long[] items = {SIDE, SIDE};
        long[] all = {SIDE, SIDE, 1};
        cl_kernel negate = cl.kernel(SOURCE, "negate");
        cl_image_format format = new cl_image_format();
        format.image_channel_order = CL.CL_R;
        format.image_channel_data_type = CL.CL_SIGNED_INT32;
        cl_image_desc shape = new cl_image_desc();
        shape.image_type = CL.CL_MEM_OBJECT_IMAGE2D;
        shape.image_width = SIDE;
        shape.image_height = SIDE;
        cl_mem from = CL.clCreateImage(
                cl.context, CL.CL_MEM_COPY_HOST_PTR, format, shape, Pointer.to(pixels), null);
        cl_mem to = CL.clCreateImage(cl.context, CL.CL_MEM_WRITE_ONLY, format, shape, null, null);
        CL.clSetKernelArg(negate, 0, Sizeof.cl_mem, Pointer.to(from));
        CL.clSetKernelArg(negate, 1, Sizeof.cl_mem, Pointer.to(to));
        CL.clEnqueueNDRangeKernel(cl.queue, negate, 2, null, items, null, 0, null, null);
        CL.clEnqueueReadImage(
                cl.queue, to, true, new long[3], all, 0, 0, Pointer.to(negatives), 0, null, null);
        CL.clReleaseMemObject(from);
        CL.clReleaseMemObject(to);
        return negatives;
    }

    @Override
    public int[] ported(Setup cl) {
        int[] negatives = new int[SIDE * SIDE];
        long[] items = {SIDE, SIDE};
        cl_kernel negate = cl.kernel(SOURCE, "negate");
        ImageLayout shape = ImageLayout.of(CL.CL_R, CL.CL_SIGNED_INT32, SIDE, SIDE);
        try (Highpage hp = cl.highpage()) {
            PageBuffer from = hp.allocate(4L * SIDE * SIDE);
            PageBuffer to = hp.allocate(4L * SIDE * SIDE);
            from.write(0, pixels);
            try (DeviceAccess in = from.access(hp.device(), AccessMode.READ);
                    DeviceAccess out = to.access(hp.device(), AccessMode.WRITE)) {
                cl_mem image = Jocl.image(out, shape);
                Jocl.launch(cl.queue, negate, items, null, Jocl.image(in, shape), image);
            }
            to.read(0, negatives);
        }
        return negatives;
    }

    @Override
    public int[] expected() {
        return IntStream.of(pixels).map(pixel -> -pixel).toArray();
    }
}
