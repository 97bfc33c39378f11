// SPDX-License-Identifier: Apache-2.0
package io.highpage.lwjgl;

import io.highpage.DeviceAccess;
import io.highpage.device.Completion;
import io.highpage.opencl.ImageLayout;
import io.highpage.opencl.KernelArgument;
import io.highpage.opencl.NdRange;
import io.highpage.opencl.OpenClDevice;
import io.highpage.opencl.OpenClKernel;
import io.highpage.opencl.OpenClMemoryMode;
import io.highpage.outcome.DeviceException;

import org.jspecify.annotations.Nullable;
import org.lwjgl.PointerBuffer;

/**
 * Lets a program that uses LWJGL's OpenCL give its kernels Highpage's memory: {@link OpenClDevice}
 * as LWJGL writes it.
 *
 * <pre>{@code
 * OpenClDevice memory = Lwjgl.device(context, device, queue);
 * try (Highpage hp = Highpage.builder().device(memory).open();
 *         PageBuffer buffer = hp.allocate(256L << 20);
 *         DeviceAccess access = buffer.access(hp.device(), AccessMode.READ_WRITE)) {
 *     Lwjgl.setArgument(kernel, 0, access);
 *     PointerBuffer done = stack.mallocPointer(1);
 *     clEnqueueNDRangeKernel(queue, kernel, 1, null, stack.pointers(items), null, null, done);
 *     Lwjgl.completesWith(access, done);
 * }
 * }</pre>
 *
 * <p>An access that was told nothing waits for the device's own queue when it is closed. It does
 * not see a kernel on another queue: {@link #launch} tells all accesses of a kernel,
 * {@link #completesWith(PointerBuffer, DeviceAccess...)} does it for a kernel that the program
 * enqueues itself. Else pages may move under the kernel, and what it writes is lost.
 *
 * <p><strong>LWJGL loads what lies under a name that anybody knows in the temporary
 * folder</strong>, which all users of a machine share, if it has the right CRC, which anybody can
 * make. Where that matters, start Java with
 * {@code -Dorg.lwjgl.system.SharedLibraryExtractPath=FOLDER} and a folder that is only yours.
 *
 * <p>Thread-safe, as far as OpenCL is: a kernel object is for one thread at a time. A handle that
 * the program has released cannot be told from a live one, here as anywhere in OpenCL.
 */
public final class Lwjgl {
    private Lwjgl() {}

    /**
     * Makes a device of a program's own context, with the best kind of memory that the driver
     * offers.
     *
     * @param context a {@code cl_context}; has to stay valid until the device is closed
     * @param device one of the context's devices
     * @param queue a queue of that context and device, which accesses wait for that were told of no
     *     other work; copies do not go there
     * @return the device's memory, for {@link io.highpage.Highpage.Builder#device}
     * @throws IllegalArgumentException if one of them is NULL, or the queue is of another context
     *     or device
     * @throws DeviceException if the driver failed
     */
    public static OpenClDevice device(long context, long device, long queue) {
        return OpenClDevice.of(context, device, queue);
    }

    /**
     * Makes a device of a program's own context.
     *
     * @param context a {@code cl_context}; has to stay valid until the device is closed
     * @param device one of the context's devices
     * @param queue a queue of that context and device, which accesses wait for that were told of no
     *     other work; copies do not go there
     * @param mode the kind of memory to use
     * @return the device's memory, for {@link io.highpage.Highpage.Builder#device}
     * @throws IllegalArgumentException if one of them is NULL, the queue is of another context or
     *     device, or a device of the context has no such memory
     * @throws DeviceException if the driver failed
     */
    public static OpenClDevice device(
            long context, long device, long queue, OpenClMemoryMode mode) {
        return OpenClDevice.of(context, device, queue, mode);
    }

    /**
     * Gives a kernel an access's memory, see {@link OpenClDevice#setArgument}.
     *
     * @param kernel a {@code cl_kernel} of the device's context
     * @param index which argument, from 0
     * @param access an open access of an OpenCL device
     * @throws IllegalArgumentException if the access is of another kind of device, or the kernel of
     *     another context
     * @throws IllegalStateException if the access is closed
     * @throws DeviceException if the driver refuses the argument
     */
    public static void setArgument(long kernel, int index, DeviceAccess access) {
        OpenClDevice.setArgument(kernel, index, access);
    }

    /**
     * Tells an access of commands that use its memory, so that closing it waits for them, see
     * {@link OpenClDevice#completesWith}.
     *
     * @param access an open access of an OpenCL device
     * @param events the commands' events, from the buffer's position to its limit, both left as
     *     they are; the access keeps its own references, so the program may release them at once
     * @throws IllegalArgumentException if the access is of another kind of device, or an event is
     *     NULL or of another context
     * @throws IllegalStateException if the access is closed
     * @throws DeviceException if the driver failed
     */
    public static void completesWith(DeviceAccess access, PointerBuffer events) {
        for (int i = events.position(); i < events.limit(); i++) {
            OpenClDevice.completesWith(access, events.get(i));
        }
    }

    /**
     * Tells all accesses of commands that use their memory, so that closing each waits for those
     * commands.
     *
     * @param events the commands' events, from the buffer's position to its limit, both left as
     *     they are; the accesses keep references of their own, so the program may release them at
     *     once
     * @param accesses open accesses of OpenCL devices, all whose memory the commands use
     * @throws IllegalArgumentException as for {@link #completesWith(DeviceAccess, PointerBuffer)};
     *     those before it are told
     * @throws IllegalStateException if an access is closed; those before it are told
     * @throws DeviceException if the driver failed
     */
    public static void completesWith(PointerBuffer events, DeviceAccess... accesses) {
        for (DeviceAccess access : accesses) {
            completesWith(access, events);
        }
    }

    /**
     * Sets all arguments of a kernel, enqueues it, and tells every access among the arguments, so
     * that closing each waits for the kernel, on whatever queue it is. Does not wait. What cannot
     * be told is waited for here instead.
     *
     * @param queue a {@code cl_command_queue} of the device's context, in order or not; the
     *     device's own or another
     * @param kernel a {@code cl_kernel} of that context, used by no other thread meanwhile
     * @param items the number of work items in each dimension
     * @param groups the number of work items of a group in each dimension; null leaves that to the
     *     driver
     * @param arguments all of the kernel's, in order, see {@link OpenClKernel}. A {@code Long} is a
     *     scalar of 64 bits: a {@code cl_mem} is {@link KernelArgument#object}
     * @throws IllegalArgumentException as {@link OpenClKernel#launch}
     * @throws IllegalStateException if an access is closed
     * @throws DeviceException as {@link OpenClKernel#launch}
     */
    public static void launch(
            long queue,
            long kernel,
            long[] items,
            long @Nullable [] groups,
            @Nullable Object... arguments) {
        NdRange range = NdRange.of(items);
        OpenClKernel.launch(
                queue, kernel, groups == null ? range : range.groups(groups), arguments);
    }

    /**
     * Launches a kernel as {@link #launch} does, after events, and gives its own.
     *
     * @param queue as for {@link #launch}
     * @param kernel as for {@link #launch}
     * @param range the work items: groups and an offset too
     * @param after events that the driver waits for first, from the buffer's position to its limit,
     *     both left as they are; or null for none
     * @param arguments as for {@link #launch}
     * @return the kernel's {@code cl_event}, for the caller to release
     * @throws IllegalArgumentException as {@link OpenClKernel#enqueue}
     * @throws IllegalStateException if an access is closed
     * @throws DeviceException as {@link OpenClKernel#launch}
     */
    public static long enqueue(
            long queue,
            long kernel,
            NdRange range,
            @Nullable PointerBuffer after,
            @Nullable Object... arguments) {
        long[] events = after == null ? new long[0] : new long[after.remaining()];
        for (int i = 0; after != null && i < events.length; i++) {
            events[i] = after.get(after.position() + i); // which every version of LWJGL has
        }
        return OpenClKernel.enqueue(queue, kernel, range, events, arguments);
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
    public static long memoryObject(DeviceAccess access) {
        return OpenClDevice.memoryObject(access);
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
    public static long image(DeviceAccess access, ImageLayout layout) {
        return OpenClDevice.image(access, layout);
    }

    /**
     * Makes a completion of an event, for an access that begins after it, see
     * {@link OpenClDevice#completion(long)}.
     *
     * @param device the device of the event's context
     * @param event the event; the completion keeps its own reference until it has been waited for
     * @return what waits for it
     * @throws IllegalArgumentException if the event is NULL or of another context
     * @throws DeviceException if the driver failed
     */
    public static Completion completion(OpenClDevice device, long event) {
        return device.completion(event);
    }
}
