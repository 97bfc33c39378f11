// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ucx;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.device.DeviceInfo;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;
import io.highpage.outcome.AccessMode;

import org.jocl.CL;
import org.jocl.cl_command_queue;
import org.jocl.cl_kernel;
import org.jocl.cl_program;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** The kernels in OpenCL C, by JOCL, on an OpenCL device. */
final class OpenClWords implements Words {
    private static final int ITEMS = 1024;

    private final Deque<Runnable> closing;
    private final cl_command_queue queue;
    private final OpenClDevice memory;
    private final cl_kernel fill;
    private final cl_kernel checksum;
    private Highpage highpage;

    private OpenClWords(Deque<Runnable> closing, DeviceInfo device) {
        this.closing = closing;
        memory = Jocl.open(device);
        closing.push(memory::close); // does nothing if a runtime had it, which has closed it
        CL.setExceptionsEnabled(true);
        queue = Jocl.queue(memory);
        cl_program program = CL.clCreateProgramWithSource(
                Jocl.context(memory), 1, new String[] {source()}, null, null);
        closing.push(() -> CL.clReleaseProgram(program));
        CL.clBuildProgram(program, 0, null, null, null, null);
        fill = kernel(program, "fill");
        checksum = kernel(program, "checksum");
    }

    /** {@code device}: an OpenCL device, whose name says the kind of memory. */
    static OpenClWords open(DeviceInfo device) {
        Deque<Runnable> closing = new ArrayDeque<>();
        try {
            return new OpenClWords(closing, device);
        } catch (Throwable failed) {
            closing.forEach(Runnable::run);
            throw failed;
        }
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
