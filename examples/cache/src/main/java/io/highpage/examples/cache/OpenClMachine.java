// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.cache;

import io.highpage.device.DeviceInfo;
import io.highpage.device.DeviceMemory;
import io.highpage.device.Devices;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;

import org.jocl.CL;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_kernel;
import org.jocl.cl_program;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** An OpenCL device, through JOCL. */
public final class OpenClMachine implements Machine {
    private final OpenClDevice memory;
    private final cl_context context;
    private final cl_command_queue queue;

    private OpenClMachine(DeviceInfo found) {
        memory = Jocl.open(found);
        CL.setExceptionsEnabled(true);
        context = Jocl.context(memory);
        queue = Jocl.queue(memory); // in order: each kernel uses what those before it wrote
    }

    /** {@return whether there is an OpenCL device on this machine} */
    public static boolean isThere() {
        return found().findAny().isPresent();
    }

    /** {@return the best OpenCL device, with the best memory that it has} */
    public static OpenClMachine open() {
        return new OpenClMachine(found().findFirst().orElseThrow());
    }

    /**
     * {@return a device of a name}
     *
     * @param name such as {@code opencl-private}: the first one, with memory that the CPU does not
     *     see
     * @throws IllegalArgumentException if there is none
     */
    public static OpenClMachine open(String name) {
        return new OpenClMachine(Devices.named(name));
    }

    private static Stream<DeviceInfo> found() {
        return Devices.find().stream().filter(device -> device.name().startsWith("opencl"));
    }

    @Override
    public DeviceMemory memory() {
        return memory;
    }

    @Override
    public String description() {
        return memory.description();
    }

    @Override
    @SuppressWarnings("exports") // to be handed to a decoder
    public ClKernels kernels(Shape shape) {
        return new ClKernels(shape);
    }

    cl_context context() {
        return context;
    }

    cl_command_queue queue() {
        return queue;
    }

    @Override
    public void close() {
        memory.close(); // does nothing if a runtime had it, which has closed it
    }

    /**
     * The kernels of attention.cl, in an in-order queue. Memory is an access of Highpage's, or a
     * {@code cl_mem} of who copies by hand.
     */
    final class ClKernels implements Kernels<Object> {
        /** As in attention.cl. */
        private static final long GROUP = 64;

        private final Shape shape;
        private final cl_program program;
        private final cl_kernel normalise;
        private final cl_kernel project;
        private final cl_kernel store;
        private final cl_kernel attend;
        private final cl_kernel combine;

        private ClKernels(Shape shape) {
            this.shape = shape;
            program = CL.clCreateProgramWithSource(context, 1, new String[] {source()}, null, null);
            String options = "-DWIDTH=" + shape.width() + " -DHEADS=" + shape.heads() + " -DHEAD="
                    + shape.headFloats() + " -DTOKENS=" + shape.blockTokens();
            CL.clBuildProgram(program, 0, null, options, null, null);
            normalise = CL.clCreateKernel(program, "normalise", null);
            project = CL.clCreateKernel(program, "project", null);
            store = CL.clCreateKernel(program, "store", null);
            attend = CL.clCreateKernel(program, "attend", null);
            combine = CL.clCreateKernel(program, "combine", null);
        }

        private static String source() {
            try (InputStream text = OpenClMachine.class.getResourceAsStream("attention.cl")) {
                return new String(
                        Objects.requireNonNull(text).readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void normalise(Object x, Object y) {
            Jocl.launch(queue, normalise, new long[] {GROUP}, new long[] {GROUP}, x, y);
        }

        @Override
        public void project(Object matrix, int rows, Object x, Object out, boolean add) {
            Jocl.launch(queue, project, new long[] {rows}, null, matrix, x, out, add ? 1 : 0);
        }

        @Override
        public void store(Object qkv, Object block, int layer, int place) {
            Jocl.launch(queue, store, new long[] {shape.width()}, null, qkv, block, layer, place);
        }

        @Override
        public void attend(
                Object qkv, Object block, int layer, int tokens, Object partials, int number) {
            Jocl.launch(
                    queue,
                    attend,
                    new long[] {shape.width()},
                    new long[] {shape.headFloats()},
                    qkv,
                    block,
                    layer,
                    tokens,
                    partials,
                    number);
        }

        @Override
        public void combine(Object partials, int blocks, Object out) {
            Jocl.launch(queue, combine, new long[] {shape.width()}, null, partials, blocks, out);
        }

        @Override
        public void close() {
            for (cl_kernel kernel : List.of(normalise, project, store, attend, combine)) {
                CL.clReleaseKernel(kernel);
            }
            CL.clReleaseProgram(program);
        }
    }
}
