// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.vectors;

import io.highpage.DeviceAccess;
import io.highpage.device.DeviceInfo;
import io.highpage.device.DeviceMemory;
import io.highpage.device.Devices;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;

import org.jocl.CL;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;
import org.jocl.cl_program;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
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
        queue = Jocl.queue(memory);
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
    public ClKernel kernel(int dimensions, int k) {
        return new ClKernel(dimensions, k);
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

    /** The kernel of nearest.cl. */
    final class ClKernel implements Kernel {
        private final cl_program program;
        private final cl_kernel kernel;

        private ClKernel(int dimensions, int k) {
            program = CL.clCreateProgramWithSource(context, 1, new String[] {source()}, null, null);
            String options = "-DDIMENSIONS=" + dimensions + " -DK=" + k + " -DSLICE=" + SLICE_ROWS;
            CL.clBuildProgram(program, 0, null, options, null, null);
            kernel = CL.clCreateKernel(program, "nearest", null);
        }

        private static String source() {
            try (InputStream text = OpenClMachine.class.getResourceAsStream("nearest.cl")) {
                return new String(
                        Objects.requireNonNull(text).readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void start(
                DeviceAccess rows,
                int count,
                DeviceAccess queries,
                int queryCount,
                DeviceAccess hits) {
            launch(rows, count, queries, queryCount, hits);
        }

        /** As {@link #start}, for those who copy by hand. */
        void start(cl_mem rows, int count, cl_mem queries, int queryCount, cl_mem hits) {
            launch(rows, count, queries, queryCount, hits);
        }

        private void launch(Object rows, int count, Object queries, int queryCount, Object hits) {
            long[] items = {queryCount, Machine.slices(count)};
            Jocl.launch(queue, kernel, items, null, rows, count, queries, hits);
        }

        @Override
        public void close() {
            CL.clReleaseKernel(kernel);
            CL.clReleaseProgram(program);
        }
    }
}
