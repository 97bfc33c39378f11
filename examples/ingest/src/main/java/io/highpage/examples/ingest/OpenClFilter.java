// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import io.highpage.DeviceAccess;
import io.highpage.device.DeviceInfo;
import io.highpage.device.DeviceMemory;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;

import org.jocl.CL;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_program;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The job in OpenCL C, by JOCL, on an OpenCL device. */
final class OpenClFilter implements Filter {
    private static final int QUEUES = 4;

    private final Resources resources;
    private final cl_device_id device;
    private final cl_context context;
    /** Kernels of a piece do not wait for those of others. */
    private final List<cl_command_queue> queues = new ArrayList<>();

    private final OpenClDevice memory;
    private final float threshold;
    private final cl_kernel count;
    private final cl_kernel place;
    private final cl_kernel keep;

    private OpenClFilter(Resources resources, DeviceInfo found, float threshold)
            throws IOException {
        this.resources = resources;
        this.threshold = threshold;
        memory = resources.add(Jocl.open(found)); // closing it again does nothing
        CL.setExceptionsEnabled(true);
        device = Jocl.deviceId(memory);
        context = Jocl.context(memory);
        while (queues.size() < QUEUES) {
            queues.add(newQueue(resources));
        }
        cl_program program =
                CL.clCreateProgramWithSource(context, 1, new String[] {source()}, null, null);
        resources.add(() -> CL.clReleaseProgram(program));
        CL.clBuildProgram(program, 0, null, null, null, null);
        count = kernel(program, "count");
        place = kernel(program, "place");
        keep = kernel(program, "keep");
    }

    /**
     * Opens the device and builds the kernels.
     *
     * @param found an OpenCL device, whose name says the kind of memory
     * @throws org.jocl.CLException if the driver fails
     */
    static OpenClFilter open(DeviceInfo found, float threshold) throws IOException {
        Resources resources = new Resources();
        try {
            return new OpenClFilter(resources, found, threshold);
        } catch (Throwable failed) {
            resources.close();
            throw failed;
        }
    }

    @SuppressWarnings("deprecation") // the call that makes a queue on every driver
    private static cl_command_queue queue(cl_context context, cl_device_id device) {
        return CL.clCreateCommandQueue(context, device, 0, null);
    }

    private static String source() throws IOException {
        try (InputStream source = OpenClFilter.class.getResourceAsStream("filter.cl")) {
            return new String(source.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private cl_kernel kernel(cl_program program, String name) {
        cl_kernel made = CL.clCreateKernel(program, name, null);
        resources.add(() -> CL.clReleaseKernel(made));
        return made;
    }

    cl_context context() {
        return context;
    }

    /** {@return another queue of the device} */
    cl_command_queue newQueue(Resources owner) {
        cl_command_queue made = queue(context, device);
        owner.add(() -> CL.clReleaseCommandQueue(made));
        return made;
    }

    private synchronized cl_command_queue nextQueue() {
        Collections.rotate(queues, 1);
        return queues.getFirst();
    }

    @Override
    public String description() {
        return memory.description();
    }

    @Override
    public DeviceMemory memory() {
        return memory;
    }

    @Override
    public void run(DeviceAccess in, int records, DeviceAccess places, DeviceAccess out) {
        cl_command_queue queue = nextQueue();
        enqueue(queue, in, records, places, out);
        CL.clFlush(queue);
    }

    /**
     * Of accesses or of {@code cl_mem}s; in order, as the queue is. A kernel object is for one
     * thread at a time.
     */
    synchronized void enqueue(
            cl_command_queue queue, Object in, int records, Object places, Object out) {
        int all = Filter.blocks(records);
        long[] blocks = {all};
        Jocl.launch(queue, count, blocks, null, in, records, threshold, places);
        Jocl.launch(queue, place, new long[] {1}, null, places, all);
        Jocl.launch(queue, keep, blocks, null, in, records, threshold, places, out);
    }

    @Override
    public void close() {
        resources.close();
    }
}
