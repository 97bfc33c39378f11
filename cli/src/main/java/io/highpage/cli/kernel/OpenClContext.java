// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.kernel;

import io.highpage.cli.console.UserError;
import io.highpage.device.DeviceInfo;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_device_id;

/** An OpenCL device and JOCL's objects for it, with a queue that tells times. Thread-safe. */
public final class OpenClContext implements AutoCloseable {
    private final OpenClDevice memory;
    private final cl_device_id device;
    private final cl_context context;
    private final cl_command_queue kernelQueue;

    private OpenClContext(OpenClDevice memory) {
        this.memory = memory;
        device = Jocl.deviceId(memory);
        context = Jocl.context(memory);
        kernelQueue = timingQueue(context, device);
    }

    /**
     * {@return whether a device found is an OpenCL one}
     *
     * @param info the device
     */
    public static boolean isOpenCl(DeviceInfo info) {
        return info.name().startsWith("opencl");
    }

    /**
     * Opens a device by JOCL.
     *
     * @param info an OpenCL device
     * @return the context
     * @throws UserError if the driver failed
     */
    public static OpenClContext open(DeviceInfo info) {
        OpenClDevice memory = Jocl.open(info);
        try {
            CL.setExceptionsEnabled(true);
            return new OpenClContext(memory);
        } catch (CLException e) {
            memory.close();
            throw UserError.failed("cannot open device " + info.name() + ": " + e.getMessage(), e);
        }
    }

    /** {@return the device's memory, for a runtime} */
    public OpenClDevice memory() {
        return memory;
    }

    /** {@return the device's name} */
    String name() {
        return memory.name();
    }

    cl_device_id device() {
        return device;
    }

    cl_context context() {
        return context;
    }

    /** {@return the queue of kernels: a copy does not wait for one that runs meanwhile} */
    cl_command_queue kernelQueue() {
        return kernelQueue;
    }

    /** Gives all back. A runtime that had the memory has been closed. */
    @Override
    public void close() {
        CL.clReleaseCommandQueue(kernelQueue);
        memory.close();
    }

    // The call of OpenCL 1.0. The one that replaced it is not there in older drivers, where calling
    // it is a crash.
    @SuppressWarnings("deprecation")
    private static cl_command_queue timingQueue(cl_context context, cl_device_id device) {
        return CL.clCreateCommandQueue(context, device, CL.CL_QUEUE_PROFILING_ENABLE, null);
    }
}
