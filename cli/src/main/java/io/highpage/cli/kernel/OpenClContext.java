// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.kernel;

import io.highpage.cli.console.UserError;
import io.highpage.device.DeviceInfo;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;
import io.highpage.opencl.OpenClMemoryMode;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

import java.util.List;

/**
 * A JOCL context with one device and one in-order queue, as any program that uses JOCL has one.
 * Thread-safe.
 */
public final class OpenClContext implements AutoCloseable {
    /** JOCL's has 64 ones; OpenCL's has 32, and some drivers refuse the others. */
    private static final long ALL = Integer.toUnsignedLong((int) CL.CL_DEVICE_TYPE_ALL);

    private final String name;
    private final OpenClMemoryMode mode;
    private final cl_device_id device;
    private final cl_context context;
    private final cl_command_queue queue;
    private final cl_command_queue kernelQueue;

    private OpenClContext(
            String name,
            OpenClMemoryMode mode,
            cl_device_id device,
            cl_context context,
            cl_command_queue queue,
            cl_command_queue kernelQueue) {
        this.name = name;
        this.mode = mode;
        this.device = device;
        this.context = context;
        this.queue = queue;
        this.kernelQueue = kernelQueue;
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
        Jocl.load();
        CL.setExceptionsEnabled(true);
        // Device numbers leave out what cannot be used; what JOCL and Highpage surely share is the
        // driver's own handle.
        try (OpenClDevice found = (OpenClDevice) info.open()) {
            cl_device_id device = device(info.name(), found);
            cl_context context = CL.clCreateContext(
                    new cl_context_properties(), 1, new cl_device_id[] {device}, null, null, null);
            return open(info.name(), found.mode(), device, context);
        } catch (CLException e) {
            throw UserError.failed("cannot open device " + info.name() + ": " + e.getMessage(), e);
        }
    }

    private static OpenClContext open(
            String name, OpenClMemoryMode mode, cl_device_id device, cl_context context) {
        cl_command_queue queue = null;
        try {
            queue = queue(context, device, 0);
            cl_command_queue kernelQueue = queue(context, device, CL.CL_QUEUE_PROFILING_ENABLE);
            return new OpenClContext(name, mode, device, context, queue, kernelQueue);
        } catch (CLException e) {
            if (queue != null) {
                CL.clReleaseCommandQueue(queue);
            }
            CL.clReleaseContext(context);
            throw e;
        }
    }

    /**
     * Makes the device's memory, of the kind and by the name that the device was found with.
     * Whoever takes it closes it before this context.
     *
     * @return the memory
     */
    public OpenClDevice memory() {
        return Jocl.device(name, context, device, queue, mode);
    }

    /** {@return the device's name} */
    String name() {
        return name;
    }

    cl_device_id device() {
        return device;
    }

    cl_context context() {
        return context;
    }

    /** {@return the queue that copies go through} */
    cl_command_queue queue() {
        return queue;
    }

    /** {@return the queue of kernels: a copy does not wait for one that runs meanwhile} */
    cl_command_queue kernelQueue() {
        return kernelQueue;
    }

    /** Gives the context back. The device's memory has been closed. */
    @Override
    public void close() {
        CL.clReleaseCommandQueue(kernelQueue);
        CL.clReleaseCommandQueue(queue);
        CL.clReleaseContext(context);
    }

    private static cl_device_id device(String name, OpenClDevice found) {
        // Only its own platform is asked: another driver may fail, or not like being asked.
        return platforms().stream()
                .filter(platform ->
                        platform.getNativePointer() == found.nativePlatform().address())
                .flatMap(platform -> devices(platform).stream())
                .filter(device ->
                        device.getNativePointer() == found.nativeDevice().address())
                .findFirst()
                .orElseThrow(() ->
                        UserError.failed("cannot open device " + name + ": JOCL does not find it"));
    }

    private static List<cl_platform_id> platforms() {
        int[] count = new int[1];
        CL.clGetPlatformIDs(0, null, count);
        cl_platform_id[] platforms = new cl_platform_id[count[0]];
        CL.clGetPlatformIDs(platforms.length, platforms, null);
        return List.of(platforms);
    }

    private static List<cl_device_id> devices(cl_platform_id platform) {
        int[] count = new int[1];
        CL.clGetDeviceIDs(platform, ALL, 0, null, count);
        cl_device_id[] devices = new cl_device_id[count[0]];
        CL.clGetDeviceIDs(platform, ALL, devices.length, devices, null);
        return List.of(devices);
    }

    // The call of OpenCL 1.0. The one that replaced it is not there in older drivers, where calling
    // it is a crash.
    @SuppressWarnings("deprecation")
    private static cl_command_queue queue(cl_context context, cl_device_id device, long kind) {
        return CL.clCreateCommandQueue(context, device, kind, null);
    }
}
