// SPDX-License-Identifier: Apache-2.0
package io.highpage.lwjgl;

import io.highpage.DeviceAccess;
import io.highpage.device.DeviceMemory;
import io.highpage.opencl.OpenClDevice;
import io.highpage.opencl.OpenClMemoryMode;
import io.highpage.testkit.opencl.OpenClProgram;

import org.lwjgl.PointerBuffer;
import org.lwjgl.opencl.CL10;
import org.lwjgl.opencl.CL11;
import org.lwjgl.system.MemoryStack;

import java.nio.IntBuffer;
import java.util.function.IntConsumer;

final class LwjglProgram implements OpenClProgram {
    private final long device;
    private final long context;
    private final long queue;
    private final long program;
    private final long kernel;

    private LwjglProgram(MemoryStack stack, long platform, long device) {
        this.device = device;
        IntBuffer error = stack.mallocInt(1);
        PointerBuffer properties = stack.pointers(CL10.CL_CONTEXT_PLATFORM, platform, 0);
        context = made(CL10.clCreateContext(properties, device, null, 0, error), error);
        queue = made(CL10.clCreateCommandQueue(context, device, 0, error), error);
        program = made(CL10.clCreateProgramWithSource(context, ADD, error), error);
        check(CL10.clBuildProgram(program, device, "", null, 0));
        kernel = made(CL10.clCreateKernel(program, "add", error), error);
    }

    static LwjglProgram open() {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            PointerBuffer platform = stack.mallocPointer(1);
            check(CL10.clGetPlatformIDs(platform, (IntBuffer) null));
            PointerBuffer device = stack.mallocPointer(1);
            check(CL10.clGetDeviceIDs(
                    platform.get(0), CL10.CL_DEVICE_TYPE_ALL, device, (IntBuffer) null));
            return new LwjglProgram(stack, platform.get(0), device.get(0));
        }
    }

    @Override
    public OpenClDevice device() {
        return Lwjgl.device(context, device, queue);
    }

    @Override
    public OpenClDevice device(Mode mode) {
        return Lwjgl.device(context, device, queue, OpenClMemoryMode.valueOf(mode.name()));
    }

    @Override
    public OpenClDevice deviceWithQueueOf(OpenClProgram other) {
        return Lwjgl.device(context, device, ((LwjglProgram) other).queue);
    }

    @Override
    public OpenClDevice deviceWithoutQueue() {
        return Lwjgl.device(context, device, 0);
    }

    @Override
    public Mode modeOf(DeviceMemory device) {
        return Mode.valueOf(((OpenClDevice) device).mode().name());
    }

    @Override
    public void setArgument(int index, DeviceAccess access) {
        Lwjgl.setArgument(kernel, index, access);
    }

    @Override
    public void setArgumentOfNoKernel(DeviceAccess access) {
        Lwjgl.setArgument(0, 0, access);
    }

    @Override
    public void add(DeviceAccess access, int more, long items) {
        setArgument(0, access);
        check(CL10.clSetKernelArg1i(kernel, 1, more));
        try (MemoryStack stack = MemoryStack.stackPush()) {
            PointerBuffer done = stack.mallocPointer(1);
            check(CL10.clEnqueueNDRangeKernel(
                    queue, kernel, 1, null, stack.pointers(items), null, null, done));
            Lwjgl.completesWith(access, done);
            check(CL10.clReleaseEvent(done.get(0)));
        }
    }

    @Override
    public void launchAddElsewhere(DeviceAccess access, int more, long items) {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            IntBuffer error = stack.mallocInt(1);
            long other = made(CL10.clCreateCommandQueue(context, device, 0, error), error);
            Lwjgl.launch(other, kernel, new long[] {items}, null, access, more);
            check(CL10.clReleaseCommandQueue(other));
        }
    }

    @Override
    public IntConsumer completesWithUserEvent(DeviceAccess access) {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            IntBuffer error = stack.mallocInt(1);
            long event = made(CL11.clCreateUserEvent(context, error), error);
            try {
                Lwjgl.completesWith(access, stack.pointers(event));
            } catch (RuntimeException refused) {
                check(CL10.clReleaseEvent(event));
                throw refused;
            }
            return status -> {
                check(CL11.clSetUserEventStatus(event, status));
                check(CL10.clReleaseEvent(event));
            };
        }
    }

    @Override
    public void completesWithNoEvent(DeviceAccess access) {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            Lwjgl.completesWith(access, stack.pointers(0));
        }
    }

    @Override
    public void close() {
        check(CL10.clReleaseKernel(kernel));
        check(CL10.clReleaseProgram(program));
        check(CL10.clReleaseCommandQueue(queue));
        check(CL10.clReleaseContext(context));
    }

    private static long made(long handle, IntBuffer error) {
        check(error.get(0));
        return handle;
    }

    private static void check(int status) {
        if (status != CL10.CL_SUCCESS) {
            throw new AssertionError("OpenCL failed with " + status);
        }
    }
}
