// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_BUFFER_CREATE_TYPE_REGION;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_CONTEXT_DEVICES;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_CONTEXT_PLATFORM;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_NOT_AVAILABLE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_NOT_FOUND;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_TYPE_ALL;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_EVENT_COMMAND_EXECUTION_STATUS;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_EVENT_CONTEXT;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_FALSE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_INVALID_VALUE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_KERNEL_CONTEXT;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_MEM_OBJECT_ALLOCATION_FAILURE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_MEM_READ_WRITE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_HOST_MEMORY;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_SUCCESS;

import io.highpage.DeviceException;
import io.highpage.DeviceLostException;
import io.highpage.HighpageException;
import io.highpage.OutOfPageMemoryException;
import io.highpage.bindings.opencl.cl_buffer_region;
import io.highpage.bindings.opencl.opencl_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * OpenCL, checked: the one class that calls it. Every call passes {@link #code}; every failure becomes an exception in
 * {@link #failure} that names the call, the code and the arguments that matter. Methods that return a code are for callers
 * that have to go on after a failure. Handles are zero-length segments. Thread-safe.
 */
public final class Cl {
    private static final String NO_ROOM = "the device has no memory left: ";

    private final ClFaults faults;

    private Cl(ClFaults faults) {
        this.faults = faults;
    }

    /**
     * {@return access to OpenCL}
     *
     * @throws DeviceException if it is not installed; the message says what to do
     */
    public static Cl open() {
        return open(ClFaults.NONE);
    }

    /**
     * {@return access to OpenCL that fails when told to}
     *
     * @param faults asked before each call
     */
    public static Cl open(ClFaults faults) {
        missing().ifPresent(text -> {
            throw new DeviceException(text, null);
        });
        return new Cl(faults);
    }

    /** {@return why there is no OpenCL, and what to do; empty if there is} */
    public static Optional<String> missing() {
        return ClLibrary.missing();
    }

    // Platforms and devices

    List<MemorySegment> platforms() {
        return list("clGetPlatformIDs", ClCodes.PLATFORM_NOT_FOUND_KHR, opencl_h::clGetPlatformIDs, () -> "");
    }

    List<MemorySegment> devices(MemorySegment platform) {
        long all = Integer.toUnsignedLong(CL_DEVICE_TYPE_ALL());
        return list(
                "clGetDeviceIDs",
                CL_DEVICE_NOT_FOUND(),
                (entries, ids, count) -> opencl_h.clGetDeviceIDs(platform, all, entries, ids, count),
                () -> "");
    }

    String platformText(MemorySegment platform, int parameter) {
        return text(info(
                "clGetPlatformInfo",
                parameter,
                (size, value, needed) -> opencl_h.clGetPlatformInfo(platform, parameter, size, value, needed)));
    }

    String deviceText(MemorySegment device, int parameter) {
        return text(info(
                "clGetDeviceInfo",
                parameter,
                (size, value, needed) -> opencl_h.clGetDeviceInfo(device, parameter, size, value, needed)));
    }

    /** {@return a value of 4 or 8 bytes} */
    long deviceNumber(MemorySegment device, int parameter) {
        return number(info(
                "clGetDeviceInfo",
                parameter,
                (size, value, needed) -> opencl_h.clGetDeviceInfo(device, parameter, size, value, needed)));
    }

    /** {@return a value of 8 bytes, or 0 if the driver is too old to know the question} */
    long deviceNumberIfKnown(MemorySegment device, int parameter) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(ValueLayout.JAVA_LONG);
            int code = code(
                    "clGetDeviceInfo",
                    () -> opencl_h.clGetDeviceInfo(device, parameter, Long.BYTES, value, MemorySegment.NULL));
            require("clGetDeviceInfo", code == CL_INVALID_VALUE() ? CL_SUCCESS() : code, () -> paramName(parameter));
            return code == CL_SUCCESS() ? value.get(ValueLayout.JAVA_LONG, 0) : 0;
        }
    }

    public void retainDevice(MemorySegment device) {
        check("clRetainDevice", () -> opencl_h.clRetainDevice(device), () -> "");
    }

    public void releaseDevice(MemorySegment device) {
        release("clReleaseDevice", () -> opencl_h.clReleaseDevice(device));
    }

    // Contexts and queues

    /** Creates a context with one device: one that lacks fine-grained SVM would make all go without. */
    public MemorySegment createContext(MemorySegment platform, MemorySegment device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment properties =
                    arena.allocateFrom(ValueLayout.JAVA_LONG, CL_CONTEXT_PLATFORM(), platform.address(), 0);
            MemorySegment devices = arena.allocateFrom(ValueLayout.ADDRESS, device);
            return create(
                    "clCreateContext",
                    error -> opencl_h.clCreateContext(
                            properties, 1, devices, MemorySegment.NULL, MemorySegment.NULL, error));
        }
    }

    public void retainContext(MemorySegment context) {
        check("clRetainContext", () -> opencl_h.clRetainContext(context), () -> "");
    }

    public void releaseContext(MemorySegment context) {
        release("clReleaseContext", () -> opencl_h.clReleaseContext(context));
    }

    public List<MemorySegment> contextDevices(MemorySegment context) {
        return handles(info(
                "clGetContextInfo",
                CL_CONTEXT_DEVICES(),
                (size, value, needed) ->
                        opencl_h.clGetContextInfo(context, CL_CONTEXT_DEVICES(), size, value, needed)));
    }

    /** Creates an in-order queue, by the call of OpenCL 1.0 that every driver has. */
    public MemorySegment createQueue(MemorySegment context, MemorySegment device) {
        return create("clCreateCommandQueue", error -> opencl_h.clCreateCommandQueue(context, device, 0, error));
    }

    public void retainQueue(MemorySegment queue) {
        check("clRetainCommandQueue", () -> opencl_h.clRetainCommandQueue(queue), () -> "");
    }

    public void releaseQueue(MemorySegment queue) {
        release("clReleaseCommandQueue", () -> opencl_h.clReleaseCommandQueue(queue));
    }

    public MemorySegment queueHandle(MemorySegment queue, int parameter) {
        return owner(
                "clGetCommandQueueInfo",
                parameter,
                (size, value, needed) -> opencl_h.clGetCommandQueueInfo(queue, parameter, size, value, needed));
    }

    public void finish(MemorySegment queue) {
        check("clFinish", () -> opencl_h.clFinish(queue), () -> "");
    }

    // Shared virtual memory

    /** {@return the address} */
    MemorySegment svmAlloc(MemorySegment context, long flags, long bytes) {
        MemorySegment[] made = {MemorySegment.NULL};
        int code = code("clSVMAlloc", () -> {
            made[0] = opencl_h.clSVMAlloc(context, flags, bytes, 0);
            return CL_SUCCESS();
        });
        if (code != CL_SUCCESS()) {
            throw allocationFailure("clSVMAlloc", code, bytes);
        }
        if (made[0].address() == 0) { // all that this call tells of a failure
            throw new OutOfPageMemoryException(NO_ROOM + "clSVMAlloc returned NULL: size=" + bytes, true, bytes, null);
        }
        return handle(made[0]);
    }

    void svmFree(MemorySegment context, MemorySegment address) {
        release("clSVMFree", () -> {
            opencl_h.clSVMFree(context, address);
            return CL_SUCCESS();
        });
    }

    void enqueueSvmCopy(
            MemorySegment queue, MemorySegment target, MemorySegment source, long bytes, MemorySegment event) {
        check(
                "clEnqueueSVMMemcpy",
                () -> opencl_h.clEnqueueSVMMemcpy(
                        queue, CL_FALSE(), target, source, bytes, 0, MemorySegment.NULL, event),
                () -> ": size=" + bytes);
    }

    void enqueueSvmFill(
            MemorySegment queue, MemorySegment target, MemorySegment pattern, long bytes, MemorySegment event) {
        check(
                "clEnqueueSVMMemFill",
                () -> opencl_h.clEnqueueSVMMemFill(
                        queue, target, pattern, pattern.byteSize(), bytes, 0, MemorySegment.NULL, event),
                () -> ": size=" + bytes + " pattern_size=" + pattern.byteSize());
    }

    // Buffers

    MemorySegment createBuffer(MemorySegment context, long bytes) {
        return create(
                "clCreateBuffer",
                error -> opencl_h.clCreateBuffer(context, CL_MEM_READ_WRITE(), bytes, MemorySegment.NULL, error),
                code -> allocationFailure("clCreateBuffer", (int) code, bytes));
    }

    MemorySegment createSubBuffer(MemorySegment buffer, long offset, long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment region = cl_buffer_region.allocate(arena);
            cl_buffer_region.origin(region, offset);
            cl_buffer_region.size(region, bytes);
            return create(
                    "clCreateSubBuffer",
                    error -> opencl_h.clCreateSubBuffer(buffer, 0, CL_BUFFER_CREATE_TYPE_REGION(), region, error),
                    code -> failure("clCreateSubBuffer", (int) code, ": origin=" + offset + " size=" + bytes));
        }
    }

    void retainBuffer(MemorySegment buffer) {
        check("clRetainMemObject", () -> opencl_h.clRetainMemObject(buffer), () -> "");
    }

    void releaseBuffer(MemorySegment buffer) {
        release("clReleaseMemObject", () -> opencl_h.clReleaseMemObject(buffer));
    }

    void enqueueRead(
            MemorySegment queue, MemorySegment buffer, long offset, MemorySegment target, MemorySegment event) {
        check(
                "clEnqueueReadBuffer",
                () -> opencl_h.clEnqueueReadBuffer(
                        queue, buffer, CL_FALSE(), offset, target.byteSize(), target, 0, MemorySegment.NULL, event),
                () -> ": offset=" + offset + " size=" + target.byteSize());
    }

    void enqueueWrite(
            MemorySegment queue, MemorySegment buffer, long offset, MemorySegment source, MemorySegment event) {
        check(
                "clEnqueueWriteBuffer",
                () -> opencl_h.clEnqueueWriteBuffer(
                        queue, buffer, CL_FALSE(), offset, source.byteSize(), source, 0, MemorySegment.NULL, event),
                () -> ": offset=" + offset + " size=" + source.byteSize());
    }

    void enqueueFill(
            MemorySegment queue,
            MemorySegment buffer,
            MemorySegment pattern,
            long offset,
            long bytes,
            MemorySegment event) {
        check(
                "clEnqueueFillBuffer",
                () -> opencl_h.clEnqueueFillBuffer(
                        queue, buffer, pattern, pattern.byteSize(), offset, bytes, 0, MemorySegment.NULL, event),
                () -> ": offset=" + offset + " size=" + bytes + " pattern_size=" + pattern.byteSize());
    }

    // Kernels

    public MemorySegment kernelContext(MemorySegment kernel) {
        return owner(
                "clGetKernelInfo",
                CL_KERNEL_CONTEXT(),
                (size, value, needed) -> opencl_h.clGetKernelInfo(kernel, CL_KERNEL_CONTEXT(), size, value, needed));
    }

    public void setArgument(MemorySegment kernel, int index, MemorySegment buffer) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocateFrom(ValueLayout.ADDRESS, buffer);
            check(
                    "clSetKernelArg",
                    () -> opencl_h.clSetKernelArg(kernel, index, value.byteSize(), value),
                    () -> ": arg_index=" + index + " arg_size=" + value.byteSize());
        }
    }

    public void setSvmArgument(MemorySegment kernel, int index, MemorySegment pointer) {
        check(
                "clSetKernelArgSVMPointer",
                () -> opencl_h.clSetKernelArgSVMPointer(kernel, index, pointer),
                () -> ": arg_index=" + index);
    }

    // Events

    public MemorySegment eventContext(MemorySegment event) {
        return owner(
                "clGetEventInfo",
                CL_EVENT_CONTEXT(),
                (size, value, needed) -> opencl_h.clGetEventInfo(event, CL_EVENT_CONTEXT(), size, value, needed));
    }

    public void retainEvent(MemorySegment event) {
        check("clRetainEvent", () -> opencl_h.clRetainEvent(event), () -> "");
    }

    public void releaseEvent(MemorySegment event) {
        release("clReleaseEvent", () -> opencl_h.clReleaseEvent(event));
    }

    /** {@return the result of waiting} */
    int waitFor(MemorySegment events, int count) {
        return code("clWaitForEvents", () -> opencl_h.clWaitForEvents(count, events));
    }

    /** {@return the result of asking for the execution status; if it is success, the status is in {@code status}} */
    int executionStatus(MemorySegment event, MemorySegment status) {
        return code(
                "clGetEventInfo",
                () -> opencl_h.clGetEventInfo(
                        event, CL_EVENT_COMMAND_EXECUTION_STATUS(), Integer.BYTES, status, MemorySegment.NULL));
    }

    // Checks

    /** A call that lists handles: {@code (entries, ids, count)}. */
    private interface Lister {
        int call(int entries, MemorySegment ids, MemorySegment count);
    }

    /** A call that asks for a value: {@code (size, value, needed)}. */
    private interface Query {
        int call(long size, MemorySegment value, MemorySegment needed);
    }

    private List<MemorySegment> list(String call, int none, Lister lister, Supplier<String> arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
            int code = code(call, () -> lister.call(0, MemorySegment.NULL, count));
            if (code == none || code == CL_SUCCESS() && count.get(ValueLayout.JAVA_INT, 0) == 0) {
                return List.of();
            }
            require(call, code, arguments);
            int entries = count.get(ValueLayout.JAVA_INT, 0);
            MemorySegment ids = arena.allocate(ValueLayout.ADDRESS, entries);
            check(call, () -> lister.call(entries, ids, count), arguments);
            return handles(ids.toArray(ValueLayout.JAVA_LONG));
        }
    }

    private byte[] info(String call, int parameter, Query query) {
        Supplier<String> arguments = () -> paramName(parameter);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment needed = arena.allocate(ValueLayout.JAVA_LONG);
            check(call, () -> query.call(0, MemorySegment.NULL, needed), arguments);
            long bytes = needed.get(ValueLayout.JAVA_LONG, 0);
            MemorySegment value = arena.allocate(Math.max(bytes, 1));
            check(call, () -> query.call(bytes, value, MemorySegment.NULL), arguments);
            return value.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** Asks an object for another that it belongs to. */
    private MemorySegment owner(String call, int parameter, Query query) {
        return handles(info(call, parameter, query)).getFirst();
    }

    private static String paramName(int parameter) {
        return ": param_name=0x" + Integer.toHexString(parameter);
    }

    private MemorySegment create(String call, Function<MemorySegment, MemorySegment> maker) {
        return create(call, maker, code -> failure(call, (int) code, ""));
    }

    private MemorySegment create(
            String call, Function<MemorySegment, MemorySegment> maker, LongFunction<HighpageException> failure) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment error = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment[] made = {MemorySegment.NULL};
            int code = code(call, () -> {
                made[0] = maker.apply(error);
                return error.get(ValueLayout.JAVA_INT, 0);
            });
            if (code != CL_SUCCESS()) {
                throw failure.apply(code);
            }
            return handle(made[0]);
        }
    }

    private void check(String call, IntSupplier body, Supplier<String> arguments) {
        require(call, code(call, body), arguments);
    }

    private static void require(String call, int code, Supplier<String> arguments) {
        if (code != CL_SUCCESS()) {
            throw failure(call, code, arguments.get());
        }
    }

    private void release(String call, IntSupplier body) {
        int fault = faults.code(call);
        int code = guarded(call, body);
        require(call, fault != CL_SUCCESS() ? fault : code, () -> "");
    }

    /** Makes a call, unless it is to fail. */
    private int code(String call, IntSupplier body) {
        int fault = faults.code(call);
        return fault != CL_SUCCESS() ? fault : guarded(call, body);
    }

    private static int guarded(String call, IntSupplier body) {
        try {
            return body.getAsInt();
        } catch (ExceptionInInitializerError | NoClassDefFoundError missing) {
            throw new DeviceException("the installed OpenCL loader is too old: it has no " + call, missing);
        }
    }

    /** {@return what a result code becomes} */
    static DeviceException failure(String call, int code, String arguments) {
        String text = call + " failed with " + ClCodes.describe(code) + arguments;
        return isLoss(code) ? new DeviceLostException(text, null) : new DeviceException(text, null);
    }

    private static HighpageException allocationFailure(String call, int code, long bytes) {
        DeviceException failure = failure(call, code, ": size=" + bytes);
        return code == CL_MEM_OBJECT_ALLOCATION_FAILURE() || code == CL_OUT_OF_HOST_MEMORY()
                ? new OutOfPageMemoryException(NO_ROOM + failure.getMessage(), true, bytes, failure)
                : failure;
    }

    private static boolean isLoss(int code) {
        return code == CL_DEVICE_NOT_AVAILABLE() || code == ClCodes.NVIDIA_ILLEGAL_ACCESS;
    }

    /** The bindings give a pointer the size of the address space; a handle has no bytes to touch. */
    private static MemorySegment handle(MemorySegment pointer) {
        return MemorySegment.ofAddress(pointer.address());
    }

    private static List<MemorySegment> handles(byte[] addresses) {
        return handles(MemorySegment.ofArray(addresses).toArray(ValueLayout.JAVA_LONG_UNALIGNED));
    }

    private static List<MemorySegment> handles(long[] addresses) {
        List<MemorySegment> handles = new ArrayList<>(addresses.length);
        for (long address : addresses) {
            handles.add(MemorySegment.ofAddress(address));
        }
        return handles;
    }

    private static long number(byte[] value) {
        MemorySegment bytes = MemorySegment.ofArray(value);
        return value.length == Integer.BYTES
                ? Integer.toUnsignedLong(bytes.get(ValueLayout.JAVA_INT_UNALIGNED, 0))
                : bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
    }

    private static String text(byte[] value) {
        return new String(value, StandardCharsets.UTF_8).replace("\0", "").strip();
    }
}
