// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_BUFFER_CREATE_TYPE_REGION;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_COMPLETE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_CONTEXT_DEVICES;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_CONTEXT_PLATFORM;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_NOT_FOUND;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_TYPE_ALL;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_EVENT_COMMAND_EXECUTION_STATUS;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_EVENT_COMMAND_QUEUE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_EVENT_CONTEXT;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_FALSE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_INVALID_VALUE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_KERNEL_ARG_ADDRESS_QUALIFIER;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_KERNEL_CONTEXT;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_KERNEL_FUNCTION_NAME;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_MAP_FAILURE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_MAP_READ;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_MAP_WRITE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_MEM_OBJECT_ALLOCATION_FAILURE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_MEM_OBJECT_IMAGE2D;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_MEM_READ_WRITE;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_QUEUED;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_SUCCESS;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_TRUE;

import io.highpage.bindings.opencl.cl_buffer_region;
import io.highpage.bindings.opencl.cl_image_desc;
import io.highpage.bindings.opencl.cl_image_format;
import io.highpage.bindings.opencl.opencl_h;
import io.highpage.internal.jvm.Versions;
import io.highpage.outcome.DeviceException;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * OpenCL, checked: the one class that calls it, each time by way of {@link ClCalls}. Methods that
 * return a code are for callers that have to go on after a failure. Handles are zero-length
 * segments. Thread-safe.
 */
public final class Cl extends ClCalls {
    /** OpenCL C aligns a type to its size; the largest is of 16 doubles. */
    private static final int ALIGNED_MOST = 128;

    private Cl(ClFaults faults) {
        super(faults);
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
        Versions.check();
        missing().ifPresent(text -> {
            throw new DeviceException(text, null);
        });
        ClCalls.load(ENDS);
        return new Cl(faults);
    }

    /** The calls that end what was begun. */
    private static final List<Supplier<MemorySegment>> ENDS = List.of(
            opencl_h::clFinish$address,
            opencl_h::clFlush$address,
            opencl_h::clWaitForEvents$address,
            opencl_h::clGetEventInfo$address,
            opencl_h::clReleaseEvent$address,
            opencl_h::clEnqueueUnmapMemObject$address,
            opencl_h::clEnqueueSVMUnmap$address,
            opencl_h::clReleaseMemObject$address,
            opencl_h::clSVMFree$address,
            opencl_h::clReleaseCommandQueue$address,
            opencl_h::clReleaseContext$address);

    /** How to get OpenCL and drivers for it. */
    public static final String HOW_TO_GET = ClLibrary.HOW_TO_GET;

    /** {@return why there is no OpenCL, and what to do; empty if there is} */
    public static Optional<String> missing() {
        return ClLibrary.missing();
    }

    /**
     * Checks that Java does not deny it to call OpenCL, which may not even be there.
     *
     * @throws IllegalCallerException if it does; says how to start Java
     */
    public static void checkAccess() {
        ClLibrary.checkAccess();
    }

    // Platforms and devices

    /** {@return the handles of all platforms} */
    public List<MemorySegment> platforms() {
        return list(
                "clGetPlatformIDs",
                ClCodes.PLATFORM_NOT_FOUND_KHR,
                opencl_h::clGetPlatformIDs,
                () -> "");
    }

    /** {@return the handles of a platform's devices} */
    public List<MemorySegment> devices(MemorySegment platform) {
        long all = Integer.toUnsignedLong(CL_DEVICE_TYPE_ALL());
        return list(
                "clGetDeviceIDs",
                CL_DEVICE_NOT_FOUND(),
                (entries, ids, count) ->
                        opencl_h.clGetDeviceIDs(platform, all, entries, ids, count),
                () -> "");
    }

    /** {@return a text about a platform, such as {@code CL_PLATFORM_NAME}} */
    public String platformText(MemorySegment platform, int parameter) {
        return text(info(
                "clGetPlatformInfo",
                parameter,
                (size, value, needed) ->
                        opencl_h.clGetPlatformInfo(platform, parameter, size, value, needed)));
    }

    String deviceText(MemorySegment device, int parameter) {
        return text(info(
                "clGetDeviceInfo",
                parameter,
                (size, value, needed) ->
                        opencl_h.clGetDeviceInfo(device, parameter, size, value, needed)));
    }

    /** {@return a value of 4 or 8 bytes} */
    long deviceNumber(MemorySegment device, int parameter) {
        return number(
                "clGetDeviceInfo",
                parameter,
                (size, value, needed) ->
                        opencl_h.clGetDeviceInfo(device, parameter, size, value, needed));
    }

    /** {@return a value of 4 or 8 bytes, or 0 if the driver is too old to know the question} */
    public long deviceNumberIfKnown(MemorySegment device, int parameter) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(ValueLayout.JAVA_LONG);
            int code = code(
                    "clGetDeviceInfo",
                    () -> opencl_h.clGetDeviceInfo(
                            device, parameter, Long.BYTES, value, MemorySegment.NULL));
            require(
                    "clGetDeviceInfo",
                    code == CL_INVALID_VALUE() ? CL_SUCCESS() : code,
                    () -> paramName(parameter));
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

    /**
     * Creates a context with one device: one that lacks fine-grained SVM would make all go without.
     *
     * @param notify what the driver calls to tell of its faults, or NULL
     * @param id what it gives that function
     */
    MemorySegment createContext(
            MemorySegment platform, MemorySegment device, MemorySegment notify, long id) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment properties = arena.allocateFrom(
                    ValueLayout.JAVA_LONG, CL_CONTEXT_PLATFORM(), platform.address(), 0);
            MemorySegment devices = arena.allocateFrom(ValueLayout.ADDRESS, device);
            return create(
                    "clCreateContext",
                    error -> opencl_h.clCreateContext(
                            properties, 1, devices, notify, MemorySegment.ofAddress(id), error));
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
                (size, value, needed) -> opencl_h.clGetContextInfo(
                        context, CL_CONTEXT_DEVICES(), size, value, needed)));
    }

    /** Creates an in-order queue, by the call of OpenCL 1.0 that every driver has. */
    public MemorySegment createQueue(MemorySegment context, MemorySegment device) {
        return create(
                "clCreateCommandQueue",
                error -> opencl_h.clCreateCommandQueue(context, device, 0, error));
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
                (size, value, needed) ->
                        opencl_h.clGetCommandQueueInfo(queue, parameter, size, value, needed));
    }

    /** {@return the result of having a driver begin what is in a queue} */
    int flush(MemorySegment queue) {
        return code("clFlush", () -> opencl_h.clFlush(queue));
    }

    /**
     * {@return the result of waiting until a queue is idle} Allocates nothing but the first time.
     */
    int finish(MemorySegment queue) {
        int fault = fault("clFinish");
        return fault != CL_SUCCESS() ? fault : opencl_h.clFinish(queue);
    }

    // Shared virtual memory

    /** {@return the address} */
    MemorySegment svmAlloc(
            MemorySegment context, long flags, long bytes, IntFunction<RuntimeException> failure) {
        MemorySegment[] made = {MemorySegment.NULL};
        int code = code("clSVMAlloc", () -> {
            made[0] = opencl_h.clSVMAlloc(context, flags, bytes, 0);
            return made[0].address() == 0
                    ? CL_MEM_OBJECT_ALLOCATION_FAILURE()
                    : CL_SUCCESS(); // it does not say why
        });
        if (code != CL_SUCCESS()) {
            throw failure.apply(code);
        }
        return handle(made[0]);
    }

    void svmFree(MemorySegment context, MemorySegment address) {
        release("clSVMFree", () -> {
            opencl_h.clSVMFree(context, address);
            return CL_SUCCESS();
        });
    }

    int enqueueSvmCopy(
            MemorySegment queue,
            boolean blocks,
            MemorySegment target,
            MemorySegment source,
            long bytes,
            MemorySegment event) {
        return code(
                "clEnqueueSVMMemcpy",
                () -> opencl_h.clEnqueueSVMMemcpy(
                        queue, flag(blocks), target, source, bytes, 0, MemorySegment.NULL, event));
    }

    private static int flag(boolean blocks) {
        return blocks ? CL_TRUE() : CL_FALSE();
    }

    int enqueueSvmFill(
            MemorySegment queue,
            MemorySegment target,
            MemorySegment pattern,
            long bytes,
            MemorySegment event) {
        return code(
                "clEnqueueSVMMemFill",
                () -> opencl_h.clEnqueueSVMMemFill(
                        queue,
                        target,
                        pattern,
                        pattern.byteSize(),
                        bytes,
                        0,
                        MemorySegment.NULL,
                        event));
    }

    // Buffers

    MemorySegment createBuffer(
            MemorySegment context, long bytes, IntFunction<RuntimeException> failure) {
        return create(
                "clCreateBuffer",
                error -> opencl_h.clCreateBuffer(
                        context, CL_MEM_READ_WRITE(), bytes, MemorySegment.NULL, error),
                failure);
    }

    /**
     * Creates a buffer in memory of the host's.
     *
     * @param flags where: {@code CL_MEM_ALLOC_HOST_PTR}, or {@code CL_MEM_USE_HOST_PTR}
     * @param host the memory to use, or NULL
     */
    MemorySegment createHostBuffer(
            MemorySegment context,
            int flags,
            long bytes,
            MemorySegment host,
            IntFunction<RuntimeException> failure) {
        return create(
                "clCreateBuffer",
                error -> opencl_h.clCreateBuffer(
                        context, CL_MEM_READ_WRITE() | flags, bytes, host, error),
                failure);
    }

    /** {@return the address of a buffer that is mapped, to be read and written, until it is not} */
    MemorySegment map(
            MemorySegment queue,
            MemorySegment buffer,
            long bytes,
            IntFunction<RuntimeException> failure) {
        return map(queue, buffer, CL_MAP_READ() | CL_MAP_WRITE(), 0, bytes, failure);
    }

    /** {@return the address of a part of a buffer that is mapped until it is not} */
    MemorySegment map(
            MemorySegment queue,
            MemorySegment buffer,
            long flags,
            long offset,
            long bytes,
            IntFunction<RuntimeException> failure) {
        MemorySegment address = create(
                "clEnqueueMapBuffer",
                error -> opencl_h.clEnqueueMapBuffer(
                        queue,
                        buffer,
                        CL_TRUE(),
                        flags,
                        offset,
                        bytes,
                        0,
                        MemorySegment.NULL,
                        MemorySegment.NULL,
                        error),
                failure);
        if (address.address() == 0) {
            throw failure.apply(CL_MAP_FAILURE());
        }
        return address;
    }

    void unmap(MemorySegment queue, MemorySegment buffer, MemorySegment address) {
        release(
                "clEnqueueUnmapMemObject",
                () -> opencl_h.clEnqueueUnmapMemObject(
                        queue, buffer, address, 0, MemorySegment.NULL, MemorySegment.NULL));
    }

    int enqueueUnmap(
            MemorySegment queue, MemorySegment buffer, MemorySegment address, MemorySegment event) {
        int fault = fault("clEnqueueUnmapMemObject");
        return fault != CL_SUCCESS()
                ? fault
                : opencl_h.clEnqueueUnmapMemObject(
                        queue, buffer, address, 0, MemorySegment.NULL, event);
    }

    /**
     * Maps a region of shared virtual memory, and waits until it is. {@return the call's result}
     */
    int mapSvm(MemorySegment queue, MemorySegment region, long flags, long bytes) {
        return code(
                "clEnqueueSVMMap",
                () -> opencl_h.clEnqueueSVMMap(
                        queue,
                        CL_TRUE(),
                        flags,
                        region,
                        bytes,
                        0,
                        MemorySegment.NULL,
                        MemorySegment.NULL));
    }

    int enqueueSvmUnmap(MemorySegment queue, MemorySegment region, MemorySegment event) {
        int fault = fault("clEnqueueSVMUnmap");
        return fault != CL_SUCCESS()
                ? fault
                : opencl_h.clEnqueueSVMUnmap(queue, region, 0, MemorySegment.NULL, event);
    }

    MemorySegment createSubBuffer(MemorySegment buffer, long offset, long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment region = cl_buffer_region.allocate(arena);
            cl_buffer_region.origin(region, offset);
            cl_buffer_region.size(region, bytes);
            return create(
                    "clCreateSubBuffer",
                    error -> opencl_h.clCreateSubBuffer(
                            buffer, 0, CL_BUFFER_CREATE_TYPE_REGION(), region, error),
                    code -> failure(
                            "clCreateSubBuffer", code, ": origin=" + offset + " size=" + bytes));
        }
    }

    /** {@return a {@code cl_mem} that has a buffer's bytes for its pixels, and keeps the buffer} */
    public MemorySegment createImage(
            MemorySegment context, ClImageShape shape, MemorySegment buffer) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment format = cl_image_format.allocate(arena);
            cl_image_format.image_channel_order(format, shape.order());
            cl_image_format.image_channel_data_type(format, shape.type());
            MemorySegment image = cl_image_desc.allocate(arena);
            cl_image_desc.image_type(image, CL_MEM_OBJECT_IMAGE2D());
            cl_image_desc.image_width(image, shape.width());
            cl_image_desc.image_height(image, shape.height());
            cl_image_desc.image_row_pitch(image, shape.rowPitch());
            cl_image_desc.buffer(image, buffer);
            return create(
                    "clCreateImage",
                    error -> opencl_h.clCreateImage(
                            context, 0, format, image, MemorySegment.NULL, error),
                    code -> failure("clCreateImage", code, ": " + shape));
        }
    }

    void retainBuffer(MemorySegment buffer) {
        check("clRetainMemObject", () -> opencl_h.clRetainMemObject(buffer), () -> "");
    }

    void releaseBuffer(MemorySegment buffer) {
        release("clReleaseMemObject", () -> opencl_h.clReleaseMemObject(buffer));
    }

    int enqueueRead(
            MemorySegment queue,
            boolean blocks,
            MemorySegment buffer,
            long offset,
            MemorySegment target,
            MemorySegment event) {
        return code(
                "clEnqueueReadBuffer",
                () -> opencl_h.clEnqueueReadBuffer(
                        queue,
                        buffer,
                        flag(blocks),
                        offset,
                        target.byteSize(),
                        target,
                        0,
                        MemorySegment.NULL,
                        event));
    }

    int enqueueWrite(
            MemorySegment queue,
            boolean blocks,
            MemorySegment buffer,
            long offset,
            MemorySegment source,
            MemorySegment event) {
        return code(
                "clEnqueueWriteBuffer",
                () -> opencl_h.clEnqueueWriteBuffer(
                        queue,
                        buffer,
                        flag(blocks),
                        offset,
                        source.byteSize(),
                        source,
                        0,
                        MemorySegment.NULL,
                        event));
    }

    int enqueueFill(
            MemorySegment queue,
            MemorySegment buffer,
            MemorySegment pattern,
            long offset,
            long bytes,
            MemorySegment event) {
        return code(
                "clEnqueueFillBuffer",
                () -> opencl_h.clEnqueueFillBuffer(
                        queue,
                        buffer,
                        pattern,
                        pattern.byteSize(),
                        offset,
                        bytes,
                        0,
                        MemorySegment.NULL,
                        event));
    }

    // Kernels

    public MemorySegment kernelContext(MemorySegment kernel) {
        return owner(
                "clGetKernelInfo",
                CL_KERNEL_CONTEXT(),
                (size, value, needed) ->
                        opencl_h.clGetKernelInfo(kernel, CL_KERNEL_CONTEXT(), size, value, needed));
    }

    /** {@return a number about a kernel, such as {@code CL_KERNEL_NUM_ARGS}} */
    public long kernelNumber(MemorySegment kernel, int parameter) {
        return number(
                "clGetKernelInfo",
                parameter,
                (size, value, needed) ->
                        opencl_h.clGetKernelInfo(kernel, parameter, size, value, needed));
    }

    public String kernelName(MemorySegment kernel) {
        return text(info(
                "clGetKernelInfo",
                CL_KERNEL_FUNCTION_NAME(),
                (size, value, needed) -> opencl_h.clGetKernelInfo(
                        kernel, CL_KERNEL_FUNCTION_NAME(), size, value, needed)));
    }

    /** {@return what a kernel takes, or null if the driver does not tell} */
    public @Nullable ClParameter kernelParameter(MemorySegment kernel, int index) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(ValueLayout.JAVA_INT);
            int code = code(
                    "clGetKernelArgInfo",
                    () -> opencl_h.clGetKernelArgInfo(
                            kernel,
                            index,
                            CL_KERNEL_ARG_ADDRESS_QUALIFIER(),
                            Integer.BYTES,
                            address,
                            MemorySegment.NULL));
            if (code != CL_SUCCESS()) {
                return null;
            }
            return new ClParameter(this, kernel, index, address.get(ValueLayout.JAVA_INT, 0));
        }
    }

    byte[] argumentInfo(MemorySegment kernel, int index, int parameter) {
        return info(
                "clGetKernelArgInfo",
                parameter,
                (size, value, needed) ->
                        opencl_h.clGetKernelArgInfo(kernel, index, parameter, size, value, needed));
    }

    long argumentNumber(MemorySegment kernel, int index, int parameter) {
        return number(
                "clGetKernelArgInfo",
                parameter,
                (size, value, needed) ->
                        opencl_h.clGetKernelArgInfo(kernel, index, parameter, size, value, needed));
    }

    public void setArgument(MemorySegment kernel, int index, MemorySegment object) {
        setArgument(
                kernel,
                index,
                ValueLayout.ADDRESS.byteSize(),
                arena -> arena.allocateFrom(ValueLayout.ADDRESS, object));
    }

    /** Gives a kernel bytes, which are copied. */
    public void setValueArgument(MemorySegment kernel, int index, MemorySegment bytes) {
        setArgument(
                kernel,
                index,
                bytes.byteSize(),
                arena -> arena.allocate(bytes.byteSize(), ALIGNED_MOST).copyFrom(bytes));
    }

    public void setLocalArgument(MemorySegment kernel, int index, long bytes) {
        setArgument(kernel, index, bytes, arena -> MemorySegment.NULL);
    }

    private void setArgument(
            MemorySegment kernel, int index, long bytes, Function<Arena, MemorySegment> value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment at = value.apply(arena);
            check(
                    "clSetKernelArg",
                    () -> opencl_h.clSetKernelArg(kernel, index, bytes, at),
                    () -> ": arg_index=" + index + " arg_size=" + bytes);
        }
    }

    public void setSvmArgument(MemorySegment kernel, int index, MemorySegment pointer) {
        check(
                "clSetKernelArgSVMPointer",
                () -> opencl_h.clSetKernelArgSVMPointer(kernel, index, pointer),
                () -> ": arg_index=" + index);
    }

    /** {@return what a code means of a call of a program on a context and queue that it holds} */
    public static DeviceException failure(String call, int code, @Nullable Throwable cause) {
        return failureOfHeld(call, code, "", cause);
    }

    /**
     * Enqueues a kernel on a queue that is valid.
     *
     * @param after events that it begins after
     * @param hint for the message, if the driver refuses it
     * @return its event
     */
    public MemorySegment enqueueKernel(
            MemorySegment queue,
            MemorySegment kernel,
            ClRange range,
            long[] after,
            Supplier<String> hint) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(ValueLayout.ADDRESS);
            MemorySegment offset = longs(arena, range.offset());
            MemorySegment items = longs(arena, range.items());
            MemorySegment groups = longs(arena, range.groups());
            MemorySegment events = longs(arena, after.length == 0 ? null : after);
            String call = "clEnqueueNDRangeKernel";
            int code = code(
                    call,
                    () -> opencl_h.clEnqueueNDRangeKernel(
                            queue,
                            kernel,
                            range.items().length,
                            offset,
                            items,
                            groups,
                            after.length,
                            events,
                            event));
            if (code != CL_SUCCESS()) {
                throw failureOfHeld(call, code, hint.get(), null);
            }
            return handle(event.get(ValueLayout.ADDRESS, 0));
        }
    }

    private static MemorySegment longs(Arena arena, long @Nullable [] numbers) {
        return numbers == null
                ? MemorySegment.NULL
                : arena.allocateFrom(ValueLayout.JAVA_LONG, numbers);
    }

    // Events

    public MemorySegment eventContext(MemorySegment event) {
        return owner(
                "clGetEventInfo",
                CL_EVENT_CONTEXT(),
                (size, value, needed) ->
                        opencl_h.clGetEventInfo(event, CL_EVENT_CONTEXT(), size, value, needed));
    }

    public void retainEvent(MemorySegment event) {
        check("clRetainEvent", () -> opencl_h.clRetainEvent(event), () -> "");
    }

    public void releaseEvent(MemorySegment event) {
        release("clReleaseEvent", () -> opencl_h.clReleaseEvent(event));
    }

    /** {@return the queue that an event's command is in, NULL of a user event} */
    MemorySegment eventQueue(MemorySegment event) {
        return owner(
                "clGetEventInfo",
                CL_EVENT_COMMAND_QUEUE(),
                (size, value, needed) -> opencl_h.clGetEventInfo(
                        event, CL_EVENT_COMMAND_QUEUE(), size, value, needed));
    }

    /**
     * Has the driver begin a command that a command of another queue is to wait for: without a
     * flush it need not do so, and both would wait for ever (OpenCL, clFlush).
     *
     * @param event the command's
     * @param waiting the other queue
     */
    public void beginFor(MemorySegment event, MemorySegment waiting) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(ValueLayout.JAVA_INT);
            int code = executionStatus(event, status);
            if (code != CL_SUCCESS() || status.get(ValueLayout.JAVA_INT, 0) != CL_QUEUED()) {
                return; // it has begun, or the driver refuses it when it is to wait for it
            }
        }
        MemorySegment queue = eventQueue(event);
        if (queue.address() != 0 && queue.address() != waiting.address()) {
            int code = flush(queue);
            if (code != CL_SUCCESS()) {
                throw failureOfHeld("clFlush", code, "", null);
            }
        }
    }

    /**
     * {@return the result of asking to be told when an event's command has ended}
     *
     * @param notify the function that is called then, from any thread
     * @param number what it is given
     */
    int tellEnd(MemorySegment event, MemorySegment notify, long number) {
        return code(
                "clSetEventCallback",
                () -> opencl_h.clSetEventCallback(
                        event, CL_COMPLETE(), notify, MemorySegment.ofAddress(number)));
    }

    /** {@return the result of waiting} Allocates nothing but the first time. */
    int waitFor(MemorySegment events, int count) {
        int fault = fault("clWaitForEvents");
        return fault != CL_SUCCESS() ? fault : opencl_h.clWaitForEvents(count, events);
    }

    /**
     * {@return the result of asking for the execution status; if it is success, the status is in
     * {@code status}} Allocates nothing but the first time.
     */
    int executionStatus(MemorySegment event, MemorySegment status) {
        int fault = fault("clGetEventInfo");
        return fault != CL_SUCCESS()
                ? fault
                : opencl_h.clGetEventInfo(
                        event,
                        CL_EVENT_COMMAND_EXECUTION_STATUS(),
                        Integer.BYTES,
                        status,
                        MemorySegment.NULL);
    }
}
