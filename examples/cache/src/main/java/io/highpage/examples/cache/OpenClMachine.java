// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.cache;

import io.highpage.device.DeviceMemory;
import io.highpage.device.Devices;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;
import io.highpage.opencl.OpenClMemoryMode;

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
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** An OpenCL device, through JOCL. */
public final class OpenClMachine implements Machine {
    private final cl_device_id device;
    private final cl_context context;
    private final cl_command_queue copies;
    private final cl_command_queue kernels;
    private final OpenClDevice memory;

    @SuppressWarnings("deprecation") // the call that makes a queue on every driver
    private OpenClMachine(cl_device_id device, OpenClMemoryMode... mode) {
        this.device = device;
        context = CL.clCreateContext(
                new cl_context_properties(), 1, new cl_device_id[] {device}, null, null, null);
        copies = CL.clCreateCommandQueue(context, device, 0, null);
        // In order: each kernel uses what those before it wrote.
        kernels = CL.clCreateCommandQueue(context, device, 0, null);
        try {
            memory = mode.length == 0
                    ? Jocl.device(context, device, copies)
                    : Jocl.device(context, device, copies, mode[0]);
        } catch (RuntimeException refused) {
            release();
            throw refused;
        }
    }

    /** {@return whether there is an OpenCL device on this machine} */
    public static boolean isThere() {
        return Devices.find().stream().anyMatch(found -> found.name().startsWith("opencl"));
    }

    /** {@return a GPU if there is one, else the first device, with the best memory that it has} */
    public static OpenClMachine open() {
        return new OpenClMachine(find());
    }

    /**
     * {@return the same device, with memory of a chosen kind}
     *
     * @param mode the kind
     * @throws IllegalArgumentException if the device has no such memory
     */
    public static OpenClMachine open(OpenClMemoryMode mode) {
        return new OpenClMachine(find(), mode);
    }

    private static cl_device_id find() {
        Jocl.load();
        CL.setExceptionsEnabled(true);
        int[] count = new int[1];
        CL.clGetPlatformIDs(0, null, count);
        cl_platform_id[] platforms = new cl_platform_id[count[0]];
        CL.clGetPlatformIDs(platforms.length, platforms, null);
        List<cl_device_id> gpus = new ArrayList<>();
        List<cl_device_id> all = new ArrayList<>();
        for (cl_platform_id platform : platforms) {
            gpus.addAll(devices(platform, CL.CL_DEVICE_TYPE_GPU));
            all.addAll(devices(platform, CL.CL_DEVICE_TYPE_ALL & 0xffff_ffffL)); // has 32 bits
        }
        return gpus.isEmpty() ? all.getFirst() : gpus.getFirst();
    }

    private static List<cl_device_id> devices(cl_platform_id platform, long type) {
        CL.setExceptionsEnabled(false); // none of a type is an error
        try {
            int[] count = new int[1];
            if (CL.clGetDeviceIDs(platform, type, 0, null, count) != CL.CL_SUCCESS) {
                return List.of();
            }
            cl_device_id[] devices = new cl_device_id[count[0]];
            CL.clGetDeviceIDs(platform, type, devices.length, devices, null);
            return List.of(devices);
        } finally {
            CL.setExceptionsEnabled(true);
        }
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
        return kernels;
    }

    @Override
    public void close() {
        memory.close(); // does nothing if a runtime had it, which has closed it
        release();
    }

    private void release() {
        CL.clReleaseCommandQueue(kernels);
        CL.clReleaseCommandQueue(copies);
        CL.clReleaseContext(context);
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
            CL.clBuildProgram(program, 1, new cl_device_id[] {device}, options, null, null);
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
            Jocl.launch(kernels, normalise, new long[] {GROUP}, new long[] {GROUP}, x, y);
        }

        @Override
        public void project(Object matrix, int rows, Object x, Object out, boolean add) {
            Jocl.launch(kernels, project, new long[] {rows}, null, matrix, x, out, add ? 1 : 0);
        }

        @Override
        public void store(Object qkv, Object block, int layer, int place) {
            Jocl.launch(kernels, store, new long[] {shape.width()}, null, qkv, block, layer, place);
        }

        @Override
        public void attend(
                Object qkv, Object block, int layer, int tokens, Object partials, int number) {
            Jocl.launch(
                    kernels,
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
            Jocl.launch(kernels, combine, new long[] {shape.width()}, null, partials, blocks, out);
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
