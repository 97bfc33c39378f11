// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ucx;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;
import io.highpage.opencl.OpenClMemoryMode;
import io.highpage.outcome.AccessMode;

import org.jocl.CL;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_platform_id;
import org.jocl.cl_program;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** The kernels in OpenCL C, by JOCL, on the first device of the first platform. */
final class OpenClWords implements Words {
    private static final int ITEMS = 1024;
    /** JOCL's has 64 ones; OpenCL's has 32. */
    private static final long ALL = Integer.toUnsignedLong((int) CL.CL_DEVICE_TYPE_ALL);

    private final Deque<Runnable> closing;
    private final cl_command_queue queue;
    private final OpenClDevice memory;
    private final cl_kernel fill;
    private final cl_kernel checksum;
    private Highpage highpage;

    private OpenClWords(Deque<Runnable> closing, String mode) {
        this.closing = closing;
        cl_device_id device = device();
        cl_context context = CL.clCreateContext(
                new cl_context_properties(), 1, new cl_device_id[] {device}, null, null, null);
        closing.push(() -> CL.clReleaseContext(context));
        queue = queue(context, device);
        closing.push(() -> CL.clReleaseCommandQueue(queue));
        cl_program program =
                CL.clCreateProgramWithSource(context, 1, new String[] {source()}, null, null);
        closing.push(() -> CL.clReleaseProgram(program));
        CL.clBuildProgram(program, 0, null, null, null, null);
        fill = kernel(program, "fill");
        checksum = kernel(program, "checksum");
        memory = mode == null
                ? Jocl.device(context, device, queue)
                : Jocl.device(context, device, queue, OpenClMemoryMode.valueOf(mode));
    }

    /** {@code mode}: the kind of memory, null for the best. */
    static OpenClWords open(String mode) {
        Jocl.load();
        CL.setExceptionsEnabled(true);
        Deque<Runnable> closing = new ArrayDeque<>();
        try {
            return new OpenClWords(closing, mode);
        } catch (Throwable failed) {
            closing.forEach(Runnable::run);
            throw failed;
        }
    }

    private static cl_device_id device() {
        cl_platform_id[] platforms = new cl_platform_id[1];
        CL.clGetPlatformIDs(1, platforms, null);
        cl_device_id[] devices = new cl_device_id[1];
        CL.clGetDeviceIDs(platforms[0], ALL, 1, devices, null);
        return devices[0];
    }

    @SuppressWarnings("deprecation") // the call that makes a queue on every driver
    private static cl_command_queue queue(cl_context context, cl_device_id device) {
        return CL.clCreateCommandQueue(context, device, 0, null);
    }

    private static String source() {
        try (InputStream source = OpenClWords.class.getResourceAsStream("words.cl")) {
            return new String(source.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private cl_kernel kernel(cl_program program, String name) {
        cl_kernel made = CL.clCreateKernel(program, name, null);
        closing.push(() -> CL.clReleaseKernel(made));
        return made;
    }

    @Override
    public String description() {
        return memory.description();
    }

    @Override
    public Highpage highpage() {
        highpage = Highpage.builder().device(memory).open();
        return highpage;
    }

    @Override
    public void fill(DeviceAccess words, int seed) {
        long[] items = {words.byteSize() / Integer.BYTES};
        Jocl.launch(queue, fill, items, null, words, seed);
    }

    @Override
    public long checksum(DeviceAccess words) {
        int count = (int) (words.byteSize() / Integer.BYTES);
        long[] sums = new long[ITEMS];
        try (PageBuffer partial = highpage.allocate((long) ITEMS * Long.BYTES)) {
            try (DeviceAccess summing = partial.access(words.device(), AccessMode.WRITE)) {
                Jocl.launch(queue, checksum, new long[] {ITEMS}, null, words, count, summing);
            } // waits for the kernel
            partial.read(0, MemorySegment.ofArray(sums));
        }
        return Arrays.stream(sums).sum();
    }

    @Override
    public void close() {
        closing.forEach(Runnable::run);
    }
}
