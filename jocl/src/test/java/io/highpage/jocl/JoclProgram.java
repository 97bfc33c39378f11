// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl;

import io.highpage.DeviceAccess;
import io.highpage.device.DeviceMemory;
import io.highpage.opencl.OpenClDevice;
import io.highpage.opencl.OpenClMemoryMode;
import io.highpage.testkit.opencl.OpenClProgram;

import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_event;
import org.jocl.cl_kernel;
import org.jocl.cl_platform_id;
import org.jocl.cl_program;

import java.util.function.IntConsumer;

final class JoclProgram implements OpenClProgram {
    private final cl_device_id device;
    final cl_context context;
    private final cl_command_queue queue;
    private final cl_program program;
    private final cl_kernel kernel;

    @SuppressWarnings("deprecation") // the call that makes a queue on every driver
    private JoclProgram(cl_device_id device) {
        this.device = device;
        context = CL.clCreateContext(
                new cl_context_properties(), 1, new cl_device_id[] {device}, null, null, null);
        queue = CL.clCreateCommandQueue(context, device, 0, null);
        program = CL.clCreateProgramWithSource(context, 1, new String[] {ADD}, null, null);
        CL.clBuildProgram(program, 0, null, null, null, null);
        kernel = CL.clCreateKernel(program, "add", null);
    }

    static JoclProgram open() {
        Jocl.load();
        CL.setExceptionsEnabled(true);
        cl_platform_id[] platforms = new cl_platform_id[1];
        CL.clGetPlatformIDs(1, platforms, null);
        cl_device_id[] devices = new cl_device_id[1];
        CL.clGetDeviceIDs(platforms[0], CL.CL_DEVICE_TYPE_ALL & 0xffff_ffffL, 1, devices, null);
        return new JoclProgram(devices[0]);
    }

    /** {@return another queue, for the caller to release} */
    @SuppressWarnings("deprecation") // as the constructor
    cl_command_queue newQueue() {
        return CL.clCreateCommandQueue(context, device, 0, null);
    }

    /** {@return a program, for the caller to release} */
    cl_program build(String source) {
        cl_program built =
                CL.clCreateProgramWithSource(context, 1, new String[] {source}, null, null);
        CL.clBuildProgram(built, 0, null, null, null, null);
        return built;
    }

    @Override
    public OpenClDevice device() {
        return Jocl.device(context, device, queue);
    }

    @Override
    public OpenClDevice device(Mode mode) {
        return Jocl.device(context, device, queue, OpenClMemoryMode.valueOf(mode.name()));
    }

    @Override
    public OpenClDevice deviceWithQueueOf(OpenClProgram other) {
        return Jocl.device(context, device, ((JoclProgram) other).queue);
    }

    @Override
    public OpenClDevice deviceWithoutQueue() {
        return Jocl.device(context, device, new cl_command_queue());
    }

    @Override
    public Mode modeOf(DeviceMemory device) {
        return Mode.valueOf(((OpenClDevice) device).mode().name());
    }

    @Override
    public void setArgument(int index, DeviceAccess access) {
        Jocl.setArgument(kernel, index, access);
    }

    @Override
    public void setArgumentOfNoKernel(DeviceAccess access) {
        Jocl.setArgument(new cl_kernel(), 0, access);
    }

    @Override
    public void add(DeviceAccess access, int more, long items) {
        setArgument(0, access);
        CL.clSetKernelArg(kernel, 1, Sizeof.cl_int, Pointer.to(new int[] {more}));
        cl_event done = new cl_event();
        CL.clEnqueueNDRangeKernel(queue, kernel, 1, null, new long[] {items}, null, 0, null, done);
        Jocl.completesWith(access, done);
        CL.clReleaseEvent(done);
    }

    @Override
    public void launchAddElsewhere(DeviceAccess access, int more, long items) {
        cl_command_queue other = newQueue();
        Jocl.launch(other, kernel, new long[] {items}, null, access, more);
        CL.clReleaseCommandQueue(other);
    }

    @Override
    public IntConsumer completesWithUserEvent(DeviceAccess access) {
        cl_event event = CL.clCreateUserEvent(context, null);
        try {
            Jocl.completesWith(access, event);
        } catch (RuntimeException refused) {
            CL.clReleaseEvent(event);
            throw refused;
        }
        return status -> {
            CL.clSetUserEventStatus(event, status);
            CL.clReleaseEvent(event);
        };
    }

    @Override
    public void completesWithNoEvent(DeviceAccess access) {
        Jocl.completesWith(access, new cl_event());
    }

    @Override
    public void close() {
        CL.clReleaseKernel(kernel);
        CL.clReleaseProgram(program);
        CL.clReleaseCommandQueue(queue);
        CL.clReleaseContext(context);
    }
}
