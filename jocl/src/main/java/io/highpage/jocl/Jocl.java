// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl;

import io.highpage.DeviceAccess;
import io.highpage.device.Completion;
import io.highpage.device.DeviceInfo;
import io.highpage.device.DeviceMemory;
import io.highpage.opencl.ImageLayout;
import io.highpage.opencl.KernelArgument;
import io.highpage.opencl.NdRange;
import io.highpage.opencl.OpenClDevice;
import io.highpage.opencl.OpenClKernel;
import io.highpage.opencl.OpenClMemoryMode;
import io.highpage.outcome.DeviceException;

import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_device_id;
import org.jocl.cl_event;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;
import org.jocl.cl_platform_id;
import org.jocl.cl_sampler;
import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Objects;

/**
 * Lets a program that uses JOCL give its kernels Highpage's memory: {@link OpenClDevice} with
 * JOCL's objects instead of addresses.
 *
 * <pre>{@code
 * OpenClDevice memory = Jocl.device(context, device, queue);
 * try (Highpage hp = Highpage.builder().device(memory).open();
 *         PageBuffer buffer = hp.allocate(256L << 20);
 *         DeviceAccess access = buffer.access(hp.device(), AccessMode.READ_WRITE)) {
 *     Jocl.setArgument(kernel, 0, access);
 *     cl_event done = new cl_event();
 *     CL.clEnqueueNDRangeKernel(queue, kernel, 1, null, new long[] {items}, null, 0, null, done);
 *     Jocl.completesWith(access, done);
 * }
 * }</pre>
 *
 * <p>An access that was told nothing waits for the device's own queue when it is closed. It does
 * not see a kernel on another queue: {@link #launch} tells all accesses of a kernel,
 * {@link #completesWith(cl_event, DeviceAccess...)} does it for a kernel that the program enqueues
 * itself. Else pages may move under the kernel, and what it writes is lost.
 *
 * <p><strong>JOCL loads whatever lies under a name that anybody knows in the temporary
 * folder</strong>, which all users of a machine share: another user can put a library of his own
 * there, which then runs as you. Where that matters, call {@link #load()} before anything else of
 * JOCL, or start Java with {@code -Djava.io.tmpdir=FOLDER} and a folder that is only yours.
 *
 * <p>Thread-safe, as far as OpenCL is: a kernel object is for one thread at a time. An object that
 * the program has released cannot be told from a live one, here as anywhere in OpenCL.
 */
public final class Jocl {
    private Jocl() {}

    /**
     * Loads JOCL's native library out of a new folder that only this user can write to, and that is
     * gone when this returns. Has an effect only before the first use of {@code org.jocl.CL}, so it
     * belongs at a program's start; for that moment the system property {@code java.io.tmpdir},
     * which JOCL asks, names the new folder. Later calls do nothing. Thread-safe.
     *
     * @throws DeviceException if the library cannot be loaded, with the reason and what to do; JOCL
     *     cannot be used in this process then
     */
    public static void load() {
        JoclLibrary.load();
    }

    /**
     * Makes a device of a program's own context, with the best kind of memory that the driver
     * offers.
     *
     * @param context the context; has to stay valid until the device is closed
     * @param device one of the context's devices
     * @param queue a queue of that context and device, which accesses wait for that were told of no
     *     other work; copies do not go there
     * @return the device's memory, for {@link io.highpage.Highpage.Builder#device}
     * @throws IllegalArgumentException if one of them was never made, or the queue is of another
     *     context or device
     * @throws DeviceException if the driver failed
     */
    public static OpenClDevice device(
            cl_context context, cl_device_id device, cl_command_queue queue) {
        return OpenClDevice.of(
                JoclObjects.address(context, "context"),
                JoclObjects.address(device, "device"),
                JoclObjects.address(queue, "queue"));
    }

    /**
     * Makes a device of a program's own context.
     *
     * @param context the context; has to stay valid until the device is closed
     * @param device one of the context's devices
     * @param queue a queue of that context and device, which accesses wait for that were told of no
     *     other work; copies do not go there
     * @param mode the kind of memory to use
     * @return the device's memory, for {@link io.highpage.Highpage.Builder#device}
     * @throws IllegalArgumentException if one of them was never made, the queue is of another
     *     context or device, or a device of the context has no such memory
     * @throws DeviceException if the driver failed
     */
    public static OpenClDevice device(
            cl_context context,
            cl_device_id device,
            cl_command_queue queue,
            OpenClMemoryMode mode) {
        return OpenClDevice.of(
                JoclObjects.address(context, "context"),
                JoclObjects.address(device, "device"),
                JoclObjects.address(queue, "queue"),
                mode);
    }

    /**
     * Makes a device of a program's own context, with a name that messages call it by.
     *
     * @param name what to call it; without one it is {@code opencl:own}
     * @param context the context; has to stay valid until the device is closed
     * @param device one of the context's devices
     * @param queue a queue of that context and device, which accesses wait for that were told of no
     *     other work; copies do not go there
     * @param mode the kind of memory to use
     * @return the device's memory, for {@link io.highpage.Highpage.Builder#device}
     * @throws IllegalArgumentException if one of them was never made, the queue is of another
     *     context or device, or a device of the context has no such memory
     * @throws DeviceException if the driver failed
     */
    public static OpenClDevice device(
            String name,
            cl_context context,
            cl_device_id device,
            cl_command_queue queue,
            OpenClMemoryMode mode) {
        return OpenClDevice.of(
                name,
                JoclObjects.address(context, "context"),
                JoclObjects.address(device, "device"),
                JoclObjects.address(queue, "queue"),
                mode);
    }

    /**
     * Opens a device that was found on this machine, for a program that has no context yet: it has
     * a context and a queue of its own, which {@link #context} and {@link #queue} give. Loads JOCL
     * as {@link #load()} does.
     *
     * <pre>{@code
     * OpenClDevice device = Jocl.open(Devices.named("opencl"));
     * cl_context context = Jocl.context(device);
     * }</pre>
     *
     * @param found an OpenCL device, with the kind of memory that its name says
     * @return the device's memory, for {@link io.highpage.Highpage.Builder#device}, and else for
     *     the caller to close
     * @throws IllegalArgumentException if it is no OpenCL device
     * @throws DeviceException if the driver failed, or JOCL cannot be loaded
     */
    public static OpenClDevice open(DeviceInfo found) {
        JoclObjects.requireNew(); // before there is a device that nobody can use
        load();
        DeviceMemory memory = found.open();
        if (memory instanceof OpenClDevice device) {
            return device;
        }
        memory.close();
        throw new IllegalArgumentException("device " + found.name() + " is no OpenCL device, so"
                + " JOCL has no objects for it: Devices.named(\"opencl\") is one");
    }

    /**
     * {@return the platform that a device is of}
     *
     * @param device a device that is open
     * @throws IllegalStateException if it is closed
     */
    public static cl_platform_id platformId(OpenClDevice device) {
        JoclObjects.check();
        return JoclObjects.at(new cl_platform_id(), device.nativePlatform().address());
    }

    /**
     * {@return what JOCL calls a device by}
     *
     * @param device a device that is open
     * @throws IllegalStateException if it is closed
     */
    public static cl_device_id deviceId(OpenClDevice device) {
        JoclObjects.check();
        return JoclObjects.at(new cl_device_id(), device.nativeDevice().address());
    }

    /**
     * {@return the context of a device, for programs and queues of the caller's} It is the
     * device's, which releases it when it closes; what was made in it stays valid.
     *
     * @param device a device that is open
     * @throws IllegalStateException if it is closed
     */
    public static cl_context context(OpenClDevice device) {
        JoclObjects.check();
        return JoclObjects.at(new cl_context(), device.context().address());
    }

    /**
     * {@return a queue of a device, for kernels, in order; no copy waits there} It is the device's,
     * which releases it when it closes.
     *
     * @param device a device that is open
     * @throws IllegalStateException if it is closed
     */
    public static cl_command_queue queue(OpenClDevice device) {
        JoclObjects.check();
        return JoclObjects.at(new cl_command_queue(), device.queue().address());
    }

    /**
     * Gives a kernel an access's memory, see {@link OpenClDevice#setArgument}.
     *
     * @param kernel a kernel of the device's context
     * @param index which argument, from 0
     * @param access an open access of an OpenCL device
     * @throws IllegalArgumentException if the access is of another kind of device, or the kernel of
     *     another context
     * @throws IllegalStateException if the access is closed
     * @throws DeviceException if the driver refuses the argument
     */
    public static void setArgument(cl_kernel kernel, int index, DeviceAccess access) {
        OpenClDevice.setArgument(JoclObjects.address(kernel, "kernel"), index, access);
    }

    /**
     * Tells an access of a command that uses its memory, so that closing it waits for that command,
     * see {@link OpenClDevice#completesWith}.
     *
     * @param access an open access of an OpenCL device
     * @param event the command's event; the access keeps its own reference, so the program may
     *     release it at once
     * @throws IllegalArgumentException if the access is of another kind of device, or the event was
     *     never made or is of another context
     * @throws IllegalStateException if the access is closed
     * @throws DeviceException if the driver failed
     */
    public static void completesWith(DeviceAccess access, cl_event event) {
        OpenClDevice.completesWith(access, JoclObjects.address(event, "event"));
    }

    /**
     * Tells all accesses of a command that uses their memory, so that closing each waits for that
     * command.
     *
     * @param event the command's event; the accesses keep references of their own, so the program
     *     may release it at once
     * @param accesses open accesses of OpenCL devices, all whose memory the command uses
     * @throws IllegalArgumentException as for {@link #completesWith(DeviceAccess, cl_event)}; those
     *     before it are told
     * @throws IllegalStateException if an access is closed; those before it are told
     * @throws DeviceException if the driver failed
     */
    public static void completesWith(cl_event event, DeviceAccess... accesses) {
        for (DeviceAccess access : Objects.requireNonNull(accesses, "accesses")) {
            completesWith(access, event);
        }
    }

    /**
     * {@return what an error of JOCL means, see {@link OpenClDevice#failure(String, int,
     * Throwable)}}
     *
     * @param call the call's name, for the message
     * @param error what it threw, on a context and a queue that were valid; the cause
     */
    public static DeviceException failure(String call, CLException error) {
        return OpenClDevice.failure(call, error.getStatus(), error);
    }

    /**
     * Sets all arguments of a kernel, enqueues it, and tells every access among the arguments, so
     * that closing each waits for the kernel, on whatever queue it is. Does not wait. What cannot
     * be told is waited for here instead.
     *
     * @param queue a queue of the device's context, in order or not; the device's own or another
     * @param kernel a kernel of that context, used by no other thread meanwhile
     * @param items the number of work items in each dimension
     * @param groups the number of work items of a group in each dimension; null leaves that to the
     *     driver
     * @param arguments all of the kernel's, in order, see {@link OpenClKernel}; also
     *     {@code cl_mem}s and {@code cl_sampler}s
     * @throws IllegalArgumentException as {@link OpenClKernel#launch}
     * @throws IllegalStateException if an access is closed
     * @throws DeviceException as {@link OpenClKernel#launch}
     */
    public static void launch(
            cl_command_queue queue,
            cl_kernel kernel,
            long[] items,
            long @Nullable [] groups,
            @Nullable Object... arguments) {
        NdRange range = NdRange.of(items);
        OpenClKernel.launch(
                JoclObjects.address(queue, "queue"),
                JoclObjects.address(kernel, "kernel"),
                groups == null ? range : range.groups(groups),
                addresses(arguments));
    }

    /**
     * Launches a kernel as {@link #launch} does, after events, and gives its own.
     *
     * @param queue as for {@link #launch}
     * @param kernel as for {@link #launch}
     * @param range the work items: groups and an offset too
     * @param after events that the driver waits for first; null or empty for none
     * @param arguments as for {@link #launch}
     * @return the kernel's event, for the caller to release
     * @throws IllegalArgumentException as {@link OpenClKernel#enqueue}
     * @throws IllegalStateException if an access is closed
     * @throws DeviceException as {@link OpenClKernel#launch}
     */
    public static cl_event enqueue(
            cl_command_queue queue,
            cl_kernel kernel,
            NdRange range,
            cl_event @Nullable [] after,
            @Nullable Object... arguments) {
        JoclObjects.check(); // while nothing runs
        long[] events = after == null
                ? new long[0]
                : Arrays.stream(after)
                        .mapToLong(event -> JoclObjects.address(event, "event"))
                        .toArray();
        return JoclObjects.at(
                new cl_event(),
                OpenClKernel.enqueue(
                        JoclObjects.address(queue, "queue"),
                        JoclObjects.address(kernel, "kernel"),
                        range,
                        events,
                        addresses(arguments)));
    }

    /**
     * {@return the {@code cl_mem} of exactly an access's range, for libraries that take nothing
     * else; the access's, which releases it, see {@link OpenClDevice#memoryObject}}
     *
     * @param access an open access of an OpenCL device
     * @throws IllegalArgumentException if the access is of another kind of device, or begins where
     *     the device cannot begin a sub-buffer
     * @throws IllegalStateException if the access is closed
     * @throws DeviceException if the driver failed
     */
    public static cl_mem memoryObject(DeviceAccess access) {
        JoclObjects.check();
        return JoclObjects.at(new cl_mem(), OpenClDevice.memoryObject(access));
    }

    /**
     * {@return an access's pointer, for {@code clSetKernelArgSVMPointer} and the like; valid until
     * the access is closed}
     *
     * @param access an open access of a device of shared virtual memory
     * @throws IllegalStateException if the access is closed
     * @throws UnsupportedOperationException if the device has no pointers
     */
    public static Pointer pointer(DeviceAccess access) {
        JoclObjects.check();
        return JoclObjects.at(new Pointer(), access.address());
    }

    /**
     * {@return an image of two dimensions whose pixels are an access's bytes; the access's, which
     * releases it, see {@link OpenClDevice#image}}
     *
     * @param access an open access of an OpenCL device
     * @param layout format and sizes
     * @throws IllegalArgumentException if the access is of another kind of device or too short, or
     *     the device cannot have such rows; the message has the row pitch that it can
     * @throws UnsupportedOperationException if the device has no images over buffers
     * @throws IllegalStateException if the access is closed
     * @throws DeviceException if the driver failed, or knows no such format
     */
    public static cl_mem image(DeviceAccess access, ImageLayout layout) {
        JoclObjects.check();
        return JoclObjects.at(new cl_mem(), OpenClDevice.image(access, layout));
    }

    /**
     * Makes a completion of an event, for an access that begins after it, see
     * {@link OpenClDevice#completion(long)}.
     *
     * @param device the device of the event's context
     * @param event the event; the completion keeps its own reference until it has been waited for
     * @return what waits for it
     * @throws IllegalArgumentException if the event was never made or is of another context
     * @throws DeviceException if the driver failed
     */
    public static Completion completion(OpenClDevice device, cl_event event) {
        return device.completion(JoclObjects.address(event, "event"));
    }

    /** JOCL's objects are not known below. */
    private static @Nullable Object[] addresses(@Nullable Object[] arguments) {
        return Arrays.stream(Objects.requireNonNull(arguments, "arguments"))
                .map(argument -> switch (argument) {
                    case cl_mem memory ->
                        KernelArgument.object(JoclObjects.address(memory, "memory"));
                    case cl_sampler sampler ->
                        KernelArgument.sampler(JoclObjects.address(sampler, "sampler"));
                    case null, default -> argument;
                })
                .toArray();
    }
}
