// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_QUEUE_CONTEXT;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_QUEUE_DEVICE;

import io.highpage.DeviceAccess;
import io.highpage.device.Completion;
import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceMemory;
import io.highpage.device.Extent;
import io.highpage.internal.close.Closes;
import io.highpage.internal.memory.DeviceOwners;
import io.highpage.internal.opencl.BufferExtent;
import io.highpage.internal.opencl.Cl;
import io.highpage.internal.opencl.ClContext;
import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.internal.opencl.CoarseGrainedExtent;
import io.highpage.internal.opencl.CopyPlan;
import io.highpage.internal.opencl.CopyWay;
import io.highpage.internal.opencl.EventCompletion;
import io.highpage.internal.opencl.FineGrainedExtent;
import io.highpage.internal.opencl.MapCheck;
import io.highpage.internal.opencl.probe.CopyFindings;
import io.highpage.internal.os.LinuxMemory;
import io.highpage.internal.os.SignalHandlers;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.OutOfPageMemoryException;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The memory of an OpenCL device, over a context and a queue: the caller's own ({@link #of}), or
 * new ones ({@link #open}). Handles ({@code cl_context}, {@code cl_device_id},
 * {@code cl_command_queue}, {@code cl_event}) are addresses. Thread-safe.
 */
public final class OpenClDevice implements DeviceMemory {
    private final String name;
    private final ClDeviceFacts facts;
    private final OpenClMemoryMode mode;
    private final String route;
    private final ClContext context;
    private final AccessObjects objects;
    private volatile boolean closed;

    private OpenClDevice(
            String name,
            ClDeviceFacts facts,
            OpenClMemoryMode mode,
            ClContext context,
            String route) {
        this.name = name;
        this.facts = facts;
        this.mode = mode;
        this.route = route;
        this.context = context;
        this.objects = new AccessObjects(context, mode, facts);
    }

    /**
     * Uses a context and a queue of the caller's, in the best mode that every device of the context
     * supports. They are retained, and released when this device closes; the caller's own
     * references stay the caller's. An access that was told of no other work waits for the queue
     * when it closes. Copies go through a queue that the device makes for itself: what waits in the
     * caller's holds up no other pages.
     *
     * @param context a {@code cl_context}
     * @param device a {@code cl_device_id} of the context
     * @param queue a {@code cl_command_queue} of both, for kernels
     * @return the device
     * @throws IllegalArgumentException if the queue is not of this context and device
     * @throws DeviceException if the driver failed
     */
    public static OpenClDevice of(
            MemorySegment context, MemorySegment device, MemorySegment queue) {
        return of(Cl.open(), context, device, queue, null);
    }

    /**
     * As {@link #of(MemorySegment, MemorySegment, MemorySegment)}, in a given mode.
     *
     * @param context a {@code cl_context}
     * @param device a {@code cl_device_id} of the context
     * @param queue a {@code cl_command_queue} of both, for kernels
     * @param mode the kind of memory
     * @return the device
     * @throws IllegalArgumentException if the queue is not of this context and device, or a device
     *     of the context does not support the mode
     * @throws DeviceException if the driver failed
     */
    public static OpenClDevice of(
            MemorySegment context,
            MemorySegment device,
            MemorySegment queue,
            OpenClMemoryMode mode) {
        return of(Cl.open(), context, device, queue, Objects.requireNonNull(mode, "mode"));
    }

    /**
     * As {@link #of(MemorySegment, MemorySegment, MemorySegment)}, with handles as other bindings
     * give them.
     *
     * @param context address of a {@code cl_context}
     * @param device address of a {@code cl_device_id} of the context
     * @param queue address of a {@code cl_command_queue} of both, for kernels
     * @return the device
     * @throws IllegalArgumentException if the queue is not of this context and device
     * @throws DeviceException if the driver failed
     */
    public static OpenClDevice of(long context, long device, long queue) {
        return of(
                MemorySegment.ofAddress(context),
                MemorySegment.ofAddress(device),
                MemorySegment.ofAddress(queue));
    }

    /**
     * As {@link #of(MemorySegment, MemorySegment, MemorySegment, OpenClMemoryMode)}, with handles
     * as other bindings give them.
     *
     * @param context address of a {@code cl_context}
     * @param device address of a {@code cl_device_id} of the context
     * @param queue address of a {@code cl_command_queue} of both, for kernels
     * @param mode the kind of memory
     * @return the device
     * @throws IllegalArgumentException if the queue is not of this context and device, or a device
     *     of the context does not support the mode
     * @throws DeviceException if the driver failed
     */
    public static OpenClDevice of(long context, long device, long queue, OpenClMemoryMode mode) {
        return of(
                MemorySegment.ofAddress(context),
                MemorySegment.ofAddress(device),
                MemorySegment.ofAddress(queue),
                mode);
    }

    /**
     * As {@link #of(MemorySegment, MemorySegment, MemorySegment, OpenClMemoryMode)}, with a name
     * that messages call the device by; without one it is {@code opencl:own}.
     *
     * @param name what to call it
     * @param context address of a {@code cl_context}
     * @param device address of a {@code cl_device_id} of the context
     * @param queue address of a {@code cl_command_queue} of both, for kernels
     * @param mode the kind of memory
     * @return the device
     * @throws IllegalArgumentException if the queue is not of this context and device, or a device
     *     of the context does not support the mode
     * @throws DeviceException if the driver failed
     */
    public static OpenClDevice of(
            String name, long context, long device, long queue, OpenClMemoryMode mode) {
        return of(
                Cl.open(),
                Objects.requireNonNull(name, "name"),
                MemorySegment.ofAddress(context),
                MemorySegment.ofAddress(device),
                MemorySegment.ofAddress(queue),
                Objects.requireNonNull(mode, "mode"));
    }

    static OpenClDevice of(
            Cl cl,
            MemorySegment context,
            MemorySegment device,
            MemorySegment queue,
            @Nullable OpenClMemoryMode asked) {
        return of(cl, "opencl:own", context, device, queue, asked);
    }

    private static OpenClDevice of(
            Cl cl,
            String name,
            MemorySegment context,
            MemorySegment device,
            MemorySegment queue,
            @Nullable OpenClMemoryMode asked) {
        requireHandle(context, "context");
        requireHandle(device, "device");
        requireHandle(queue, "queue");
        requireSame("queue", cl.queueHandle(queue, CL_QUEUE_CONTEXT()), context, "context");
        requireSame("queue", cl.queueHandle(queue, CL_QUEUE_DEVICE()), device, "device");
        ClDeviceFacts facts = ClDeviceFacts.of(cl, device);
        List<ClDeviceFacts> all = contextFacts(cl, context);
        OpenClMemoryMode mode = modeOf(all, asked);
        boolean alone = all.size() == 1;
        return open(name, facts, mode, ClContext.of(name, cl, context, device, queue), alone);
    }

    /**
     * Opens a device with a context and a queue of its own.
     *
     * @param name what to call it
     * @param device a {@code cl_device_id}
     * @param mode the kind of memory
     * @return the device
     * @throws IllegalArgumentException if the device does not support the mode
     * @throws DeviceException if the driver failed
     */
    public static OpenClDevice open(String name, MemorySegment device, OpenClMemoryMode mode) {
        return open(Cl.open(), name, device, mode);
    }

    static OpenClDevice open(Cl cl, String name, MemorySegment device, OpenClMemoryMode asked) {
        Objects.requireNonNull(name, "name");
        requireHandle(device, "device");
        ClDeviceFacts facts = ClDeviceFacts.of(cl, device);
        OpenClMemoryMode mode = modeOf(List.of(facts), Objects.requireNonNull(asked, "mode"));
        return open(name, facts, mode, ClContext.open(name, cl, facts), true);
    }

    private static OpenClDevice open(
            String name,
            ClDeviceFacts facts,
            OpenClMemoryMode mode,
            ClContext context,
            boolean alone) {
        try {
            String route = BY_RUNTIME;
            if (mode.kind() == DeviceKind.PRIVATE) {
                boolean svm = mode == OpenClMemoryMode.COARSE_GRAINED_SVM;
                CopyPlan plan = CopyFindings.plan(facts, svm);
                if (!alone || CopyWay.asked().isPresent()) { // which nobody has looked at
                    plan = MapCheck.checked(
                            plan,
                            name,
                            bytes -> extent(context, mode, facts, bytes),
                            () -> CopyFindings.measured(facts, svm));
                }
                context.copyBy(plan);
                route = "driver, " + plan.words();
            }
            OpenClDevice device = new OpenClDevice(name, facts, mode, context, route);
            // Most drivers have taken what they take by the time they have a context.
            SignalHandlers.warnIfTaken();
            return device;
        } catch (Throwable failure) {
            Closes.rethrow(Closes.step(failure, context::close));
            throw failure;
        }
    }

    static MemorySegment requireHandle(long handle, String what) {
        MemorySegment pointer = MemorySegment.ofAddress(handle);
        requireHandle(pointer, what);
        return pointer;
    }

    private static void requireHandle(MemorySegment handle, String what) {
        if (Objects.requireNonNull(handle, what).address() == 0) {
            throw new IllegalArgumentException(
                    "the " + what + " is NULL: never made, or released already");
        }
    }

    static void requireSame(String owned, MemorySegment owner, MemorySegment wanted, String what) {
        if (owner.address() != wanted.address()) {
            throw new IllegalArgumentException(other(owned, owner, wanted, what));
        }
    }

    private static String other(
            String owned, MemorySegment owner, MemorySegment wanted, String what) {
        return "the " + owned + " belongs to another " + what + ": 0x"
                + Long.toHexString(owner.address()) + ", not 0x"
                + Long.toHexString(wanted.address());
    }

    private static List<ClDeviceFacts> contextFacts(Cl cl, MemorySegment context) {
        return cl.contextDevices(context).stream()
                .map(device -> ClDeviceFacts.of(cl, device))
                .toList();
    }

    /**
     * SVM comes from a context, so each of its devices has a say.
     *
     * @param asked the mode, or null for the best
     */
    static OpenClMemoryMode modeOf(
            List<ClDeviceFacts> ofContext, @Nullable OpenClMemoryMode asked) {
        if (asked == null) {
            return kept(
                    ofContext,
                    Stream.of(OpenClMemoryMode.values())
                            .filter(mode -> ofContext.stream()
                                    .allMatch(device -> mode.isSupported(device.svm())))
                            .findFirst()
                            .orElseThrow()); // a cl_mem, at the last
        }
        for (ClDeviceFacts device : ofContext) {
            if (!asked.isSupported(device.svm())) {
                throw new IllegalArgumentException(
                        "there is no " + asked + " in this context: SVM of " + device.deviceName()
                                + " (" + device.platformName() + ") is " + device.svmText());
            }
        }
        return kept(ofContext, asked);
    }

    private static OpenClMemoryMode kept(List<ClDeviceFacts> ofContext, OpenClMemoryMode mode) {
        for (ClDeviceFacts device : ofContext) {
            if (mode == OpenClMemoryMode.BUFFER && device.losesParts()) {
                throw new IllegalArgumentException("no page can be kept in a cl_mem of "
                        + device.description()
                        + ": bytes written to a part of one are lost with this driver; use "
                        + (device.hasSvm()
                                ? OpenClMemoryMode.COARSE_GRAINED_SVM
                                        + ", in a context where each device has it"
                                : "another device: this one has no SVM"));
            }
        }
        return mode;
    }

    /** {@return the kind of memory} */
    public OpenClMemoryMode mode() {
        return mode;
    }

    /**
     * {@return the {@code cl_context} that memory comes from, for kernels and queues of the
     * caller's}
     */
    public MemorySegment context() {
        requireOpen();
        return context.context();
    }

    /**
     * {@return the {@code cl_command_queue} that an access waits for, from this call on, which was
     * told of no other work; copies do not go there}
     */
    public MemorySegment queue() {
        requireOpen();
        return context.queue();
    }

    /** {@return the {@code cl_platform_id} that the device is of} */
    public MemorySegment nativePlatform() {
        requireOpen();
        return facts.platform();
    }

    /** {@return the {@code cl_device_id}} */
    public MemorySegment nativeDevice() {
        requireOpen();
        return facts.device();
    }

    /**
     * Gives a kernel an access's memory: a pointer where the device has pointers, else its
     * {@code cl_mem}. The access has to stay open until the kernel has ended, see
     * {@link #completesWith}.
     *
     * @param kernel address of a {@code cl_kernel} of the device's context
     * @param index which argument, from 0
     * @param access an open access of an OpenCL device
     * @throws IllegalArgumentException if the access is of another kind of device, or the kernel of
     *     another context
     * @throws IllegalStateException if the access is closed
     * @throws DeviceException if the driver refuses the argument
     */
    public static void setArgument(long kernel, int index, DeviceAccess access) {
        OpenClDevice device = of(access);
        Cl cl = device.cl();
        MemorySegment handle = requireHandle(kernel, "kernel");
        device.requireContext("kernel", cl.kernelContext(handle));
        if (access.isChecked()) {
            KernelParameter.of(cl, handle, index).requireAccess(access);
        }
        if (device.mode == OpenClMemoryMode.BUFFER) {
            cl.setArgument(handle, index, device.memoryOf(access));
        } else {
            cl.setSvmArgument(handle, index, device.memoryOf(access));
        }
        if (access.isChecked()) {
            access.givenTo("argument " + index + " of kernel " + cl.kernelName(handle));
        }
    }

    Cl cl() {
        return context.cl();
    }

    /** {@return what a kernel is given for an access: a pointer or a {@code cl_mem}} */
    MemorySegment memoryOf(DeviceAccess access) {
        requireOpen();
        return mode == OpenClMemoryMode.BUFFER
                ? access.handle()
                : MemorySegment.ofAddress(access.address());
    }

    /**
     * Drivers do not check this for pointers, and take the handle of another platform for their
     * own.
     */
    void requireContext(String owned, MemorySegment owner) {
        if (owner.address() != context.context().address()) {
            throw new IllegalArgumentException(other(owned, owner, context.context(), "context")
                    + ", the context of device " + name
                    + "; make the device of the " + owned + "'s own context, device and queue, with"
                    + " OpenClDevice.of, Jocl.device or Lwjgl.device, and open the runtime with"
                    + " Highpage.builder().device(...); or make the " + owned
                    + " in OpenClDevice.context() of this one");
        }
    }

    /** Waits for a command that an access could not be told of. */
    void await(MemorySegment event) {
        context.await(event);
    }

    /**
     * {@return address of a {@code cl_mem} of exactly an access's range, for libraries that take
     * nothing else} It is the access's: it is released when the access is closed, after the wait,
     * and not to be released by the program. Asked again, it is the same.
     *
     * <p>On a device of {@code cl_mem}s it is a sub-buffer. On one of shared virtual memory it is a
     * sub-buffer of one that is made over that memory with {@code CL_MEM_USE_HOST_PTR}, which
     * OpenCL defines to be the same memory; commands by way of it and by way of the pointer are
     * ordered as others are, by queues and events. Tell the access of commands that use it, see
     * {@link #completesWith}; in the checked mode its close asks for that, as after
     * {@link #setArgument}.
     *
     * @param access an open access of an OpenCL device
     * @throws IllegalArgumentException if the access is of another kind of device, or begins where
     *     the device cannot begin a sub-buffer
     * @throws IllegalStateException if the access is closed
     * @throws DeviceException if the driver failed
     */
    public static long memoryObject(DeviceAccess access) {
        OpenClDevice device = of(access);
        device.requireOpen();
        return given(access, device.objects.memoryOf(access), "its cl_mem (memoryObject)");
    }

    /**
     * {@return address of an image of two dimensions whose pixels are an access's bytes} It is the
     * access's, as its {@link #memoryObject} is: released when the access is closed, after the
     * wait. Each call makes another. Nothing is copied, so it needs a device with
     * {@code cl_khr_image2d_from_buffer}.
     *
     * @param access an open access of an OpenCL device
     * @param layout format and sizes
     * @throws IllegalArgumentException if the access is of another kind of device or too short, or
     *     the device cannot have such rows; the message has the row pitch that it can
     * @throws UnsupportedOperationException if the device has no images over buffers
     * @throws IllegalStateException if the access is closed
     * @throws DeviceException if the driver failed, or knows no such format
     */
    public static long image(DeviceAccess access, ImageLayout layout) {
        OpenClDevice device = of(access);
        device.requireOpen();
        return given(access, device.objects.imageOf(access, layout), "an image (image)");
    }

    /** What it is given to is not known here: the access asks to be told of it. */
    private static long given(DeviceAccess access, MemorySegment object, String as) {
        access.givenTo(as);
        return object.address();
    }

    /**
     * Tells an access of a command that uses its memory: closing the access waits for it, and
     * reports it if it failed.
     *
     * @param access an open access of an OpenCL device
     * @param event address of the command's {@code cl_event}; the access keeps its own reference,
     *     so the program may release it at once
     * @throws IllegalArgumentException if the access is of another kind of device, or the event of
     *     another context
     * @throws IllegalStateException if the access is closed
     * @throws DeviceException if the driver failed
     */
    public static void completesWith(DeviceAccess access, long event) {
        EventCompletion completion = of(access).completionOf(MemorySegment.ofAddress(event));
        try {
            access.completesWith(completion);
        } catch (Throwable refused) {
            Closes.rethrow(Closes.step(refused, completion::drop));
            throw refused;
        }
    }

    static OpenClDevice of(DeviceAccess access) {
        if (access.device().memory() instanceof OpenClDevice device) {
            return device;
        }
        throw new IllegalArgumentException("device=" + access.device().name()
                + " is not an OpenCL device: OpenCL cannot use its memory");
    }

    /**
     * {@return what a result code of OpenCL means, as an error for whoever looks at types: a
     * {@link io.highpage.outcome.DeviceLostException} if the device is gone} For calls of a program
     * on a context and a queue that were valid: drivers answer with
     * {@code CL_INVALID_COMMAND_QUEUE} and the like after a fault.
     *
     * @param call the call's name, for the message
     * @param code what it returned, other than {@code CL_SUCCESS}
     * @param cause what a binding threw for it, or null
     */
    public static DeviceException failure(String call, int code, @Nullable Throwable cause) {
        return Cl.failure(Objects.requireNonNull(call, "call"), code, cause);
    }

    /**
     * Makes a completion of an event of this device's context: for an access that ends with it, or,
     * on any device, begins after it. The event is retained until it has been waited for. A command
     * that failed is a {@link DeviceException} of the wait.
     *
     * @param event a {@code cl_event}
     * @return what waits for it
     * @throws IllegalArgumentException if the event is of another context
     * @throws DeviceException if the driver failed
     */
    public Completion completion(MemorySegment event) {
        return completionOf(event);
    }

    /**
     * As {@link #completion(MemorySegment)}, with a handle as other bindings give it.
     *
     * @param event address of a {@code cl_event}
     * @return what waits for it
     * @throws IllegalArgumentException if the event is of another context
     * @throws DeviceException if the driver failed
     */
    public Completion completion(long event) {
        return completionOf(MemorySegment.ofAddress(event));
    }

    private EventCompletion completionOf(MemorySegment event) {
        requireOpen();
        requireHandle(event, "event");
        requireContext("event", context.cl().eventContext(event));
        return EventCompletion.retain(context, event);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return facts.description() + ", " + mode;
    }

    @Override
    public String route() {
        return route;
    }

    @Override
    public DeviceKind kind() {
        return mode.kind();
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public long capacityBytes() {
        return facts.memoryBytes();
    }

    @Override
    public long maxExtentBytes() {
        return facts.maxAllocationBytes();
    }

    @Override
    public Extent allocate(long byteSize) {
        requireOpen();
        if (byteSize < 1) {
            throw new IllegalArgumentException("an extent has at least 1 byte, not " + byteSize);
        }
        if (byteSize > maxExtentBytes()) { // some drivers would give it out and fail later
            throw new OutOfPageMemoryException(
                    "device " + name + " gives at most " + maxExtentBytes()
                            + " bytes at once: requested " + byteSize,
                    true,
                    byteSize,
                    null);
        }
        if (facts.isCpu()) {
            // Its driver gives out memory that is not there, and writing to it ends the process.
            LinuxMemory.INSTANCE.checkAvailable(byteSize);
        }
        return extent(context, mode, facts, byteSize);
    }

    private static Extent extent(
            ClContext context, OpenClMemoryMode mode, ClDeviceFacts facts, long byteSize) {
        return switch (mode) {
            case FINE_GRAINED_SVM -> FineGrainedExtent.allocate(context, byteSize);
            case COARSE_GRAINED_SVM -> CoarseGrainedExtent.allocate(context, byteSize);
            case BUFFER -> BufferExtent.allocate(context, byteSize, facts.subBufferAlignment());
        };
    }

    @Override
    public boolean windowsShareExtents() {
        return mode != OpenClMemoryMode.BUFFER;
    }

    /**
     * {@inheritDoc} While nobody has asked for its {@linkplain #queue queue} there is nothing to
     * wait for, unless it is one that the program gave. After {@link #close} this still waits, as
     * long as memory of the device is in use.
     *
     * @throws IllegalStateException if the device is closed and none of its memory is in use
     */
    @Override
    public void quiesce() {
        context.finish();
    }

    /**
     * Closes the device: nothing can be allocated any more. Memory that is in use stays, and can be
     * copied home and freed; the context and the queues go with the last of it.
     *
     * @throws IllegalStateException if a runtime has the device: closing that closes it
     */
    @Override
    public void close() {
        DeviceOwners.checkClosable(this);
        closed = true;
        context.close();
    }

    @Override
    public String toString() {
        return name + " (" + description() + ")";
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("device " + name + " is closed");
        }
    }
}
