// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_PROGRAM_BUILD_LOG;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_SUCCESS;

import static java.lang.foreign.MemorySegment.NULL;

import io.highpage.bindings.opencl.opencl_h;
import io.highpage.device.DeviceView;
import io.highpage.opencl.OpenClDevice;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A kernel of a test's own. */
public final class TestKernel implements AutoCloseable {
    /** Adds {@code value} to each of the ints. */
    public static final String ADD =
            "kernel void add(global int *ints, int value) { ints[get_global_id(0)] += value; }";

    private final OpenClDevice device;
    private final MemorySegment program;
    private final MemorySegment kernel;

    private TestKernel(OpenClDevice device, MemorySegment program, MemorySegment kernel) {
        this.device = device;
        this.program = program;
        this.kernel = kernel;
    }

    /**
     * Compiles a kernel.
     *
     * @throws IllegalArgumentException if it does not compile; the message has the compiler's log
     */
    public static TestKernel compile(OpenClDevice device, String source, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment error = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment strings =
                    arena.allocateFrom(ValueLayout.ADDRESS, arena.allocateFrom(source));
            MemorySegment program =
                    opencl_h.clCreateProgramWithSource(device.context(), 1, strings, NULL, error);
            check("clCreateProgramWithSource", error.get(ValueLayout.JAVA_INT, 0));
            if (opencl_h.clBuildProgram(program, 0, NULL, NULL, NULL, NULL) != CL_SUCCESS()) {
                String log = buildLog(arena, program, device.nativeDevice());
                check("clReleaseProgram", opencl_h.clReleaseProgram(program));
                throw new IllegalArgumentException(
                        "the kernel " + name + " does not compile: " + log);
            }
            MemorySegment kernel =
                    opencl_h.clCreateKernel(program, arena.allocateFrom(name), error);
            check("clCreateKernel", error.get(ValueLayout.JAVA_INT, 0));
            return new TestKernel(device, program, kernel);
        }
    }

    private static String buildLog(Arena arena, MemorySegment program, MemorySegment device) {
        MemorySegment log = arena.allocate(1 << 16);
        check(
                "clGetProgramBuildInfo",
                opencl_h.clGetProgramBuildInfo(
                        program, device, CL_PROGRAM_BUILD_LOG(), log.byteSize(), log, NULL));
        return log.getString(0);
    }

    /** {@return the {@code cl_kernel}'s address} */
    public long address() {
        return kernel.address();
    }

    /** Runs {@link #ADD} on a view and waits. */
    public void add(DeviceView ints, int value, long count) {
        MemorySegment event = launchAdd(ints, value, count);
        device.completion(event).await();
        check("clReleaseEvent", opencl_h.clReleaseEvent(event));
    }

    /** Enqueues {@link #ADD}, and begins it. {@return the event, which the caller releases} */
    public MemorySegment launchAdd(DeviceView ints, int value, long count) {
        MemorySegment event = enqueueAdd(ints, value, count);
        check("clFlush", opencl_h.clFlush(device.queue()));
        return event;
    }

    /** Enqueues {@link #ADD}. {@return the event, which the caller releases} */
    MemorySegment enqueueAdd(DeviceView ints, int value, long count) {
        try (Arena arena = Arena.ofConfined()) {
            if (ints.handle() == null) {
                check(
                        "clSetKernelArgSVMPointer",
                        opencl_h.clSetKernelArgSVMPointer(kernel, 0, ints.segment()));
            } else {
                MemorySegment argument = arena.allocateFrom(ValueLayout.ADDRESS, ints.handle());
                check(
                        "clSetKernelArg",
                        opencl_h.clSetKernelArg(kernel, 0, argument.byteSize(), argument));
            }
            MemorySegment argument = arena.allocateFrom(ValueLayout.JAVA_INT, value);
            check(
                    "clSetKernelArg",
                    opencl_h.clSetKernelArg(kernel, 1, argument.byteSize(), argument));
            MemorySegment event = arena.allocate(ValueLayout.ADDRESS);
            check(
                    "clEnqueueNDRangeKernel",
                    opencl_h.clEnqueueNDRangeKernel(
                            device.queue(),
                            kernel,
                            1,
                            NULL,
                            arena.allocateFrom(ValueLayout.JAVA_LONG, count),
                            NULL,
                            0,
                            NULL,
                            event));
            return event.get(ValueLayout.ADDRESS, 0);
        }
    }

    @Override
    public void close() {
        check("clReleaseKernel", opencl_h.clReleaseKernel(kernel));
        check("clReleaseProgram", opencl_h.clReleaseProgram(program));
    }

    /** Fails a test whose own call failed. */
    public static void check(String call, int code) {
        if (code != CL_SUCCESS()) {
            throw new AssertionError(call + " failed with " + ClCodes.describe(code));
        }
    }
}
